import { bytesToBase64 } from './base64.js'
import { errorForm } from './error-form.js'
import type { Json } from './json.js'
import { notSerializable } from './not-serializable.js'
import { className, isPlainObject } from './received-type.js'

/** The key that marks an object as standing for something JSON has no form for. Built-in tags start with `@`. */
export const tagKey = '$'

/** The key of what a tagged object is made of. */
export const valueKey = 'v'

/** Keys that could reach a prototype when an instance is restored. */
export const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

type JsonObject = { [key: string]: Json }

/** One pass over one value. */
export class Encoder {
  readonly #tagOf: ReadonlyMap<unknown, string>
  readonly #errors: 'all' | 'words'
  readonly #path: (string | number)[] = []
  readonly #ancestors = new Set<object>()

  /** @param errors how much is kept of errors */
  constructor(tagOf: ReadonlyMap<unknown, string>, errors: 'all' | 'words' = 'all') {
    this.#tagOf = tagOf
    this.#errors = errors
  }

  encode(value: unknown): Json {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : tagged('@number', Object.is(value, -0) ? '-0' : String(value))
      case 'undefined':
        return { [tagKey]: '@undefined' }
      case 'bigint':
        return tagged('@bigint', String(value))
      case 'object':
        return value === null ? null : this.#encodeObject(value)
      default:
        throw notSerializable(
          this.#path,
          `is a ${typeof value}, which cannot be stored. Keep it out of inputs and outputs.`,
        )
    }
  }

  #encodeObject(value: object): Json {
    if (this.#ancestors.has(value)) {
      throw notSerializable(this.#path, 'contains itself, which cannot be stored. Refer to it by an id instead.')
    }
    this.#ancestors.add(value)
    const encoded = this.#encodeByKind(value)
    this.#ancestors.delete(value)
    return encoded
  }

  #encodeByKind(value: object): Json {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Array.prototype) return this.#encodeList(value as unknown[])
    if (prototype === Object.prototype || isPlainObject(value)) return this.#encodePlain(value)
    if (prototype === Date.prototype) return tagged('@date', dateText(value as Date))
    if (prototype === Map.prototype) return tagged('@map', this.#encodeMap(value as Map<unknown, unknown>))
    if (prototype === Set.prototype) return tagged('@set', this.#encodeList([...(value as Set<unknown>)]))
    if (value instanceof Error) return tagged('@error', this.#encodeError(value))
    if (value instanceof Uint8Array) return tagged('@bytes', bytesToBase64(value))
    return this.#encodeInstance(value, (prototype as object).constructor)
  }

  // A pass of its own for each part: one that fails leaves the path as it was where it failed.
  #encodeError(error: Error): Json {
    const encode = (part: unknown): Json => new Encoder(this.#tagOf, 'words').encode(part)
    return errorForm(error, this.#tagOf, encode, this.#errors) as unknown as Json
  }

  #encodeInstance(value: object, target: unknown): Json {
    const tag = this.#tagOf.get(target)
    if (tag === undefined) {
      const name = className(target)
      throw notSerializable(
        this.#path,
        `is an instance of ${name}, a class that is not registered. Declare it as input or output of a state, ` +
          `or name it with \`@Type(() => ${name})\` on the property that holds it.`,
      )
    }
    if (hasHiddenContent(value)) {
      throw notSerializable(
        this.#path,
        `is an instance of ${className(target)}, which extends a built-in class whose content cannot be stored.`,
      )
    }
    for (const key of unsafeKeys) {
      if (Object.hasOwn(value, key))
        throw notSerializable(this.#path, `has a property \`${key}\`, which an instance cannot get back.`)
    }
    return tagged(tag, this.#encodeEntries(value))
  }

  #encodePlain(value: object): Json {
    const entries = this.#encodeEntries(value)
    return Object.hasOwn(entries, tagKey) ? tagged('@object', entries) : entries
  }

  #encodeEntries(value: object): JsonObject {
    for (const symbol of Object.getOwnPropertySymbols(value)) {
      if (!Object.prototype.propertyIsEnumerable.call(value, symbol)) continue
      throw notSerializable(this.#path, `has the symbol ${String(symbol)} as a key, which cannot be stored.`)
    }
    const entries: JsonObject = {}
    for (const key of Object.keys(value)) {
      const encoded = this.#encodeAt(key, (value as Record<string, unknown>)[key])
      setOwn(entries, key, encoded)
    }
    return entries
  }

  #encodeList(list: readonly unknown[]): Json[] {
    const encoded: Json[] = []
    for (let index = 0; index < list.length; index++) encoded.push(this.#encodeAt(index, list[index]))
    return encoded
  }

  #encodeMap(map: Map<unknown, unknown>): Json[] {
    return [...map].map((entry, index) => {
      this.#path.push(index)
      const encoded = this.#encodeList(entry)
      this.#path.pop()
      return encoded
    })
  }

  // The path is not put right again after a failure, which needs it as it was where it happened.
  #encodeAt(step: string | number, value: unknown): Json {
    this.#path.push(step)
    const encoded = this.encode(value)
    this.#path.pop()
    return encoded
  }
}

/** Sets an own property, also one named `__proto__`. */
export function setOwn<T>(target: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

function tagged(tag: string, value: Json): Json {
  return { [tagKey]: tag, [valueKey]: value }
}

function dateText(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function hasHiddenContent(value: object): boolean {
  return (
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    [Map, Set, WeakMap, WeakSet, Date, RegExp, Error, Promise, ArrayBuffer].some(builtIn => value instanceof builtIn)
  )
}
