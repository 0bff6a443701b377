import type { ExpressionPath, ExpressionValues } from './condition.js'
import { forbiddenNames } from './language.js'
import { maxNesting, maxValues } from './limits.js'

/** What of the values an expression reads; `undefined` for all of it. */
type Selection = ReadonlyMap<string, Selection> | undefined

/** Values in the form in which nothing but the data is there: maps, arrays and scalars. */
export interface ReadableValues {
  readonly values: ReadonlyMap<string, unknown>
  /** The length of the longest list or object among them. */
  readonly longest: number
  /** The length of the longest text among them. */
  readonly longestText: number
}

/** Puts together what is read of all values; what lies beside the paths is not looked at. */
export function selectionOf(paths: readonly ExpressionPath[]): ReadonlyMap<string, Selection> {
  const roots = new Map<string, Selection>()
  for (const path of paths) {
    let at: Map<string, Selection> = roots
    for (const [index, segment] of path.entries()) {
      const key = String(segment)
      if (index === path.length - 1 || (at.has(key) && at.get(key) === undefined)) {
        at.set(key, undefined)
        break
      }
      const next = at.get(key) ?? new Map<string, Selection>()
      at.set(key, next)
      at = next as Map<string, Selection>
    }
  }
  return roots
}

/** Takes out of the values what an expression reads. @throws RangeError if that is too much */
export function readableValues(values: ExpressionValues, selection: ReadonlyMap<string, Selection>): ReadableValues {
  const reader = new Reader()
  return { values: reader.fieldsOf(values, selection, 0), longest: reader.longest, longestText: reader.longestText }
}

class Reader {
  longest = 1
  longestText = 1
  #values = 0

  fieldsOf(source: object, selection: Selection, depth: number): ReadonlyMap<string, unknown> {
    const keys = selection === undefined ? Object.keys(source) : [...selection.keys()].filter(key => isOwn(source, key))
    this.#count(keys.length, depth)
    const fields = new Map<string, unknown>()
    for (const key of keys) {
      if (forbiddenNames.has(key)) continue
      const value = this.#read((source as Record<string, unknown>)[key], selection?.get(key), depth + 1)
      if (value !== undefined) fields.set(key, value)
    }
    return fields
  }

  #read(value: unknown, selection: Selection, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.longestText = Math.max(this.longestText, value.length)
        return value
      case 'number':
      case 'boolean':
        return value
      case 'bigint':
        return Number(value)
      case 'object':
        return value === null ? null : this.#readObject(value, selection, depth)
      default:
        return undefined
    }
  }

  #readObject(value: object, selection: Selection, depth: number): unknown {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
    if (!Array.isArray(value)) return this.fieldsOf(value, selection, depth)
    this.#count(value.length, depth)
    return value.map(item => this.#read(item, undefined, depth + 1) ?? null)
  }

  #count(values: number, depth: number): void {
    this.longest = Math.max(this.longest, values)
    this.#values += values
    if (this.#values > maxValues) throw new RangeError(`it reads more than ${maxValues} values`)
    if (depth > maxNesting) throw new RangeError(`it reads values that are nested more than ${maxNesting} deep`)
  }
}

function isOwn(source: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(source, key)
}
