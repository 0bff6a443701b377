import { ancestry } from './ancestry.js'
import { isNotNull } from './nullable.js'
import { type PropertyNotes, propertyNotesOf } from './property-notes.js'
import { type TransformerMetadata, type TypeDeclaration, transformerMetadataOf } from './transformer-metadata.js'
import type { PayloadClass } from './type-ref.js'
import { unionOf } from './union.js'
import { ruleType, type ValidationRule, validationRulesOf } from './validation-rules.js'

/** One class a property with a discriminator can hold. */
export interface Subtype {
  readonly name: string
  readonly target: PayloadClass
}

/** What `@Type` says about a property. */
export interface PropertyType {
  /** The declared class; also `String`, `Number`, `Boolean`, `Date`. May depend on the object it is asked for. */
  readonly targetFor: (help: TypeHelp) => unknown
  readonly discriminator: Discriminator | undefined
}

/** What `@Type(help => …)` is told, as class-transformer does. */
export interface TypeHelp {
  readonly newObject: unknown
  readonly object: Record<string, unknown>
  readonly property: string
}

/** The property of a plain object that says which of several classes it is. */
export interface Discriminator {
  readonly property: string
  readonly subtypes: readonly Subtype[]
  /** Whether the property stays on the instance. */
  readonly kept: boolean
}

/** Everything that is known about one property of a payload class. */
export interface PropertyShape {
  readonly name: string
  /** The name of the property in plain objects and JSON. */
  readonly exposedName: string
  readonly rules: readonly ValidationRule[]
  readonly type: PropertyType | undefined
  readonly notes: PropertyNotes
  /** Whether the property may be left out. */
  readonly optional: boolean
  readonly nullable: boolean
  /** Whether the value is validated by the rules of its own class. */
  readonly nested: boolean
  /** Whether it is a date that no `@Type` converts, so that an ISO string has to be converted here. */
  readonly isBareDate: boolean
}

/** Everything that is known about a payload class; ancestors included, in the order of declaration. */
export interface ClassShape {
  readonly target: PayloadClass
  readonly properties: ReadonlyMap<string, PropertyShape>
  /** The properties whose values are instances of other payload classes. */
  readonly nested: readonly PropertyShape[]
  /** Whether class-transformer itself must build instances, for `@Transform`, `@Expose` and `@Exclude`. */
  readonly customised: boolean
}

const shapes = new WeakMap<PayloadClass, ClassShape>()

/** The shape of a class. It is read at the first use; a decorator applied after that is not seen. */
export function shapeOf(target: PayloadClass): ClassShape {
  let shape = shapes.get(target)
  if (shape === undefined) {
    shape = readShape(target)
    shapes.set(target, shape)
  }
  return shape
}

/** The classes a value of this property can be declared to have: by this package's decorators, by `@Type`, by its discriminator. */
export function declaredClasses({ name, type, notes }: PropertyShape): PayloadClass[] {
  if (notes.declared !== undefined) return [...notes.declared.payloadClasses]
  if (type === undefined) return []
  const target = staticTarget(type, name)
  const base = isPayloadClass(target) ? [target] : []
  return [...base, ...(type.discriminator?.subtypes.map(subtype => subtype.target) ?? [])]
}

/** The classes that a class names itself: the members of its union, and those of its properties. */
export function namedClasses(target: PayloadClass): PayloadClass[] {
  const members = unionOf(target)?.members.map(member => member.target) ?? []
  return [...members, ...[...shapeOf(target).properties.values()].flatMap(declaredClasses)]
}

/** What `@Type` gives when there is no object to look at; `undefined` if it cannot say without one. */
export function staticTarget(type: PropertyType, property: string): unknown {
  try {
    return type.targetFor({ newObject: {}, object: {}, property })
  } catch {
    return undefined
  }
}

/** Whether a target of `@Type` is a class of the user, and not one of the built-in ones. */
export function isPayloadClass(target: unknown): target is PayloadClass {
  return typeof target === 'function' && target.prototype !== undefined && !builtIns.has(target)
}

const builtIns = new Set<unknown>([
  String,
  Number,
  Boolean,
  Object,
  Array,
  Date,
  Map,
  Set,
  Uint8Array,
  BigInt,
  RegExp,
  URL,
])

function readShape(target: PayloadClass): ClassShape {
  const rules = validationRulesOf(target)
  const transformer = transformerMetadataOf(target)
  const notes = propertyNotesOf(target)
  const names = propertyNames(target, rules, transformer, notes)
  const properties = new Map<string, PropertyShape>()
  for (const name of names) {
    if (transformer.excluded.has(name)) continue
    const own = rules.filter(rule => rule.propertyName === name)
    properties.set(name, readProperty(name, own, transformer, notes.get(name) ?? {}))
  }
  const nested = [...properties.values()].filter(property => mayHoldInstances(property))
  return { target, properties, nested, customised: transformer.customised }
}

function propertyNames(
  target: PayloadClass,
  rules: readonly ValidationRule[],
  transformer: TransformerMetadata,
  notes: ReadonlyMap<string, PropertyNotes>,
): Set<string> {
  const names = new Set<string>()
  for (const owner of ancestry(target)) {
    for (const rule of rules) if (rule.target === owner) names.add(rule.propertyName)
  }
  return new Set([...names, ...transformer.types.keys(), ...notes.keys()])
}

function readProperty(
  name: string,
  rules: readonly ValidationRule[],
  transformer: TransformerMetadata,
  notes: PropertyNotes,
): PropertyShape {
  const declaration = transformer.types.get(name)
  const conditions = rules.filter(rule => rule.type === ruleType.conditional).map(rule => rule.constraints[0])
  return {
    name,
    exposedName: transformer.exposedNames.get(name) ?? name,
    rules,
    type: declaration === undefined ? undefined : propertyType(declaration),
    notes,
    optional: conditions.some(condition => condition !== isNotNull),
    nullable: conditions.includes(isNotNull),
    nested: rules.some(rule => rule.type === ruleType.nested),
    isBareDate: declaration === undefined && rules.some(rule => rule.name === 'isDate'),
  }
}

function propertyType({ typeFunction, options }: TypeDeclaration): PropertyType {
  const { discriminator, keepDiscriminatorProperty } = options ?? {}
  return {
    targetFor: help => typeFunction(help),
    discriminator: discriminator && {
      property: discriminator.property,
      subtypes: discriminator.subTypes.map(({ name, value }) => ({ name, target: value as PayloadClass })),
      kept: keepDiscriminatorProperty === true,
    },
  }
}

function mayHoldInstances({ name, type, notes }: PropertyShape): boolean {
  if (notes.declared !== undefined) return true
  if (type === undefined) return false
  if (type.discriminator !== undefined) return true
  const target = staticTarget(type, name)
  return target === undefined || isPayloadClass(target)
}
