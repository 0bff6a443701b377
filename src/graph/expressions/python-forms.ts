import { RewrittenText } from './rewritten-text.js'
import { type Token, tokensOf } from './tokens.js'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What is inside of one pair of brackets. `not` reaches as far as the next `and`, `or` or comma there. */
interface Frame {
  /** Where the present term begins, behind a `not` that leads it. */
  term: number
  /** How many brackets are to be closed behind the present term. */
  open: number
  /** Whether the brackets are those of `.get(…)`. */
  readonly get: boolean
  /** Whether that has a second argument. */
  fallback: boolean
}

const words = new Map(Object.entries({ and: '&&', or: '||', True: 'true', False: 'false', None: 'null' }))

const methods = new Map(
  Object.entries({
    lower: 'lowerAscii',
    upper: 'upperAscii',
    strip: 'trim',
    startswith: 'startsWith',
    endswith: 'endsWith',
  }),
)

/** Writes the Python-like forms as CEL: `and`, `or`, `not`, `not in`, `is`, `True`, `None`, `len()`, `.get()` and a few methods. */
export function withoutPythonForms(text: string): RewrittenText {
  const rewritten = new RewrittenText(text)
  const edits = new PythonForms(tokensOf(text), text.length).edits()
  for (const { start, end, text: piece } of edits) rewritten.replace(start, end, piece)
  return rewritten
}

class PythonForms {
  readonly #tokens: readonly Token[]
  readonly #length: number
  readonly #edits: Edit[] = []
  readonly #frames: Frame[] = [{ term: 0, open: 0, get: false, fallback: false }]

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens
    this.#length = length
    this.#frame.term = this.#tokens[0]?.start ?? 0
  }

  edits(): readonly Edit[] {
    for (let index = 0; index < this.#tokens.length; index++) index += this.#read(index)
    this.#endTerm(this.#tokens.length)
    // What is put before a word comes before what is put in its place.
    return this.#edits.sort((a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start))
  }

  get #frame(): Frame {
    return this.#frames.at(-1) as Frame
  }

  /** Reads a token and returns how many more were read with it. */
  #read(index: number): number {
    const token = this.#tokens[index] as Token
    if (token.kind === 'symbol') {
      this.#readSymbol(token, index)
      return 0
    }
    if (token.kind !== 'word') return 0
    return this.#textAt(index - 1) === '.' ? this.#readMember(token, index) : this.#readWord(token, index)
  }

  #readWord(token: Token, index: number): number {
    const next = this.#textAt(index + 1)
    const boundary = words.get(token.text)
    if (boundary === '&&' || boundary === '||') this.#endTerm(index)
    if (boundary !== undefined) this.#put(token, boundary)
    if (token.text === 'len' && next === '(') this.#put(token, 'size')
    if (token.text === 'is') {
      const end = next === 'not' ? (this.#tokens[index + 1] as Token) : token
      this.#edits.push({ start: token.start, end: end.end, text: next === 'not' ? '!=' : '==' })
      return next === 'not' ? 1 : 0
    }
    if (token.text !== 'not') return 0
    if (next === 'in') {
      this.#edits.push({ start: this.#frame.term, end: this.#frame.term, text: '!(' })
      this.#put(token, '')
      this.#frame.open++
      return 1
    }
    if (token.start !== this.#frame.term) return 0
    this.#put(token, '!(')
    this.#frame.open++
    this.#frame.term = this.#startOf(index + 1)
    return 0
  }

  #readMember(token: Token, index: number): number {
    if (this.#textAt(index + 1) !== '(') return 0
    const method = methods.get(token.text)
    if (method !== undefined) this.#put(token, method)
    if (token.text !== 'get') return 0
    const dot = this.#tokens[index - 1] as Token
    this.#edits.push({ start: dot.start, end: (this.#tokens[index + 1] as Token).end, text: '[?' })
    this.#frames.push({ term: this.#startOf(index + 2), open: 0, get: true, fallback: false })
    return 1
  }

  #readSymbol(token: Token, index: number): void {
    const { text } = token
    if ('([{'.includes(text)) {
      this.#frames.push({ term: this.#startOf(index + 1), open: 0, get: false, fallback: false })
    } else if (')]}'.includes(text)) {
      this.#endTerm(index)
      const { get, fallback } = this.#frame
      if (this.#frames.length > 1) this.#frames.pop()
      if (get && !fallback) this.#put(token, '].orValue(null)')
    } else if (text === ',' || text === ':' || text === '&&' || text === '||' || this.#asks(text, index)) {
      this.#endTerm(index)
      if (text !== ',' || !this.#frame.get || this.#frame.fallback) return
      this.#frame.fallback = true
      this.#put(token, '].orValue(')
    }
  }

  /** Whether a `?` is that of `a ? b : c`, not that of `a.?b` or `a[?b]`. */
  #asks(text: string, index: number): boolean {
    const before = this.#textAt(index - 1)
    return text === '?' && before !== '.' && before !== '['
  }

  #endTerm(index: number): void {
    const end = this.#tokens[index - 1]?.end ?? 0
    if (this.#frame.open > 0) this.#edits.push({ start: end, end, text: ')'.repeat(this.#frame.open) })
    this.#frame.open = 0
    this.#frame.term = this.#startOf(index + 1)
  }

  #put({ start, end }: Token, text: string): void {
    this.#edits.push({ start, end, text })
  }

  #textAt(index: number): string | undefined {
    const token = this.#tokens[index]
    return token === undefined || token.kind === 'string' ? undefined : token.text
  }

  #startOf(index: number): number {
    return this.#tokens[index]?.start ?? this.#length
  }
}
