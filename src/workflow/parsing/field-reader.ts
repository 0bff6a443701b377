import { nearestNames } from '../../errors/internal.js'
import { placeOf } from '../templates/template.js'
import { type FaultList, kindOf } from './fault-list.js'

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads the fields of an object one by one, under their names in snake_case or in camelCase; what is not what it should be is a fault,
 * and reads as if it were missing.
 */
export class FieldReader {
  readonly path: string
  readonly #faults: FaultList
  readonly #fields: Map<string, { readonly value: unknown; readonly written: string }>

  constructor(object: JsonObject, path: string, faults: FaultList, known: readonly string[]) {
    this.path = path
    this.#faults = faults
    this.#fields = new Map()
    for (const [written, value] of Object.entries(object)) {
      const name = known.includes(written) ? written : snakeCase(written)
      const key = known.includes(name) ? name : written
      if (this.#fields.has(key)) {
        faults.add(this.at(key), 'It is given twice, under two forms of its name.', 'Keep one of them.')
      } else this.#fields.set(key, { value, written })
    }
  }

  /** Where a field is written. */
  at(name: string): string {
    const written = this.#fields.get(name)?.written ?? name
    return placeOf(this.path, written)
  }

  get names(): readonly string[] {
    return [...this.#fields.keys()]
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  /** Any value; `null` counts as missing unless it `mayBeNull`. */
  any(name: string, mayBeNull = false): unknown {
    const value = this.#fields.get(name)?.value
    return value === null && !mayBeNull ? undefined : value
  }

  text(name: string): string | undefined {
    const what = typeof this.any(name) === 'string' ? 'a text that is not blank' : 'a text'
    return this.#of(name, what, (value): value is string => typeof value === 'string' && value.trim() !== '')
  }

  flag(name: string): boolean | undefined {
    return this.#of(name, 'true or false', (value): value is boolean => typeof value === 'boolean')
  }

  object(name: string): JsonObject | undefined {
    return this.#of(name, 'an object', isObject)
  }

  number(name: string, expected: string, fits: (value: number) => boolean): number | undefined {
    return this.#of(name, expected, (value): value is number => typeof value === 'number' && fits(value))
  }

  count(name: string, least: number, most: number): number | undefined {
    const expected = `a whole number from ${least} to ${most}`
    return this.number(name, expected, value => Number.isInteger(value) && value >= least && value <= most)
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const expected = allowed.map(each => `"${each}"`).join(' or ')
    return this.#of(name, expected, (value): value is T => (allowed as readonly unknown[]).includes(value))
  }

  /** Refuses what is in no list of names; with `onlyNear`, only what looks like a slip. */
  refuseOthers(known: readonly string[], { onlyNear = false } = {}): void {
    for (const name of this.names) {
      if (known.includes(name)) continue
      const isNear = nearestNames(name.slice(0, 200), known).length > 0
      if (!onlyNear || isNear) this.#faults.unknown(this.at(name), 'Key', name, known, '')
    }
  }

  #of<T>(name: string, expected: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.any(name)
    if (value === undefined || is(value)) return value
    this.#faults.add(this.at(name), `It is ${kindOf(value)}.`, `It has to be ${expected}.`)
    return undefined
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
