import type { Clock, TimerHandle } from '../core/index.js'

interface Timer {
  readonly due: number
  readonly callback: () => void
}

/** A clock on which time passes only when it is told to: to a moment, or to the next timer. */
export class IdleClock implements Clock {
  readonly #timers = new Set<Timer>()
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: Timer = { due: this.#now + ms, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer)
  }

  /** When the next timer is due; `Infinity` if there is none. */
  get nextDue(): number {
    return this.#next()?.due ?? Infinity
  }

  /** Goes on to a moment without letting any timer go off. It never goes back. */
  moveTo(moment: number): void {
    this.#now = Math.max(this.#now, moment)
  }

  /** Jumps to the next timer and lets it go off; false if there is none. */
  jump(): boolean {
    const timer = this.#next()
    if (timer === undefined) return false
    this.#timers.delete(timer)
    this.moveTo(timer.due)
    timer.callback()
    return true
  }

  #next(): Timer | undefined {
    let next: Timer | undefined
    // One that is due never is of no use to anybody.
    for (const timer of this.#timers) if (timer.due < (next?.due ?? Infinity)) next = timer
    return next
  }
}
