import type { Clock, TimerHandle } from '../../core/index.js'
import { afterOthers } from '../../core/internal.js'

interface Timer {
  readonly due: number
  readonly callback: () => void
}

/**
 * A clock for playing the past again: it begins at a moment of your choice, and waiting takes no time. As soon as nothing else is ready
 * to go on, it jumps to the next moment that somebody waits for.
 *
 * ```ts
 * await orch.run(state, { clock: new BacktestClock(new Date('2024-05-01')) })
 * ```
 *
 * Deadlines are moments too, and a real answer that is waited for, of a model, say, does not hold the clock: leave `timeoutMs` out
 * where a backtest waits for the world outside.
 */
export class BacktestClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()
  #isJumping = false

  /** @param start where the clock begins */
  constructor(start: Date | number) {
    this.#now = Number(start)
    if (!Number.isFinite(this.#now)) throw new RangeError('A backtest begins at a moment: a valid date, or a number.')
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: Timer = { due: this.#now + Math.max(0, ms), callback }
    this.#timers.add(timer)
    this.#jumpSoon()
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer)
  }

  #jumpSoon(): void {
    if (this.#isJumping) return
    this.#isJumping = true
    afterOthers(() => {
      this.#isJumping = false
      this.#jump()
    })
  }

  #jump(): void {
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.due < next.due) next = timer
    if (next === undefined) return
    this.#timers.delete(next)
    this.#now = next.due
    if (this.#timers.size > 0) this.#jumpSoon()
    next.callback()
  }
}
