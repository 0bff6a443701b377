import type { Answer, AnswerPiece } from './answer.js'

/** An answer that nobody has to work for. */
export class FixedAnswer implements Answer {
  readonly executionId?: string
  readonly #text: string
  readonly #requestId: string | undefined

  constructor(text: string, about: { readonly executionId?: string; readonly requestId?: string } = {}) {
    const { executionId, requestId } = about
    if (executionId !== undefined) this.executionId = executionId
    this.#text = text
    this.#requestId = requestId
  }

  async *pieces(): AsyncIterableIterator<AnswerPiece> {
    const requestId = this.#requestId
    const end = { text: this.#text, usage: { input: 0, output: 0 }, ...(requestId === undefined ? {} : { requestId }) }
    yield { type: 'text', text: this.#text }
    yield { type: 'end', ...end }
  }

  leave(): void {}

  async cancel(): Promise<void> {}
}
