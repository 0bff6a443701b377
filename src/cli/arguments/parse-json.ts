import { ensureError } from '../../errors/index.js'

const parsersPlace = /(?: in JSON)? at position \d+(?: \(line \d+ column \d+\))?/

/** The data of a JSON text, with or without a byte order mark. @throws SyntaxError that says in which line and column it goes wrong */
export function parseJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '')
  try {
    return JSON.parse(json) as unknown
  } catch (thrown) {
    const { message } = ensureError(thrown)
    if (json.trim() === '') throw thrown
    // Not every version of the parser tells where, and none for every fault; what some tell is left out, to say it once.
    const before = json.slice(0, faultAt(json)).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1) as string).length + 1}`
    throw new SyntaxError(`${message.replace(parsersPlace, '')} (${place})`, { cause: thrown })
  }
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end'

const token = /[[\]{}:,]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy
const escape = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/uy

/** The token that begins at a place; `undefined` if none does. */
function tokenAt(json: string, at: number): string | undefined {
  if (json[at] === '"') return stringAt(json, at)
  token.lastIndex = at
  return token.exec(json)?.[0]
}

/** Character by character: a pattern for the whole of it runs out of stack on long ones. */
function stringAt(json: string, begin: number): string | undefined {
  for (let at = begin + 1; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === 0x22) return json.slice(begin, at + 1)
    if (code < 0x20) return undefined
    if (code !== 0x5c) continue
    escape.lastIndex = at
    const [escaped] = escape.exec(json) ?? []
    if (escaped === undefined) return undefined
    at += escaped.length - 1
  }
  return undefined
}

/** Where the first token begins that JSON cannot have there. */
function faultAt(json: string): number {
  const open: string[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    at += /^[ \t\r\n]*/.exec(json.slice(at, at + 4096))?.[0].length ?? 0
    if (/[ \t\r\n]/.test(json[at] ?? '')) continue
    const text = tokenAt(json, at)
    const next: Expected | undefined = text === undefined ? undefined : after(text, expected, open)
    if (text === undefined || next === undefined) return at
    expected = next
    at += text.length
  }
}

/** What may follow a token; `undefined` if it may not stand there. */
function after(text: string, expected: Expected, open: string[]): Expected | undefined {
  const inObject = open.at(-1) === '{'
  if (text === '}' || text === ']') {
    if (expected !== 'comma or end' && expected !== (inObject ? 'key or end' : 'value or end')) return undefined
    return open.pop() === (text === '}' ? '{' : '[') ? 'comma or end' : undefined
  }
  if (text === ':') return expected === 'colon' ? 'value' : undefined
  if (text === ',') return expected !== 'comma or end' || open.length === 0 ? undefined : inObject ? 'key' : 'value'
  if (expected === 'key' || expected === 'key or end') return text.startsWith('"') ? 'colon' : undefined
  if (expected !== 'value' && expected !== 'value or end') return undefined
  if (text !== '{' && text !== '[') return 'comma or end'
  open.push(text)
  return text === '{' ? 'key or end' : 'value or end'
}
