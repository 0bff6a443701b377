import { didYouMean } from '../errors/internal.js'
import type { Json } from '../schema/index.js'
import type { ProblemList } from './problem-list.js'

/** Whether a value is an object of its own fields only: written as `{ … }`, or read from JSON. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What a wrong value is, in a message. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value !== 'object') return `a ${typeof value}`
  return isPlainObject(value) ? 'an object' : `an instance of ${value.constructor.name || 'a class'}`
}

/** The fields of an object, after telling of those that nobody knows. Empty if it is no object. */
export function knownFields(value: unknown, known: readonly string[], problems: ProblemList): Record<string, unknown> {
  if (!isPlainObject(value)) {
    problems.add('', `Is ${kindOf(value)}.`, `Expected is an object with ${known.join(', ')}.`)
    return {}
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) problems.add(key, 'Is no known field.', didYouMean(key, known, ''))
  }
  return value
}

/** One of some words, or the default where it is missing. */
export function oneOf<T extends string>(
  place: string,
  value: unknown,
  words: readonly T[],
  otherwise: T,
  problems: ProblemList,
): T {
  if (value === undefined) return otherwise
  const found = words.find(word => word === value)
  if (found === undefined) problems.add(place, `Is ${kindOf(value)}.`, `Expected is ${words.join(', ')}.`)
  return found ?? otherwise
}

/** True or false, or the default where it is missing. */
export function flag(place: string, value: unknown, otherwise: boolean, problems: ProblemList): boolean {
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') problems.add(place, `Is ${kindOf(value)}.`, 'Expected is true or false.')
  return value === true
}

/** A whole number, 1 or more. */
export function count(place: string, value: unknown, problems: ProblemList): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number
  problems.add(place, `Is ${kindOf(value)}.`, 'Expected is a whole number, 1 or more.')
  return 1
}

/** A time in seconds, more than 0. */
export function seconds(place: string, value: unknown, problems: ProblemList): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value
  problems.add(place, `Is ${kindOf(value)}.`, 'Expected is a number of seconds, more than 0.')
  return 1
}

/** A list; empty if it is none. */
export function list(place: string, value: unknown, problems: ProblemList): readonly unknown[] {
  if (Array.isArray(value)) return value
  problems.add(place, `Is ${kindOf(value)}.`, 'Expected is a list.')
  return []
}

/** How deep metadata may be nested. */
const deepest = 50

/** A frozen copy of metadata; empty where it is missing. Tells of whatever is no JSON. */
export function metadataOf(value: unknown, problems: ProblemList): Readonly<Record<string, Json>> {
  if (value === undefined) return Object.freeze({})
  if (isPlainObject(value)) return frozenJson('metadata', value, problems) as Readonly<Record<string, Json>>
  problems.add('metadata', `Is ${kindOf(value)}.`, 'Expected is an object of plain data.')
  return {}
}

function frozenJson(place: string, value: unknown, problems: ProblemList, inside: readonly unknown[] = []): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  // JSON has no -0: it would be read back as 0.
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0
  if (inside.includes(value)) {
    problems.add(place, 'Contains itself.', 'Expected is what JSON can express.')
    return null
  }
  if (inside.length >= deepest) {
    problems.add(place, `Is nested deeper than ${deepest} levels.`, 'Keep metadata flat.')
    return null
  }
  const around = [...inside, value]
  if (Array.isArray(value)) {
    return Object.freeze(value.map((each, index) => frozenJson(`${place}[${index}]`, each, problems, around)))
  }
  if (isPlainObject(value)) {
    // A field that is undefined is not there in JSON, and must not make a topology differ from what is read back.
    const fields = Object.entries(value).filter(([, each]) => each !== undefined)
    return Object.freeze(
      Object.fromEntries(fields.map(([key, each]) => [key, frozenJson(`${place}.${key}`, each, problems, around)])),
    )
  }
  problems.add(place, `Is ${kindOf(value)}.`, 'Expected is what JSON can express.')
  return null
}
