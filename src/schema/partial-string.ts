const quote = 0x22
const backslash = 0x5c

/** Reads the inside of a JSON string that arrives in pieces, from behind its first quote. Can be used again once it is closed. */
export class PartialString {
  #text = ''
  // Kept apart: looking into a text that was put together piece by piece costs as much as the whole of it.
  #lastCode = 0
  #escape = ''
  #isClosed = false
  #isBroken = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether it has an escape that JSON does not know. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** What has arrived, without half a character at its end. */
  get seen(): string {
    return isHighSurrogate(this.#lastCode) ? this.#text.slice(0, -1) : this.#text
  }

  /** Hands the whole string out, and begins anew. */
  whole(): string {
    const text = this.#text
    this.#text = ''
    this.#lastCode = 0
    this.#isClosed = false
    return text
  }

  /** Reads on, up to the closing quote. @returns where it stopped */
  take(text: string, from: number): number {
    let at = from
    while (at < text.length && !this.#isClosed && !this.#isBroken) {
      at = this.#escape === '' ? this.#takeRun(text, at) : this.#takeEscape(text, at)
    }
    return at
  }

  #takeRun(text: string, from: number): number {
    let end = from
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === quote || code === backslash) break
    }
    if (end > from) {
      this.#text += text.slice(from, end)
      this.#lastCode = text.charCodeAt(end - 1)
    }
    if (end === text.length) return end
    if (text.charCodeAt(end) === quote) this.#isClosed = true
    else this.#escape = '\\'
    return end + 1
  }

  #takeEscape(text: string, at: number): number {
    this.#escape += text.charAt(at)
    const escape = this.#escape
    const simple = escape.length === 2 ? characters.get(escape) : undefined
    if (simple !== undefined) this.#endEscape(simple)
    else if (!beginOfCode.test(escape)) this.#isBroken = true
    else if (escape.length === 6) this.#endEscape(String.fromCharCode(Number.parseInt(escape.slice(2), 16)))
    return at + 1
  }

  #endEscape(character: string): void {
    this.#text += character
    this.#lastCode = character.charCodeAt(0)
    this.#escape = ''
  }
}

const beginOfCode = /^\\u[\da-fA-F]{0,4}$/

const characters: ReadonlyMap<string, string> = new Map([
  ['\\"', '"'],
  ['\\\\', '\\'],
  ['\\/', '/'],
  ['\\b', '\b'],
  ['\\f', '\f'],
  ['\\n', '\n'],
  ['\\r', '\r'],
  ['\\t', '\t'],
])

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}
