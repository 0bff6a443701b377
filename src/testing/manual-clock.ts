import type { Clock, TimerHandle } from '../core/index.js'

interface Timer {
  readonly due: number
  readonly callback: () => void
}

/**
 * A clock that moves only when told to. Delays, deadlines and backoff of a run that is given it take no time in a test:
 *
 * ```ts
 * const clock = new ManualClock()
 * const run = orchestration.start(input, { clock })
 * await clock.advance(60_000)
 * ```
 */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  /** @param start where the clock stands, in milliseconds since 1970; 0 if not given */
  constructor(start = 0) {
    this.#now = start
  }

  /** How many timers have been set and have neither fired nor been taken back; 0 after a run that has left nothing behind. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: Timer = { due: this.#now + Math.max(0, ms), callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer)
  }

  /**
   * Moves the clock on by `ms` milliseconds and fires what is due on the way, in order of time, and in the order of setting
   * where times are equal. Timers that are set on the way fire too if they are due. Before the first one and after each, all
   * promises that can go on do so; `advance(0)` is a way to let them.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`A clock cannot go back: advance(${ms}).`)
    const end = this.#now + ms
    await promisesSettled()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#now = timer.due
      this.#timers.delete(timer)
      timer.callback()
      await promisesSettled()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer
    return next
  }
}

/** A turn of the event loop comes after every promise that was ready to go on. */
function promisesSettled(): Promise<void> {
  const { setImmediate = (turn: () => void) => setTimeout(turn, 0) } = globalThis as {
    setImmediate?: (turn: () => void) => unknown
  }
  return new Promise(resolve => void setImmediate(resolve))
}
