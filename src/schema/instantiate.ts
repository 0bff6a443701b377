import { type ClassConstructor, plainToInstance } from 'class-transformer'
import {
  type ClassShape,
  declaredClasses,
  isPayloadClass,
  namedClasses,
  type PropertyShape,
  shapeOf,
  staticTarget,
  type TypeHelp,
} from './class-shape.js'
import { copyPlain } from './copy-plain.js'
import { issueAt, type PayloadIssue } from './payload-error.js'
import type { PayloadPath } from './payload-path.js'
import { className, isPlainObject } from './received-type.js'
import type { PayloadClass } from './type-ref.js'
import { type UnionMember, unionOf } from './union.js'

/** Where a conversion is, and what it found wrong so far. */
export interface Conversion {
  readonly issues: PayloadIssue[]
  /** Whether the value is an answer in OpenAI's strict mode, where `null` stands for a property that is left out. */
  readonly strict: boolean
}

/**
 * Makes an instance of a plain object, nested ones included, the way `plainToInstance` does, with four differences:
 * the plain object is never changed, values that are instances already keep their identity, a discriminator that
 * names no class, or is missing, is refused, and an ISO string for an `@IsDate()` property becomes a `Date` without `@Type`. A class
 * that uses `@Transform`, `@Expose` or `@Exclude` is built by class-transformer itself, which copies nested
 * instances.
 */
export function instantiate(
  target: PayloadClass,
  plain: Record<string, unknown>,
  path: PayloadPath,
  conversion: Conversion,
): object {
  const union = unionOf(target)
  if (union !== undefined) {
    const member = memberOf(union.property, union.members, plain, path, conversion)
    if (member === undefined) return plain
    if (member !== target) return instantiate(member, plain, path, conversion)
  }
  const shape = shapeOf(target)
  if (shape.customised) return instantiateCustomised(shape, plain, path, conversion)
  const instance = new (target as ClassConstructor<object>)() as Record<string, unknown>
  for (const key of Object.keys(plain)) {
    const property = shape.properties.get(key)
    const value = plain[key]
    if (isDropped(property, value, conversion) || !isAssignable(instance, key)) continue
    instance[key] = convertProperty(
      property,
      value,
      { newObject: instance, object: plain, property: key },
      path,
      conversion,
    )
  }
  return instance
}

function instantiateCustomised(
  shape: ClassShape,
  plain: Record<string, unknown>,
  path: PayloadPath,
  conversion: Conversion,
): object {
  const target = shape.target as ClassConstructor<object>
  const instance = plainToInstance(target, prepared(shape, plain, path, conversion)) as Record<string, unknown>
  for (const property of shape.properties.values()) {
    const value = plain[property.exposedName]
    if (!isConvertedHere(property) || isDropped(property, value, conversion) || value === undefined) continue
    const help = { newObject: instance, object: plain, property: property.exposedName }
    instance[property.name] = convertProperty(property, value, help, path, conversion)
  }
  return instance
}

/** Turns the plain objects that an instance holds in properties with `@Type` into instances, in place. */
export function adoptNested(instance: object, path: PayloadPath, conversion: Conversion, seen?: Set<object>): void {
  const { nested } = shapeOf(instance.constructor as unknown as PayloadClass)
  if (nested.length === 0) return
  const known = seen ?? new Set()
  if (known.has(instance)) return
  known.add(instance)
  const holder = instance as Record<string, unknown>
  for (const property of nested) {
    const value = holder[property.name]
    if (typeof value !== 'object' || value === null) continue
    const help = { newObject: instance, object: holder, property: property.name }
    const segments = [...path, property.name]
    const { declared } = property.notes
    const converted =
      declared === undefined
        ? convertNested(property, value, help, segments, conversion, known)
        : declared.convert(value, segments, conversion)
    if (converted !== value && !Reflect.set(holder, property.name, converted)) {
      conversion.issues.push(
        issueAt(segments, 'is read-only and holds a plain object instead of an instance', value, 'type'),
      )
    }
  }
}

function convertProperty(
  property: PropertyShape | undefined,
  value: unknown,
  help: TypeHelp,
  path: PayloadPath,
  conversion: Conversion,
): unknown {
  if (value === null || value === undefined) return value
  const declared = property?.notes.declared
  if (declared !== undefined) return copyPlain(declared.convert(value, [...path, help.property], conversion))
  if (property?.type !== undefined) return convertNested(property, value, help, [...path, help.property], conversion)
  if (property?.isBareDate === true) return datesFrom(value)
  return typeof value === 'object' ? copyPlain(value) : value
}

function convertNested(
  property: PropertyShape,
  value: unknown,
  help: TypeHelp,
  path: PayloadPath,
  conversion: Conversion,
  seen?: Set<object>,
): unknown {
  const convert = (item: unknown, step: string | number) =>
    convertNested(property, item, help, [...path, step], conversion, seen)
  if (Array.isArray(value)) {
    const converted = value.map(convert)
    return seen === undefined ? converted : replaced(value, converted)
  }
  if (value instanceof Set) {
    const items = [...value]
    const converted = items.map(convert)
    return replaced(items, converted) === items ? value : new Set(converted)
  }
  if (value instanceof Map) {
    const items = [...value.values()]
    const converted = [...value].map(([key, item]) => convert(item, String(key)))
    return replaced(items, converted) === items
      ? value
      : new Map([...value.keys()].map((key, at) => [key, converted[at]]))
  }
  return convertOne(property, value, help, path, conversion, seen)
}

