import { OptionError } from '../errors/index.js'
import type { RunContext } from './context.js'
import { OrchestrationRunnable } from './runnable.js'

/** How long a {@link DelayRunnable} waits: milliseconds, or the moment to wait for, also as a function of the input. */
export type Delay<T> = number | Date | ((input: T) => number | Date)

/**
 * A state that waits and hands its input on. It holds no slot of `maxConcurrency` while it waits, and `pause()` does not wait for
 * it. A moment in the past is no delay.
 */
export class DelayRunnable<T> extends OrchestrationRunnable<T, T> {
  readonly #delay: Delay<T>

  constructor(delay: Delay<T>) {
    super()
    this.#delay = delay
  }

  /** When to go on, in milliseconds since 1970, for an input that arrives at `now`. */
  dueAt(input: T, now: number): number {
    const delay = typeof this.#delay === 'function' ? this.#delay(input) : this.#delay
    const due = delay instanceof Date ? delay.getTime() : now + delay
    if (!Number.isFinite(due)) throw new OptionError('delay', 'a finite number of milliseconds or a valid Date', delay)
    return due
  }

  /** The engine waits on its own clock instead, so that a pause or a restart does not lose the time. */
  override async invoke(input: T, context: RunContext): Promise<T> {
    await context.sleep(Math.max(0, this.dueAt(input, context.now()) - context.now()))
    return input
  }
}
