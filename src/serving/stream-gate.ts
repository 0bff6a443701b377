import { Problem } from './problem.js'

/** Counts the streams that are open, over all callers, and lets no more in than may be; ends them all when the server does. */
export class StreamGate {
  readonly #max: number
  readonly #open = new Set<() => void>()
  #closed = false

  constructor(max: number) {
    this.#max = max
  }

  /** How many streams are open. */
  get open(): number {
    return this.#open.size
  }

  /**
   * Lets a stream in; `end` is called if the server closes before it has left. Returns what it leaves with; leaving twice is fine.
   * @throws Problem 503 with Retry-After if there are too many, or the server is closing
   */
  enter(end: () => void): () => void {
    if (this.#closed) throw busy('The server is closing.')
    if (this.#open.size >= this.#max) throw busy(`${this.#max} streams are open already.`)
    this.#open.add(end)
    return () => this.#open.delete(end)
  }

  /** Ends all streams; lets in no more. */
  close(): void {
    this.#closed = true
    for (const end of this.#open) end()
    this.#open.clear()
  }
}

function busy(why: string): Problem {
  return new Problem(503, {
    code: 'UNAVAILABLE',
    detail: `${why} Try again in a moment.`,
    headers: { 'retry-after': '1' },
  })
}
