import type { CircuitBreakerSnapshot, SampledCalls } from './circuit-breaker-state.js'

/** Decides when a closed breaker opens. */
export interface FailureCount {
  /** The failures that count at the moment. */
  readonly failures: number
  /** Counts a call that has ended. Returns whether the breaker is to open. */
  add(failed: boolean, now: number): boolean
  toJSON(): CircuitBreakerSnapshot
}

/** Opens after so many failures in a row. */
export class ConsecutiveFailures implements FailureCount {
  readonly #threshold: number
  #failures: number

  constructor(threshold: number, failures: number) {
    this.#threshold = threshold
    this.#failures = failures
  }

  get failures(): number {
    return this.#failures
  }

  add(failed: boolean): boolean {
    this.#failures = failed ? this.#failures + 1 : 0
    return this.#failures >= this.#threshold
  }

  toJSON(): CircuitBreakerSnapshot {
    return { kind: 'closed', failures: this.#failures }
  }
}

/** When a breaker that samples opens. */
export interface SamplingOptions {
  /** How far back calls count, in milliseconds. @default 60_000 */
  readonly windowMs?: number
  /** The share of failures at which it opens, above 0 and up to 1. @default 0.5 */
  readonly failureRatio?: number
  /** How many calls there must have been in the window; with fewer it stays closed. @default 10 */
  readonly minimumCalls?: number
}

/** In how many parts the window moves on. */
const parts = 10

/** Opens when too large a share of the calls in a window of time has failed. */
export class SampledFailures implements FailureCount {
  readonly #options: Required<SamplingOptions>
  #samples: SampledCalls[]

  constructor(options: Required<SamplingOptions>, samples: readonly SampledCalls[]) {
    this.#options = options
    this.#samples = [...samples]
  }

  get failures(): number {
    return this.#samples.reduce((sum, { failures }) => sum + failures, 0)
  }

  add(failed: boolean, now: number): boolean {
    const { windowMs, failureRatio, minimumCalls } = this.#options
    this.#samples = this.#samples.filter(({ since }) => since > now - windowMs)
    const last = this.#samples.at(-1)
    const isCurrent = last !== undefined && now < last.since + windowMs / parts
    const { since, calls, failures } = isCurrent ? last : { since: now, calls: 0, failures: 0 }
    if (isCurrent) this.#samples.pop()
    this.#samples.push({ since, calls: calls + 1, failures: failures + (failed ? 1 : 0) })
    const total = this.#samples.reduce((sum, sample) => sum + sample.calls, 0)
    return failed && total >= minimumCalls && this.failures / total >= failureRatio
  }

  toJSON(): CircuitBreakerSnapshot {
    return { kind: 'closed', failures: this.failures, samples: this.#samples }
  }
}
