import { followEvents, type StreamState } from './event-stream.js'
import type { RunView } from './run-words.js'
import { Store } from './store.js'
import type { RunEvent } from './wire.js'

/** Events of a run, from its first one up to an end. */
export interface ShownEvents {
  readonly all: readonly RunEvent[]
  /** How many of them count: all, or those up to the moment that people look at. */
  readonly end: number
}

/** The events of a run as they come, told once for each picture that the browser draws. */
export class RunFeed {
  readonly events: RunEvent[] = []
  readonly state = new Store<StreamState>('connecting')
  /** How many events there are. */
  readonly count = new Store(0)
  readonly #runId: string
  readonly #view: RunView
  readonly #signal: AbortSignal
  #pending = false

  constructor(runId: string, view: RunView, signal: AbortSignal) {
    this.#runId = runId
    this.#view = view
    this.#signal = signal
  }

  /** How many events come before a number. */
  before(seq: number): number {
    let [low, high] = [0, this.events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.events[middle]?.seq ?? seq) < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Resolves when the run is over. @throws Refusal */
  follow(): Promise<void> {
    return followEvents(
      this.#runId,
      this.#view,
      {
        events: events => {
          for (const event of events) this.events.push(event)
          this.#tell()
        },
        state: state => this.state.set(state),
      },
      this.#signal,
    )
  }

  #tell(): void {
    if (this.#pending) return
    this.#pending = true
    const tell = (): void => {
      if (!this.#pending || this.#signal.aborted) return
      this.#pending = false
      this.count.set(this.events.length)
    }
    requestAnimationFrame(tell)
    // A page that is not seen draws nothing, but is to be right when it is seen again.
    setTimeout(tell, 250)
  }
}
