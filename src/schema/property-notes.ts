import { OrchestrationError } from '../errors/index.js'
import { ancestry } from './ancestry.js'
import type { JsonSchema } from './json-schema.js'
import { className } from './received-type.js'
import type { Schema } from './schema.js'
import type { PayloadClass } from './type-ref.js'

/** What this package's own decorators recorded about a property. */
export interface PropertyNotes {
  readonly description?: string
  readonly fragment?: JsonSchema
  /** The type by this package's own decorators. */
  readonly declared?: Schema
}

/** What `@Union` said of a class. */
export interface UnionNote {
  readonly property: string
  readonly members: () => Readonly<Record<string, PayloadClass>>
}

interface ClassNotes {
  description?: string
  union?: UnionNote
  readonly properties: Map<string, PropertyNotes>
}

/** What class-validator calls the constraint of a property that has a type by this package's decorators. */
export const declaredConstraint = 'ofType'

const notesByClass = new WeakMap<object, ClassNotes>()

/** Records something about a property of a class; what is already known of the property stays. */
export function noteProperty(target: PayloadClass, property: string, notes: PropertyNotes): void {
  const { properties } = ownNotes(target)
  properties.set(property, { ...properties.get(property), ...notes })
}

/** Records the description of a class. Subclasses do not inherit it. */
export function noteClass(target: PayloadClass, description: string): void {
  ownNotes(target).description = description
}

/** Records that a class stands for a union. Subclasses do not inherit it. */
export function noteUnion(target: PayloadClass, union: UnionNote): void {
  ownNotes(target).union = union
}

/** What was said of exactly this class. */
export function classUnion(target: PayloadClass): UnionNote | undefined {
  return notesByClass.get(target)?.union
}

/** The description of exactly this class. */
export function classDescription(target: PayloadClass): string | undefined {
  return notesByClass.get(target)?.description
}

/**
 * The notes of all properties, inherited ones first; what a subclass says replaces what its parent said, item by
 * item.
 */
export function propertyNotesOf(target: PayloadClass): Map<string, PropertyNotes> {
  const merged = new Map<string, PropertyNotes>()
  for (const owner of ancestry(target)) {
    for (const [name, notes] of notesByClass.get(owner)?.properties ?? []) {
      merged.set(name, { ...merged.get(name), ...notes })
    }
  }
  return merged
}

/**
 * The class behind the prototype that a legacy property decorator gets.
 * @throws OrchestrationError `SCHEMA_UNSUPPORTED` for a TC39 field decorator, which gets no class, and for a static
 * property.
 */
export function decoratedClass(decorator: string, twin: string, prototype: unknown, property: unknown): PayloadClass {
  if (typeof prototype === 'object' && prototype !== null && typeof property === 'string') {
    return prototype.constructor as PayloadClass
  }
  const where = typeof prototype === 'function' ? `a static property of ${className(prototype)}` : 'this place'
  throw new OrchestrationError(
    `@${decorator} cannot be used on ${where}: on properties it needs \`experimentalDecorators\`. ` +
      `Without decorators, call ${twin}(Class, 'property', …) after the class.`,
    { code: 'SCHEMA_UNSUPPORTED' },
  )
}

function ownNotes(target: PayloadClass): ClassNotes {
  let notes = notesByClass.get(target)
  if (notes === undefined) {
    notes = { properties: new Map() }
    notesByClass.set(target, notes)
  }
  return notes
}
