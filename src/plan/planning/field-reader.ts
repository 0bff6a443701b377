import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { PlanFault } from './plan-fault.js'

/**
 * Reads the fields of one object, each spelt in camelCase or in snake_case, and notes what is wrong with them. `null` counts as left
 * out, as Python writes it.
 */
export class FieldReader {
  readonly #source: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #faults: PlanFault[]

  /** Notes the keys that are none of `fields`, which are in camelCase. */
  constructor(source: object, path: string, fields: readonly string[], faults: PlanFault[]) {
    this.#source = source as Readonly<Record<string, unknown>>
    this.#path = path
    this.#faults = faults
    this.#noteUnknown(fields)
  }

  /** Where the field is, as the source spells it; in snake_case if it is not there. */
  pathOf(field: string): string {
    const key = Object.hasOwn(this.#source, field) ? field : snakeCase(field)
    return this.#path === '' ? key : `${this.#path}.${key}`
  }

  /** The value as it is, `undefined` if it is left out. */
  get(field: string): unknown {
    return this.#own(field) ?? this.#own(snakeCase(field)) ?? undefined
  }

  fault(field: string, kind: PlanFault['kind'], message: string, expected: string, nearest?: readonly string[]): void {
    const near = nearest === undefined || nearest.length === 0 ? {} : { nearest }
    this.#faults.push({ kind, path: this.pathOf(field), message, expected, ...near })
  }

  /** Notes that a field is needed if it is left out. */
  require(field: string, expected: string): void {
    if (this.get(field) === undefined) this.fault(field, 'missing', 'This is missing.', expected)
  }

  text(field: string, expected = 'a non-empty text'): string | undefined {
    const value = this.get(field)
    if (value === undefined) return undefined
    if (typeof value === 'string' && value.trim() !== '') return value
    this.#wrong(field, value, expected)
    return undefined
  }

  number(field: string, expected: string, fits: (value: number) => boolean): number | undefined {
    const value = this.get(field)
    if (value === undefined) return undefined
    if (typeof value === 'number' && fits(value)) return value
    if (typeof value === 'number') this.fault(field, 'range', `This is ${value}.`, expected)
    else this.#wrong(field, value, expected)
    return undefined
  }

  record(field: string, expected = 'an object'): Readonly<Record<string, unknown>> | undefined {
    const value = this.get(field)
    if (value === undefined || isRecord(value)) return value
    this.#wrong(field, value, expected)
    return undefined
  }

  list(field: string, expected: string): readonly unknown[] | undefined {
    const value = this.get(field)
    if (value === undefined || Array.isArray(value)) return value
    this.#wrong(field, value, expected)
    return undefined
  }

  #own(key: string): unknown {
    return Object.hasOwn(this.#source, key) ? this.#source[key] : undefined
  }

  #wrong(field: string, value: unknown, expected: string): void {
    this.fault(field, 'type', `This is ${described(value)}.`, expected)
  }

  #noteUnknown(fields: readonly string[]): void {
    const inSnakeCase = fields.map(snakeCase)
    const known = new Set([...fields, ...inSnakeCase])
    for (const key of Object.keys(this.#source)) {
      const path = this.#path === '' ? key : `${this.#path}.${key}`
      if (!known.has(key)) this.#faults.push(unknownKey(key, path, inSnakeCase))
      else if (key !== snakeCase(key) && this.#own(snakeCase(key)) !== undefined && this.#own(key) !== undefined) {
        const message = `This is given twice, as ${key} and as ${snakeCase(key)}.`
        this.#faults.push({ kind: 'duplicate', path, message, expected: 'one of the two' })
      }
    }
  }
}

/** `max_retries` for `maxRetries`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value in a sentence, without all of its content. */
export function described(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.trim() === '' ? 'an empty text' : `the text ${shortened(JSON.stringify(value))}`
    case 'number':
    case 'boolean':
    case 'bigint':
      return `the ${typeof value} ${value}`
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}

function unknownKey(key: string, path: string, known: readonly string[]): PlanFault {
  const nearest = nearestNames(snakeCase(key), known)
  const message = `There is no such key. ${didYouMean(snakeCase(key), known, '')}`
  const expected = `one of ${known.join(', ')}`
  return { kind: 'unknown_key', path, message, expected, ...(nearest.length === 0 ? {} : { nearest }) }
}
