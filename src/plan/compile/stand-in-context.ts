import type { Attempt, RunContext } from '../../core/index.js'
import { DelegatingContext } from '../../core/internal.js'

/**
 * A state's context for whoever stands in for its agent: with a name, and attempts, of its own, so that nobody takes what the agent
 * had come to for the work of its stand-in.
 */
export class StandInContext extends DelegatingContext {
  readonly #name: string
  readonly #attempt: number
  readonly #signal: AbortSignal

  constructor(context: RunContext, name: string, attempt = 1, signal: AbortSignal = context.signal) {
    super(context, name, name)
    this.#name = name
    this.#attempt = attempt
    this.#signal = signal
  }

  /** The context of one attempt. */
  forAttempt({ number = this.#attempt, signal }: Attempt): StandInContext {
    const either = signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal])
    return new StandInContext(this.behind, this.#name, number, either)
  }

  override get attempt(): number {
    return this.#attempt
  }

  override get attemptId(): string {
    return `${this.behind.attemptId}.${this.#name}.${this.#attempt}`
  }

  override get signal(): AbortSignal {
    return this.#signal
  }
}
