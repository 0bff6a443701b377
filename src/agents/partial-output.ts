import { PartialJson } from '../schema/index.js'

/** Reads a structured output while it comes. */
export class PartialOutput {
  readonly #property: string | undefined
  readonly #reader = new PartialJson()
  #hasBegun = false
  #read = 0
  #shown = 0

  /** `property` is the one that carries the output, if it is not the answer itself. */
  constructor(property: string | undefined) {
    this.#property = property
  }

  /**
   * Takes the next piece of the answer; what stands before the JSON is passed over. Returns what has arrived so far, which does not
   * change any more; `undefined` if that is nothing yet, or too little more than the last time: of a long output not every piece is
   * shown, so that all that is shown together stays linear in its length.
   */
  add(text: string): { readonly value: unknown } | undefined {
    const reader = this.#reader
    const from = this.#hasBegun ? 0 : text.search(/[{[]/)
    if (from === -1 || reader.isComplete || reader.problem !== undefined) return undefined
    this.#hasBegun = true
    this.#read += reader.take(text, from) - from
    if (!reader.isComplete && this.#read - this.#shown < this.#read / 32) return undefined
    this.#shown = this.#read
    const whole = reader.snapshot()
    const value = this.#property === undefined ? whole : (whole as Record<string, unknown>)[this.#property]
    return value === undefined ? undefined : { value }
  }
}
