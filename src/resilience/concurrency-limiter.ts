import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { BulkheadFullError } from './bulkhead-full-error.js'
import { optionalText, wholeNumber } from './option-checks.js'

/** How many calls may be at work at once, and how many may wait. */
export interface ConcurrencyLimits {
  /** How many calls may be at work at once. */
  readonly maxConcurrent: number
  /** How many may wait for a slot, first come first served; all others are refused. 0: none waits. @default no limit */
  readonly maxQueue?: number
}

/** What a {@link ConcurrencyLimiter} is made of. */
export interface ConcurrencyLimiterOptions extends ConcurrencyLimits {
  /** What errors call it. @default 'bulkhead' */
  readonly name?: string
}

const optionNames: OptionNames<ConcurrencyLimiterOptions> = { maxConcurrent: true, maxQueue: true, name: true }

/** Lets so many calls work at once; what a bulkhead is made of, and what several of them share. */
export class ConcurrencyLimiter {
  /** What errors call it. */
  readonly name: string
  readonly #limits: Required<ConcurrencyLimits>
  readonly #queue = new Set<() => void>()
  #atWork = 0

  /** @throws OPTION_INVALID */
  constructor(options: ConcurrencyLimiterOptions) {
    checkOptionNames('a concurrency limit', options, optionNames)
    this.name = optionalText('name', options.name) ?? 'bulkhead'
    this.#limits = {
      maxConcurrent: wholeNumber('maxConcurrent', 1, options.maxConcurrent),
      maxQueue: wholeNumber('maxQueue', 0, options.maxQueue ?? Infinity),
    }
  }

  /** How many calls hold a slot. */
  get atWork(): number {
    return this.#atWork
  }

  /** How many calls wait for one. */
  get waiting(): number {
    return this.#queue.size
  }

  /**
   * Takes a slot, and waits for it if there is none. Give it back by calling what this resolves to; calling that twice
   * has no further effect. When `signal` aborts first, the place in the queue is given up, and this rejects with the
   * signal's reason.
   * @throws BulkheadFullError if there is neither a slot nor a place in the queue
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    const { maxConcurrent, maxQueue } = this.#limits
    if (this.#atWork < maxConcurrent) this.#atWork++
    else if (this.#queue.size < maxQueue) await this.#turn(signal)
    else throw new BulkheadFullError(this.name, maxConcurrent, this.#queue.size)
    let held = true
    return () => {
      if (held) this.#release()
      held = false
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#queue.delete(enter)
        reject(signal?.reason as Error)
      }
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      this.#queue.add(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  /** A slot that somebody waits for changes hands, so that nobody can take it in between. */
  #release(): void {
    const [first] = this.#queue
    if (first === undefined) this.#atWork--
    else {
      this.#queue.delete(first)
      first()
    }
  }
}
