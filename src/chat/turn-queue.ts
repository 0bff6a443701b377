import { OrchestrationError } from '../errors/index.js'
import type { WhenBusy } from './when-busy.js'

/** A place in the queue, as the work that has come up sees it. */
export interface Slot {
  readonly signal: AbortSignal
  /** Set when the work was cancelled because a message came in: whether what was said stays. */
  readonly yields: 'interrupt' | 'rollback' | undefined
  /** From here on the work is not cancelled any more. */
  seal(): void
  /** The work is over, whatever still follows: who comes now does not find it busy. */
  leave(): void
}

/** How work gets into the queue. */
export interface Entrance {
  readonly whenBusy: WhenBusy
  /** Cancels the work, or takes it out of the queue. */
  readonly signal?: AbortSignal | undefined
  /** The error for who is refused. */
  readonly refusal: () => Error
  /** What is waiting, for those who ask. */
  readonly label?: unknown
  /** It has to wait. */
  readonly onWait?: () => void
  /** It was taken out of the queue before it began. */
  readonly onDrop?: (reason: unknown) => void
}

class Entry implements Slot {
  readonly controller = new AbortController()
  readonly begin: () => void
  readonly drop: (reason: unknown) => void
  readonly #leave: (entry: Entry) => void
  /** Came in by cancelling another. */
  readonly cutsIn: boolean
  readonly label: unknown
  #sealed = false
  #yields: 'interrupt' | 'rollback' | undefined
  ignoreSignal = (): void => {}

  constructor(
    label: unknown,
    cutsIn: boolean,
    begin: (entry: Entry) => void,
    drop: (reason: unknown) => void,
    leave: (entry: Entry) => void,
  ) {
    this.label = label
    this.cutsIn = cutsIn
    this.begin = () => begin(this)
    this.drop = drop
    this.#leave = leave
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  get yields(): 'interrupt' | 'rollback' | undefined {
    return this.#yields
  }

  abort(reason: unknown): void {
    if (!this.#sealed) this.controller.abort(reason)
  }

  giveWay(how: 'interrupt' | 'rollback'): void {
    if (this.#sealed || this.signal.aborted) return
    this.#yields = how
    const reason = 'another message came in'
    this.abort(
      new OrchestrationError(`The turn was cancelled: ${reason}.`, { code: 'RUN_CANCELLED', details: { reason } }),
    )
  }

  seal(): void {
    this.#sealed = true
  }

  leave(): void {
    this.seal()
    this.#leave(this)
  }
}

/** Lets one piece of work be done at a time, the others in the order in which they came. */
export class TurnQueue {
  #current: Entry | undefined
  readonly #waiting: Entry[] = []

  /** Whether whoever comes now has to wait. */
  get isBusy(): boolean {
    return this.#current !== undefined || this.#waiting.length > 0
  }

  /** Whether all that is in the way is a turn that has been cancelled, and is about to be over. */
  get #isLeaving(): boolean {
    return this.#current?.signal.aborted === true && this.#waiting.length === 0
  }

  /** What waits, the next first. */
  get waiting(): readonly unknown[] {
    return this.#waiting.map(({ label }) => label)
  }

  /** Does the work when it is its turn; at once if nothing else is there. */
  enter<T>(work: (slot: Slot) => Promise<T>, entrance: Entrance): Promise<T> {
    const { whenBusy, signal, refusal, label, onWait, onDrop } = entrance
    const isBusy = this.isBusy
    if (isBusy && whenBusy === 'reject' && !this.#isLeaving) return Promise.reject(refusal())
    if (isBusy && signal?.aborted === true) {
      onDrop?.(signal.reason)
      return Promise.reject(signal.reason as Error)
    }
    return new Promise<T>((resolve, reject) => {
      const entry = new Entry(
        label,
        isBusy && whenBusy !== 'enqueue' && whenBusy !== 'reject',
        begun => void this.#do(begun, work).then(resolve, reject),
        reason => {
          onDrop?.(reason)
          reject(reason as Error)
        },
        left => {
          if (this.#current === left) this.#current = undefined
        },
      )
      this.#listen(entry, signal)
      if (!isBusy) {
        entry.begin()
        return
      }
      this.#place(entry, whenBusy)
      onWait?.()
      // The turn that gave way may be over by now.
      this.#next()
    })
  }

  /** Cancels what is at work. */
  cancel(reason: unknown): void {
    this.#current?.abort(reason)
  }

  /** Takes out what waits. */
  cancelWaiting(reason: unknown): void {
    for (const entry of this.#waiting.splice(0)) this.#drop(entry, reason)
  }

  #place(entry: Entry, whenBusy: WhenBusy): void {
    if (whenBusy === 'enqueue' || whenBusy === 'reject') {
      this.#waiting.push(entry)
      return
    }
    // Those that came in like this one would be at work by now if the one before them had ended faster, and be cancelled then.
    const ahead = this.#waiting.filter(each => each.cutsIn)
    this.#waiting.splice(ahead.length, 0, entry)
    for (const each of ahead) each.giveWay(whenBusy)
    this.#current?.giveWay(whenBusy)
  }

  async #do<T>(entry: Entry, work: (slot: Slot) => Promise<T>): Promise<T> {
    this.#current = entry
    try {
      return await work(entry)
    } finally {
      entry.ignoreSignal()
      entry.leave()
      this.#next()
    }
  }

  #next(): void {
    if (this.#current === undefined) this.#waiting.shift()?.begin()
  }

  #listen(entry: Entry, signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    const onAbort = (): void => {
      const place = this.#waiting.indexOf(entry)
      if (place < 0) {
        entry.abort(signal.reason)
        return
      }
      this.#waiting.splice(place, 1)
      this.#drop(entry, signal.reason)
    }
    entry.ignoreSignal = () => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) entry.abort(signal.reason)
    else signal.addEventListener('abort', onAbort, { once: true })
  }

  #drop(entry: Entry, reason: unknown): void {
    entry.ignoreSignal()
    entry.drop(reason)
  }
}
