import type { Interceptor } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.js'
import { limiterChoice } from './limiter-choice.js'
import { policyPlaces } from './policy-order.js'
import { SharedByKey } from './shared-by-key.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'

/** How many invocations may be at work at once, over all runs: of each state, or of all that share a limiter. */
export type BulkheadOptions =
  | (ConcurrencyLimits & {
      /**
       * The limit of everyone in this process who gives the same key, and then the same limits. @default each state has
       * its own
       */
      readonly key?: string
    })
  | {
      /** A limiter of your own, shared wherever you give it. */
      readonly limiter: ConcurrencyLimiter
    }

const shared = new SharedByKey<object, ConcurrencyLimiter>()

/**
 * Limits how many invocations of a state are at work at once, over all runs; `maxConcurrency` of an orchestration
 * limits one run. Those that come too many wait their turn, or are refused with a {@link BulkheadFullError}. A call
 * whose run is cancelled gives its slot, or its place in the queue, back at once, even if the state does not heed the
 * signal.
 * @throws OPTION_INVALID
 */
export function bulkhead(options: BulkheadOptions): Interceptor {
  const limiterOf = limiterChoice<ConcurrencyLimits, ConcurrencyLimiter>(
    options,
    shared,
    ConcurrencyLimiter,
    (limits, name) => new ConcurrencyLimiter({ ...limits, name }),
  )
  return {
    kind: 'bulkhead',
    place: policyPlaces.bulkhead,
    async around(call, next) {
      const { signal } = call.context
      const release = await limiterOf(call).acquire(signal)
      try {
        return await untilAborted(next(), signal)
      } finally {
        release()
      }
    },
  }
}

/** {@link bulkhead} for a class of states: `@Bulkhead({ maxConcurrent: 4 })`; each state has its own. */
export function Bulkhead(options: BulkheadOptions): StateDecorator {
  // Checks the options where they are written.
  bulkhead(options)
  return target => declarePolicy(target, 'bulkhead', () => bulkhead(options))
}
