import type { Clock } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { RateLimitError, RateLimiter } from '../resilience/index.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import type { RequestRate } from './serving-options.js'

/** How callers are told of a limit: the fields of draft-ietf-httpapi-ratelimit-headers, in lower case. */
export interface RateHeaders {
  readonly 'ratelimit-policy': string
  readonly ratelimit: string
}

/** Counts the requests of each caller. */
export class RequestRates {
  readonly #rate: Required<RequestRate> | undefined
  readonly #clock: Clock
  /** Who has called last comes last. */
  readonly #limiters = new Map<string, RateLimiter>()

  /** @throws OPTION_INVALID */
  constructor(rate: RequestRate | undefined, clock: Clock) {
    this.#clock = clock
    if (rate === undefined) return
    const { limit, intervalMs = 60_000 } = rate
    if (!Number.isInteger(limit) || limit < 1)
      throw new OptionError('limits.requests.limit', 'a whole number of at least 1', limit)
    if (!(intervalMs >= 1 && intervalMs < Infinity))
      throw new OptionError('limits.requests.intervalMs', 'a number of milliseconds of at least 1', intervalMs)
    this.#rate = { limit, intervalMs }
  }

  /**
   * Counts a request.
   * @returns what its caller is to be told; nothing if there is no limit
   * @throws Problem 429 if it is one too many
   */
  async count(principal: Principal): Promise<RateHeaders | undefined> {
    if (this.#rate === undefined) return undefined
    const limiter = this.#limiterOf(principal, this.#rate)
    try {
      await limiter.acquire()
      return told(this.#rate, `r=${limiter.remaining}`)
    } catch (thrown) {
      if (!(thrown instanceof RateLimitError)) throw thrown
      const seconds = Math.max(1, Math.ceil(thrown.retryAfterMs / 1000))
      throw new Problem(429, {
        code: 'TOO_MANY_REQUESTS',
        detail: `You may make ${this.#rate.limit} requests in ${this.#rate.intervalMs / 1000} s. Come again in ${seconds} s.`,
        headers: { 'retry-after': String(seconds), ...told(this.#rate, `r=0;t=${seconds}`) },
      })
    }
  }

  #limiterOf({ tenant, name }: Principal, rate: Required<RequestRate>): RateLimiter {
    const key = JSON.stringify([tenant, name])
    const known = this.#limiters.get(key)
    const limiter = known ?? new RateLimiter({ ...rate, maxWaitMs: 0, name: key, clock: this.#clock })
    this.#limiters.delete(key)
    if (known === undefined) this.#forgetIdle(rate)
    this.#limiters.set(key, limiter)
    return limiter
  }

  /** Callers may have any number of names; of those who have not called for an interval there is nothing to know. */
  #forgetIdle({ limit }: RequestRate): void {
    for (const [key, limiter] of this.#limiters) {
      if (limiter.remaining < limit) return
      this.#limiters.delete(key)
    }
  }
}

function told({ limit, intervalMs }: Required<RequestRate>, now: string): RateHeaders {
  // The draft has whole seconds.
  const policy = `"requests";q=${limit};w=${Math.ceil(intervalMs / 1000)}`
  return { 'ratelimit-policy': policy, ratelimit: `"requests";${now}` }
}
