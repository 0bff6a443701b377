/** A text with pieces put in place of others, which knows where each of its characters was before. */
export class RewrittenText {
  readonly #source: string
  readonly #pieces: { readonly text: string; readonly at: number; readonly kept: boolean }[] = []
  #read = 0

  constructor(source: string) {
    this.#source = source
  }

  /** Puts `text` where the characters from `start` to `end` were; edits come in the order of the text. */
  replace(start: number, end: number, text: string): void {
    this.#keepTo(start)
    this.#pieces.push({ text, at: start, kept: false })
    this.#read = Math.max(this.#read, end)
  }

  /** The new text; no edits may come after it. */
  finish(): string {
    this.#keepTo(this.#source.length)
    return this.#pieces.map(({ text }) => text).join('')
  }

  /** Where a character of the new text was in the old one; of one that was not there, where it was put. */
  sourceOf(position: number): number {
    let passed = 0
    for (const { text, at, kept } of this.#pieces) {
      if (position < passed + text.length) return kept ? at + position - passed : at
      passed += text.length
    }
    return this.#source.length
  }

  #keepTo(end: number): void {
    if (end > this.#read) this.#pieces.push({ text: this.#source.slice(this.#read, end), at: this.#read, kept: true })
    this.#read = Math.max(this.#read, end)
  }
}
