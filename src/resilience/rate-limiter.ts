import { type Clock, systemClock } from '../core/index.js'
import { sleep } from '../core/internal.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { duration, numberBetween, optionalText, wholeNumber } from './option-checks.js'
import { RateLimitError } from './rate-limit-error.js'

/** How many calls may begin in how much time. */
export interface RateLimits {
  /** How many calls may begin in any interval. */
  readonly limit: number
  /** The length of the interval, in milliseconds. */
  readonly intervalMs: number
  /**
   * How long a call may wait for its turn, in milliseconds; one that would have to wait longer is refused at once. 0:
   * none waits. @default no limit
   */
  readonly maxWaitMs?: number
}

/** What a {@link RateLimiter} is made of. */
export interface RateLimiterOptions extends RateLimits {
  /** What errors call it. @default 'rate limit' */
  readonly name?: string
  /** Where `acquire()` takes the time from; around states it is the run's clock. @default the system's clock */
  readonly clock?: Clock
}

const optionNames: OptionNames<RateLimiterOptions> = {
  limit: true,
  intervalMs: true,
  maxWaitMs: true,
  name: true,
  clock: true,
}

/** How a limiter waits. */
export interface Waiting {
  /** Who waits no longer when it aborts. */
  readonly signal: AbortSignal | undefined
  now(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Lets so many calls begin in any interval of time, at once as long as there are turns, then one by one. What a rate
 * limit is made of, and what several of them share.
 */
export class RateLimiter {
  /** What errors call it. */
  readonly name: string
  readonly #limits: Required<RateLimits>
  readonly #clock: Clock
  /** When the latest calls began, `limit` of them at most, the oldest first. */
  readonly #begun: number[] = []
  /** Those who wait, in the order of their turns, each with what makes it look again when its turn comes earlier. */
  readonly #queue = new Set<{ planAgain: AbortController }>()

  /** @throws OPTION_INVALID */
  constructor(options: RateLimiterOptions) {
    checkOptionNames('a rate limit', options, optionNames)
    this.name = optionalText('name', options.name) ?? 'rate limit'
    this.#limits = {
      limit: wholeNumber('limit', 1, options.limit),
      intervalMs: duration('intervalMs', options.intervalMs),
      maxWaitMs: numberBetween('maxWaitMs', 0, Infinity, options.maxWaitMs ?? Infinity),
    }
    this.#clock = options.clock ?? systemClock
  }

  /** How many calls wait for their turn. */
  get waiting(): number {
    return this.#queue.size
  }

  /** How many calls could begin now, one after the other, without waiting. */
  get remaining(): number {
    const { limit, intervalMs } = this.#limits
    const since = this.#clock.now() - intervalMs
    const used = this.#begun.filter(begun => begun > since).length + this.#queue.size
    return Math.max(0, limit - used)
  }

  /**
   * Waits for a turn. When `signal` aborts first, the turn goes to those who wait behind, and this rejects with the
   * signal's reason.
   * @throws RateLimitError if the wait would be longer than `maxWaitMs`
   */
  acquire(signal?: AbortSignal): Promise<void> {
    return this.turn({
      signal,
      now: () => this.#clock.now(),
      sleep: (ms, planAgain) => sleep(this.#clock, ms, signal, planAgain),
    })
  }

  /** {@link RateLimiter.acquire} with the time and the signal of a state. @internal */
  async turn(waiting: Waiting): Promise<void> {
    // Nobody who is gone already may take a turn from the others.
    waiting.signal?.throwIfAborted()
    const now = waiting.now()
    const { limit, intervalMs, maxWaitMs } = this.#limits
    const due = this.#due(now, this.#queue.size)
    if (due <= now) this.#begin(now)
    else if (due - now > maxWaitMs) throw new RateLimitError(this.name, limit, intervalMs, due - now)
    else await this.#wait(waiting)
  }

  async #wait(waiting: Waiting): Promise<void> {
    const place = { planAgain: new AbortController() }
    this.#queue.add(place)
    try {
      for (let now = waiting.now(); this.#due(now, 0) > now; now = waiting.now()) {
        const { signal } = place.planAgain
        const due = this.#due(now, [...this.#queue].indexOf(place))
        await waiting.sleep(due - now, signal).catch((thrown: unknown) => {
          if (!signal.aborted) throw thrown
          place.planAgain = new AbortController()
        })
      }
      this.#queue.delete(place)
      this.#begin(waiting.now())
    } catch (thrown) {
      this.#leave(place)
      throw thrown
    }
  }

  /** Everyone behind moves up. */
  #leave(place: { planAgain: AbortController }): void {
    const behind = [...this.#queue].slice([...this.#queue].indexOf(place) + 1)
    this.#queue.delete(place)
    for (const { planAgain } of behind) planAgain.abort()
  }

  #begin(now: number): void {
    if (this.#limits.limit === Infinity) return
    this.#begun.push(now)
    if (this.#begun.length > this.#limits.limit) this.#begun.shift()
  }

  /** When a call can begin that has `ahead` others before it, at the earliest. */
  #due(now: number, ahead: number): number {
    const { limit, intervalMs } = this.#limits
    // The call as many places back as the limit allows must be an interval ago; it may itself still be waiting.
    const turn = ahead % limit
    const before = this.#begun[this.#begun.length - limit + turn]
    const first = before === undefined ? now : Math.max(now, before + intervalMs)
    const rounds = Math.floor(ahead / limit)
    // Nothing times infinity would be no number.
    return rounds === 0 ? first : first + rounds * intervalMs
  }
}
