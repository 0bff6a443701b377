import type { Clock, TimerHandle } from '../core/index.js'

/** Values of the last so many milliseconds. */
export class SlidingWindow {
  readonly #clock: Clock
  readonly #ms: number
  readonly #changed: () => void
  #entries: { readonly at: number; readonly value: number }[] = []
  #timer: TimerHandle

  /** @param changed called when a value has left the window by itself, while {@link SlidingWindow.watch} asks for it */
  constructor(clock: Clock, ms: number, changed: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#changed = changed
  }

  add(value: number): void {
    this.#entries.push({ at: this.#clock.now(), value })
  }

  /** What is in the window now, oldest first. */
  get values(): readonly number[] {
    const oldest = this.#clock.now() - this.#ms
    const kept = this.#entries.findIndex(entry => entry.at > oldest)
    if (kept !== 0) this.#entries = kept < 0 ? [] : this.#entries.slice(kept)
    return this.#entries.map(entry => entry.value)
  }

  /** Sets a timer for the moment at which the oldest value leaves; without values, or with `wanted` false, there is none. */
  watch(wanted: boolean): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    const [oldest] = this.#entries
    if (!wanted || oldest === undefined) return
    this.#timer = this.#clock.setTimeout(() => this.#changed(), oldest.at + this.#ms - this.#clock.now())
  }
}
