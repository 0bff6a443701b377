import type { Interceptor } from '../core/index.js'
import { limiterChoice } from './limiter-choice.js'
import { policyPlaces } from './policy-order.js'
import { RateLimiter, type RateLimits } from './rate-limiter.js'
import { SharedByKey } from './shared-by-key.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'

/** How many invocations may begin in how much time, over all runs: of each state, or of all that share a limiter. */
export type RateLimitOptions =
  | (RateLimits & {
      /**
       * The limit of everyone in this process who gives the same key, and then the same limits. @default each state has
       * its own
       */
      readonly key?: string
    })
  | {
      /** A limiter of your own, shared wherever you give it. */
      readonly limiter: RateLimiter
    }

const shared = new SharedByKey<object, RateLimiter>()

/**
 * Limits how many invocations of a state begin in an interval, over all runs. Those that come too many wait their turn,
 * or, with `maxWaitMs`, fail with a {@link RateLimitError} that says when to come back; a retry outside does. A wait
 * ends at once when the run is cancelled, and the turn goes to whoever is behind.
 *
 * ```ts
 * orchestration.configure({ interceptors: [rateLimit({ limit: 60, intervalMs: 60_000, key: 'model' })] })
 * ```
 * @throws OPTION_INVALID
 */
export function rateLimit(options: RateLimitOptions): Interceptor {
  const limiterOf = limiterChoice<RateLimits, RateLimiter>(
    options,
    shared,
    RateLimiter,
    (limits, name) => new RateLimiter({ ...limits, name }),
  )
  return {
    kind: 'rateLimit',
    place: policyPlaces.rateLimit,
    async around(call, next) {
      await limiterOf(call).turn(call.context)
      return next()
    },
  }
}

/** {@link rateLimit} for a class of states: `@RateLimit({ limit: 60, intervalMs: 60_000 })`; each state has its own. */
export function RateLimit(options: RateLimitOptions): StateDecorator {
  // Checks the options where they are written.
  rateLimit(options)
  return target => declarePolicy(target, 'rateLimit', () => rateLimit(options))
}
