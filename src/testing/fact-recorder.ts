import type { Fact, RunRecorder } from '../core/index.js'

/**
 * A recorder that keeps the facts of a run in memory.
 *
 * What the constructor is given is called with each batch before it is kept; the batch is kept when the promise it returns
 * resolves, and not at all if it throws. So a test can hold a run back at any point, or let its storage fail.
 */
export class FactRecorder implements RunRecorder {
  readonly #write: ((facts: readonly Fact[]) => void | Promise<void>) | undefined
  readonly #batches: (readonly Fact[])[] = []
  readonly #children = new Map<string, FactRecorder>()

  constructor(write?: (facts: readonly Fact[]) => void | Promise<void>) {
    this.#write = write
  }

  /** Every fact so far, in order. */
  get facts(): readonly Fact[] {
    return this.#batches.flat()
  }

  /** The facts as they came together. */
  get batches(): readonly (readonly Fact[])[] {
    return this.#batches
  }

  /** The recorders of runs inside this one, by run id. */
  get children(): ReadonlyMap<string, FactRecorder> {
    return this.#children
  }

  record(facts: readonly Fact[]): void | Promise<void> {
    const written = this.#write?.(facts)
    if (written === undefined) {
      this.#batches.push([...facts])
      return
    }
    return written.then(() => {
      this.#batches.push([...facts])
    })
  }

  forChild(runId: string): FactRecorder {
    const child = new FactRecorder(this.#write)
    this.#children.set(runId, child)
    return child
  }
}
