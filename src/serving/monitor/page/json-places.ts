/** A stretch of a text. */
export interface TextPlace {
  readonly start: number
  readonly end: number
}

/**
 * Where in a JSON text the value at a path like `items[0].name` is. If there is none, because it is missing, the nearest value around it.
 */
export function placeIn(text: string, path: string): TextPlace | undefined {
  const keys = [...path.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)].map(
    ([, index, quoted, name]) => index ?? quoted ?? (name as string),
  )
  const scanner = new Scanner(text)
  try {
    return scanner.find(keys)
  } catch {
    return undefined
  }
}

/** Reads just enough of JSON that is known to be right. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  find([key, ...rest]: readonly string[]): TextPlace {
    this.#space()
    const start = this.#at
    const opening = this.#text[start]
    let found: TextPlace | undefined
    if (opening === '{' || opening === '[') {
      this.#at++
      this.#space()
      for (let index = 0; !'}]'.includes(this.#text[this.#at] ?? '}'); index++) {
        const name = opening === '[' ? String(index) : this.#name()
        const item = this.find(name === key ? rest : [])
        if (name === key) found = item
        this.#space()
        if (this.#text[this.#at] === ',') this.#at++
        this.#space()
      }
      this.#at++
    } else if (opening === '"') this.#string()
    else this.#at += /^[^\s,\]}]*/.exec(this.#text.slice(start, start + 400))?.[0].length ?? 0
    return found ?? { start, end: this.#at }
  }

  #name(): string {
    this.#space()
    const start = this.#at
    this.#string()
    const name = JSON.parse(this.#text.slice(start, this.#at)) as string
    this.#space()
    this.#at++
    return name
  }

  #string(): void {
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\') this.#at++
    }
    this.#at++
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}
