import type { Clock, TimerHandle } from '../clock.js'

/** The timers of joins that wait with a time limit. */
export class JoinTimers {
  readonly #clock: Clock
  readonly #timeUp: (barrier: string) => void
  #timers: Map<string, TimerHandle> | undefined

  constructor(clock: Clock, timeUp: (barrier: string) => void) {
    this.#clock = clock
    this.#timeUp = timeUp
  }

  start(barrier: string, ms: number): void {
    const timer = this.#clock.setTimeout(() => this.#timeUp(barrier), ms)
    ;(this.#timers ??= new Map()).set(barrier, timer)
  }

  stop(barrier: string): void {
    this.#clock.clearTimeout(this.#timers?.get(barrier))
    this.#timers?.delete(barrier)
  }

  stopAll(): void {
    for (const barrier of this.#timers?.keys() ?? []) this.stop(barrier)
  }
}
