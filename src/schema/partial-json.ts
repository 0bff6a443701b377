import { PartialString } from './partial-string.js'
import { printPath } from './payload-path.js'

type Container = unknown[] | Record<string, unknown>

/** What comes next; within an array or after a comma a closing bracket may come as well. */
type Expected = 'value' | 'element' | 'key' | 'colon' | 'comma' | 'string' | 'token' | 'nothing'

const maxDepth = 1000

/**
 * Reads JSON that arrives in pieces. What has arrived can be looked at any time: strings as far as they go, numbers, `true`, `false`
 * and `null` once they are whole, a property once its value has begun. The cost of all pieces together is linear in the text.
 *
 * It takes what `JSON.parse` takes, and besides a comma before a closing bracket and line breaks within strings, of which the meaning
 * is plain. A key that an object has twice is a problem, and so are more than 1,000 levels.
 *
 * ```ts
 * const reader = new PartialJson()
 * reader.add('{"topic": "AI in he').value // { topic: 'AI in he' }
 * reader.add('alth", "items": [').value // { topic: 'AI in health', items: [] }
 * ```
 */
export class PartialJson {
  readonly #containers: Container[] = []
  /** Where in each container the reader is. */
  readonly #places: (string | number)[] = []
  readonly #string = new PartialString()
  #isKey = false
  #token = ''
  #expected: Expected = 'value'
  #root: unknown
  #offset = 0
  #problem: string | undefined

  /** What has arrived so far, `undefined` if nothing has. It grows with the next piece; {@link snapshot} does not. */
  get value(): unknown {
    return this.#root
  }

  /** Whether the value is whole. A number that is not in a list or an object is whole after {@link end} only. */
  get isComplete(): boolean {
    return this.#problem === undefined && this.#expected === 'nothing'
  }

  /** What is wrong with the text; never quotes it, apart from keys. From then on nothing is read any more. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Takes the next piece. */
  add(text: string): this {
    if (this.take(text, 0) < text.length) this.#fail('something follows the end of the value')
    return this
  }

  /** Says that nothing follows. @returns whether the value is whole; else {@link problem} says what is wrong */
  end(): boolean {
    if (this.#expected === 'token' && this.#containers.length === 0) this.#endToken()
    if (this.#expected !== 'nothing')
      this.#fail(this.#root === undefined ? 'there is no value' : 'it ends in the middle')
    return this.isComplete
  }

  /** A copy of what has arrived so far. */
  snapshot(): unknown {
    return copyOf(this.#root)
  }

  /** @internal Reads on from a place in a text, up to what cannot follow. @returns where it stopped */
  take(text: string, from: number): number {
    let at = from
    const begin = this.#offset - from
    while (at < text.length && this.#problem === undefined) {
      this.#offset = begin + at
      if (this.#expected === 'string') at = this.#readString(text, at)
      else if (this.#expected === 'token') at = this.#readToken(text, at)
      else if (isSpace(text.charCodeAt(at))) at++
      else if (this.#expected === 'nothing') break
      else if (this.#readSign(text.charAt(at))) at++
    }
    this.#offset = begin + at
    if (this.#expected === 'string' && !this.#isKey) this.#write(this.#string.seen)
    return at
  }

  #readSign(sign: string): boolean {
    if (this.#expected === 'colon') return this.#follow(sign === ':', 'value', 'a colon')
    if (this.#expected === 'comma') {
      if (sign === ',') return this.#follow(true, Array.isArray(this.#containers.at(-1)) ? 'element' : 'key', '')
      return this.#close(sign) || this.#fail('a comma or a closing bracket is missing')
    }
    if (this.#expected === 'key') {
      if (this.#close(sign)) return true
      this.#isKey = true
      return this.#follow(sign === '"', 'string', 'a key in double quotes')
    }
    return (this.#expected === 'element' && this.#close(sign)) || this.#beginValue(sign)
  }

  #follow(isRight: boolean, next: Expected, expected: string): boolean {
    if (isRight) this.#expected = next
    return isRight || this.#fail(`${expected} is missing`)
  }

  #beginValue(sign: string): boolean {
    if (sign === '{') return this.#open({}, 'key', '')
    if (sign === '[') return this.#open([], 'element', -1)
    if (sign === '"') {
      this.#isKey = false
      this.#expected = 'string'
      this.#place('')
    } else if (/[-\dtfn]/.test(sign)) {
      this.#expected = 'token'
      this.#token = sign
    } else return this.#fail('a value is missing')
    return true
  }

  #open(container: Container, next: Expected, place: string | number): boolean {
    if (this.#containers.length === maxDepth) return this.#fail(`it has more than ${maxDepth} levels`)
    this.#place(container)
    this.#containers.push(container)
    this.#places.push(place)
    this.#expected = next
    return true
  }

  #close(sign: string): boolean {
    if (sign !== (Array.isArray(this.#containers.at(-1)) ? ']' : '}')) return false
    this.#containers.pop()
    this.#places.pop()
    this.#endValue()
    return true
  }

  #readString(text: string, from: number): number {
    const at = this.#string.take(text, from)
    if (this.#string.isBroken) this.#fail('a string has an escape that JSON does not know')
    if (!this.#string.isClosed) return at
    const whole = this.#string.whole()
    if (this.#isKey) this.#endKey(whole)
    else {
      this.#write(whole)
      this.#endValue()
    }
    return at
  }

  #endKey(key: string): void {
    this.#places[this.#places.length - 1] = key
    if (Object.hasOwn(this.#containers.at(-1) as Container, key)) this.#fail(`${this.#path()} is given twice`)
    this.#expected = 'colon'
  }

  #readToken(text: string, from: number): number {
    let at = from
    while (at < text.length && /[\w.+-]/.test(text.charAt(at))) at++
    this.#token += text.slice(from, at)
    if (at < text.length) this.#endToken()
    return at
  }

  #endToken(): void {
    const token = this.#token
    if (literals.has(token)) this.#place(literals.get(token))
    else if (number.test(token)) this.#place(Number(token))
    else {
      this.#fail(/^[-\d]/.test(token) ? 'a number is not written as JSON wants it' : 'a value is missing')
      return
    }
    this.#endValue()
  }

  #endValue(): void {
    this.#expected = this.#containers.length === 0 ? 'nothing' : 'comma'
  }

  #place(value: unknown): void {
    const place = this.#places.at(-1)
    if (typeof place === 'number') this.#places[this.#places.length - 1] = place + 1
    this.#write(value)
  }

  #write(value: unknown): void {
    const container = this.#containers.at(-1)
    const place = this.#places.at(-1) as string | number
    if (container === undefined) this.#root = value
    else if (place === '__proto__') Object.defineProperty(container, place, { ...ownProperty, value })
    else (container as Record<string | number, unknown>)[place] = value
  }

  #fail(what: string): false {
    this.#problem ??= `${what} (character ${this.#offset + 1})`
    return false
  }

  #path(): string {
    const path = printPath(this.#places)
    return path.length > 200 ? `…${path.slice(-200)}` : path
  }
}

const literals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const ownProperty = { writable: true, enumerable: true, configurable: true }

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]))
}
