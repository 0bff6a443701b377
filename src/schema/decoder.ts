import { base64ToBytes } from './base64.js'
import { setOwn, tagKey, unsafeKeys, valueKey } from './encoder.js'
import { errorFrom } from './error-form.js'
import { notSerializable } from './not-serializable.js'
import type { PayloadClass } from './type-ref.js'

type Decode = (this: Decoder, content: unknown) => unknown

const numbers: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** One pass over stored JSON. */
export class Decoder {
  readonly #classOf: ReadonlyMap<string, PayloadClass>
  readonly #path: (string | number)[] = []

  constructor(classOf: ReadonlyMap<string, PayloadClass>) {
    this.#classOf = classOf
  }

  decode(json: unknown): unknown {
    if (Array.isArray(json)) return this.list(json)
    if (typeof json === 'object' && json !== null) {
      const stored = json as Record<string, unknown>
      return Object.hasOwn(stored, tagKey) ? this.#decodeTagged(stored) : this.plain(stored)
    }
    if (typeof json === 'function' || typeof json === 'symbol' || typeof json === 'bigint' || json === undefined) {
      throw this.#damaged(`is a ${typeof json}, which is not JSON.`)
    }
    return json
  }

  list(content: unknown): unknown[] {
    if (!Array.isArray(content)) throw this.#damaged('should be an array.')
    return content.map((item, index) => this.#decodeAt(index, item))
  }

  plain(content: unknown): Record<string, unknown> {
    const decoded: Record<string, unknown> = {}
    for (const [key, value] of this.#entries(content)) setOwn(decoded, key, this.#decodeAt(key, value))
    return decoded
  }

  map(content: unknown): Map<unknown, unknown> {
    if (!Array.isArray(content)) throw this.#damaged('should be an array of pairs.')
    return new Map(
      content.map((pair, index) => {
        if (!Array.isArray(pair) || pair.length !== 2) throw this.#damaged('should hold pairs of key and value.')
        this.#path.push(index)
        const [key, value] = this.list(pair)
        this.#path.pop()
        return [key, value]
      }),
    )
  }

  date(content: unknown): Date {
    if (content === null) return new Date(Number.NaN)
    const date = new Date(typeof content === 'string' ? content : Number.NaN)
    if (Number.isNaN(date.getTime())) throw this.#damaged('should be the text of a date.')
    return date
  }

  number(content: unknown): number {
    const found = numbers.get(content)
    if (found === undefined) throw this.#damaged('should be the text of a special number.')
    return found
  }

  bigint(content: unknown): bigint {
    if (typeof content !== 'string' || !/^-?\d+$/.test(content))
      throw this.#damaged('should be the text of an integer.')
    return BigInt(content)
  }

  bytes(content: unknown): Uint8Array {
    try {
      if (typeof content === 'string') return base64ToBytes(content)
    } catch {
      // Reported below like any other content that is no base64.
    }
    throw this.#damaged('should be base64.')
  }

  error(content: unknown): Error {
    const form = Object.fromEntries(this.#entries(content))
    const { name, message, class: tag, fields = {}, cause } = form
    if (typeof name !== 'string' || typeof message !== 'string') throw this.#damaged('should be an error.')
    const target = typeof tag === 'string' ? this.#classOf.get(tag) : undefined
    if (tag !== undefined && !(target?.prototype instanceof Error))
      throw this.#damaged('should be of a class of errors.')
    const restored: Record<string, unknown> = {}
    for (const [key, value] of this.#entries(fields)) {
      if (unsafeKeys.has(key)) throw this.#damaged(`has a key \`${key}\`, which an instance must not get.`)
      restored[key] = this.#decodeAt(key, value)
    }
    return errorFrom(
      { name, message },
      target,
      restored,
      cause === undefined ? undefined : this.#decodeAt('cause', cause),
    )
  }

  #decodeTagged(stored: Record<string, unknown>): unknown {
    const tag = stored[tagKey]
    const content = Object.hasOwn(stored, valueKey) ? stored[valueKey] : undefined
    const decodeBuiltIn = builtIns.get(tag)
    if (decodeBuiltIn !== undefined) return decodeBuiltIn.call(this, content)
    const target = typeof tag === 'string' ? this.#classOf.get(tag) : undefined
    if (target === undefined) {
      throw this.#damaged(
        `is tagged ${JSON.stringify(tag)}, which no registered class has. ` +
          'Register the class it was stored with, under the same name.',
      )
    }
    return this.#instance(target, content)
  }

  #instance(target: PayloadClass, content: unknown): object {
    const instance = Object.create(target.prototype as object) as Record<string, unknown>
    for (const [key, value] of this.#entries(content)) {
      if (unsafeKeys.has(key)) throw this.#damaged(`has a key \`${key}\`, which an instance must not get.`)
      const decoded = this.#decodeAt(key, value)
      // What is stored was an own property; a setter or a read-only member of the class must not catch it.
      if (key in instance) Object.defineProperty(instance, key, { value: decoded, ...ordinary })
      else instance[key] = decoded
    }
    return instance
  }

  #entries(content: unknown): [string, unknown][] {
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw this.#damaged('should be an object.')
    return Object.entries(content)
  }

  #decodeAt(step: string | number, value: unknown): unknown {
    this.#path.push(step)
    const decoded = this.decode(value)
    this.#path.pop()
    return decoded
  }

  #damaged(problem: string) {
    return notSerializable(this.#path, `cannot be read back: it ${problem}`)
  }
}

const ordinary = { writable: true, enumerable: true, configurable: true }

const builtIns: ReadonlyMap<unknown, Decode> = new Map<unknown, Decode>([
  ['@undefined', () => undefined],
  ['@number', Decoder.prototype.number],
  ['@bigint', Decoder.prototype.bigint],
  ['@date', Decoder.prototype.date],
  ['@map', Decoder.prototype.map],
  [
    '@set',
    function (content) {
      return new Set(this.list(content))
    },
  ],
  ['@bytes', Decoder.prototype.bytes],
  ['@error', Decoder.prototype.error],
  ['@object', Decoder.prototype.plain],
])
