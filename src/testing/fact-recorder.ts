import type { Fact, RunRecorder } from '../core/index.js'

/** Facts that were applied together, and when, in milliseconds since 1970. */
export interface RecordedTurn {
  readonly at: number
  readonly facts: readonly Fact[]
}

/**
 * A recorder that keeps the facts of a run in memory.
 *
 * What the constructor is given is called with the facts of each turn before they are kept; they are kept when the promise it
 * returns resolves, and not at all if it throws. So a test can hold a run back at any point, or let its storage fail.
 */
export class FactRecorder implements RunRecorder {
  readonly #write: ((facts: readonly Fact[]) => void | Promise<void>) | undefined
  readonly #turns: RecordedTurn[] = []
  readonly #children = new Map<string, FactRecorder>()

  constructor(write?: (facts: readonly Fact[]) => void | Promise<void>) {
    this.#write = write
  }

  /** Every fact so far, in order. */
  get facts(): readonly Fact[] {
    return this.#turns.flatMap(turn => turn.facts)
  }

  /** The facts as they came together. */
  get turns(): readonly RecordedTurn[] {
    return this.#turns
  }

  /** The recorders of runs inside this one, by run id. */
  get children(): ReadonlyMap<string, FactRecorder> {
    return this.#children
  }

  record(facts: readonly Fact[], at: number): void | Promise<void> {
    const keep = (): void => void this.#turns.push({ at, facts: [...facts] })
    const written = this.#write?.(facts)
    if (written === undefined) keep()
    else return written.then(keep)
  }

  forChild(runId: string): FactRecorder {
    const child = new FactRecorder(this.#write)
    this.#children.set(runId, child)
    return child
  }
}