function convertOne(
  property: PropertyShape,
  value: unknown,
  help: TypeHelp,
  path: PayloadPath,
  conversion: Conversion,
  seen: Set<object> | undefined,
): unknown {
  const { type } = property
  if (value === null || value === undefined || type === undefined) return value
  if (isPlainObject(value)) {
    const { discriminator } = type
    const target =
      discriminator === undefined
        ? type.targetFor(help)
        : memberOf(discriminator.property, discriminator.subtypes, value, path, conversion)
    if (discriminator !== undefined && target === undefined) return value
    if (!isPayloadClass(target)) return target === Date || target === undefined ? value : copyPlain(value)
    return instantiate(target, withoutDiscriminator(property, value), path, conversion)
  }
  const target = type.targetFor(help)
  if (typeof value === 'object' && isPayloadClass(target)) {
    if (!(value instanceof target) && !type.discriminator?.subtypes.some(subtype => value instanceof subtype.target)) {
      conversion.issues.push(issueAt(path, `should be an instance of ${className(target)}`, value, 'type'))
    } else {
      adoptNested(value, path, conversion, seen)
    }
    return value
  }
  // An instance is taken as it is; only what comes as plain data is coerced.
  return seen === undefined ? coerced(target, value, path, conversion) : value
}

function memberOf(
  discriminator: string,
  members: readonly UnionMember[],
  value: Record<string, unknown>,
  path: PayloadPath,
  { issues }: Conversion,
): PayloadClass | undefined {
  const named = Object.hasOwn(value, discriminator) ? value[discriminator] : undefined
  const found = members.find(member => member.name === named)
  if (found === undefined) {
    const names = members.map(member => member.name).join(', ')
    issues.push(issueAt([...path, discriminator], `must be one of: ${names}`, named, 'discriminator'))
  }
  return found?.target
}

/** Whether class-transformer cannot make what a property holds: it knows only its own decorators. */
function isConvertedHere(property: PropertyShape): boolean {
  const { notes, type, name } = property
  if (notes.declared !== undefined) return true
  if (type !== undefined && staticTarget(type, name) === BigInt) return true
  return declaredClasses(property).some(target => isOurs(target, new Set()))
}

function isOurs(target: PayloadClass, seen: Set<PayloadClass>): boolean {
  if (seen.has(target)) return false
  seen.add(target)
  if (unionOf(target) !== undefined) return true
  if ([...shapeOf(target).properties.values()].some(property => property.notes.declared !== undefined)) return true
  return namedClasses(target).some(named => isOurs(named, seen))
}

function withoutDiscriminator({ type }: PropertyShape, value: Record<string, unknown>): Record<string, unknown> {
  const discriminator = type?.discriminator
  if (discriminator === undefined || discriminator.kept || !Object.hasOwn(value, discriminator.property)) return value
  const { [discriminator.property]: _named, ...rest } = value
  return rest
}

function coerced(target: unknown, value: unknown, path: PayloadPath, { issues }: Conversion): unknown {
  if (target === String) return String(value)
  if (target === Number) return Number(value)
  if (target === Boolean) return Boolean(value)
  if (target === BigInt && typeof value !== 'bigint') {
    if (Number.isSafeInteger(value) || (typeof value === 'string' && wholeNumber.test(value)))
      return BigInt(value as string)
    issues.push(issueAt(path, 'must be a whole number, or one in digits', value, 'type'))
  }
  if (target !== Date || value instanceof Date) return value
  const date = new Date(value as string)
  if (Number.isNaN(date.getTime())) issues.push(issueAt(path, 'must be a date in ISO 8601', value, 'type'))
  return date
}

const wholeNumber = /^-?\d+$/

function datesFrom(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(datesFrom)
  if (typeof value !== 'string') return value
  const date = new Date(value)
  return isoDate.test(value) && !Number.isNaN(date.getTime()) ? date : value
}

/** An ISO 8601 date, or a date with a time. */
export const isoDate = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

function isDropped(property: PropertyShape | undefined, value: unknown, { strict }: Conversion): boolean {
  return strict && value === null && property?.optional === true && !property.nullable
}

function isAssignable(instance: Record<string, unknown>, key: string): boolean {
  if (key === '__proto__' || key === 'constructor') return false
  if (!(key in instance)) return true
  let holder: object | null = instance
  while (holder !== null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key)
    if (descriptor !== undefined) {
      return 'value' in descriptor ? typeof descriptor.value !== 'function' : descriptor.set !== undefined
    }
    holder = Object.getPrototypeOf(holder) as object | null
  }
  return true
}

function replaced<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return after.every((item, at) => item === before[at]) ? before : after
}

// class-transformer deletes discriminators from what it is given, so it gets a copy.
function prepared(
  shape: ClassShape,
  plain: Record<string, unknown>,
  path: PayloadPath,
  conversion: Conversion,
): Record<string, unknown> {
  const copy = copyPlain(plain) as Record<string, unknown>
  for (const property of shape.properties.values()) {
    const { exposedName } = property
    if (!Object.hasOwn(copy, exposedName)) continue
    const value = copy[exposedName]
    if (isDropped(property, value, conversion) || isConvertedHere(property)) delete copy[exposedName]
    else if (property.type !== undefined)
      copy[exposedName] = preparedNested(property, value, [...path, exposedName], conversion)
    else if (property.isBareDate) copy[exposedName] = datesFrom(value)
  }
  return copy
}

function preparedNested(property: PropertyShape, value: unknown, path: PayloadPath, conversion: Conversion): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => preparedNested(property, item, [...path, index], conversion))
  }
  if (!isPlainObject(value) || property.type === undefined) return value
  const { discriminator } = property.type
  const target =
    discriminator === undefined
      ? staticTarget(property.type, property.name)
      : memberOf(discriminator.property, discriminator.subtypes, value, path, conversion)
  return isPayloadClass(target) ? prepared(shapeOf(target), value, path, conversion) : value
}
