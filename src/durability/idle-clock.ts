import type { Clock, TimerHandle } from '../core/index.js'

/** A clock on which time passes only when there is nothing else to do: then it jumps to the next timer. */
export class IdleClock implements Clock {
  readonly #timers = new Map<number, { readonly due: number; readonly callback: () => void }>()
  #now: number
  #last = 0

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const id = ++this.#last
    this.#timers.set(id, { due: this.#now + ms, callback })
    return id
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as number)
  }

  /** Jumps to the next timer and lets it go off; false if there is none. */
  jump(): boolean {
    let next: number | undefined
    for (const [id, { due }] of this.#timers) if (next === undefined || due < this.#dueOf(next)) next = id
    if (next === undefined) return false
    const { due, callback } = this.#timers.get(next) as { readonly due: number; readonly callback: () => void }
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, due)
    callback()
    return true
  }

  #dueOf(id: number): number {
    return this.#timers.get(id)?.due ?? Infinity
  }
}
