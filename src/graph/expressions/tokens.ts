/** A piece of an expression. Spaces between pieces are none. */
export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'symbol'
  readonly text: string
  readonly start: number
  readonly end: number
}

const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /[0-9][0-9A-Za-z_]*(\.[0-9]+([eE][+-]?[0-9]+)?)?/y
const symbol = /&&|\|\||[=!]==|[=!<>]=|\/\/|[\s\S]/y
const opening = /([rRbB]?)("""|'''|"|')/y

/** Cuts an expression up. Never throws: what makes no sense is a symbol, a string without an end reaches to the end of the text. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (kind: Token['kind'], end: number): void => {
    tokens.push({ kind, text: text.slice(at, end), start: at, end })
    at = end
  }
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) at++
    else {
      const string = matchAt(opening, text, at)
      if (string !== undefined) take('string', endOfString(text, at + string.length, string))
      else {
        const kind = kindAt(text, at)
        take(kind[0], at + kind[1].length)
      }
    }
  }
  return tokens
}

function kindAt(text: string, at: number): readonly [Token['kind'], string] {
  const found = matchAt(word, text, at)
  if (found !== undefined) return ['word', found]
  const digits = matchAt(number, text, at)
  return digits === undefined ? ['symbol', matchAt(symbol, text, at) as string] : ['number', digits]
}

function endOfString(text: string, begin: number, opened: string): number {
  const raw = /^[rR]/.test(opened)
  const quote = opened.replace(/^[rRbB]/, '')
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '\\' && !raw) at++
    else if (text.startsWith(quote, at)) return at + quote.length
  }
  return text.length
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
