import type { Interceptor, StateCall } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { Breaker, type BreakerCall } from './breaker.js'
import { breakerRuleNames, type CircuitBreakerRules, resolveBreakerRules } from './circuit-breaker-options.js'
import type { CircuitBreakerSharing } from './circuit-breaker-storage.js'
import { instanceOf, optionalText } from './option-checks.js'
import { policyPlaces } from './policy-order.js'
import { SharedByKey } from './shared-by-key.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'

/** A circuit breaker around states: one for each state, unless it says which they share. */
export interface CircuitBreakerPolicyOptions extends CircuitBreakerRules, CircuitBreakerSharing {
  /**
   * The breaker of everyone in this process who gives the same key, and then the same other options. @default not
   * shared
   */
  readonly key?: string
  /** A breaker of your own, shared wherever you give it; no other option may go with it. @default not shared */
  readonly breaker?: Breaker
  /**
   * Where the breakers of the states are kept, by the state's name: to look at them, to store them, and to begin with
   * stored ones. @default a map that nobody else sees
   */
  readonly breakers?: Map<string, Breaker>
}

const optionNames: OptionNames<CircuitBreakerPolicyOptions> = {
  ...breakerRuleNames,
  storage: true,
  logger: true,
  key: true,
  breaker: true,
  breakers: true,
}

const shared = new SharedByKey<CircuitBreakerRules & CircuitBreakerSharing, Breaker>()

/**
 * Refuses calls of a state for a while when too many have failed (S2-32), so that what is down is neither waited for
 * nor kept down. Failures of aborted calls do not count. Changes are events, `breaker.changed`. A refused state fails
 * with a {@link CircuitOpenError}; a retry outside waits until the breaker lets calls through again.
 *
 * ```ts
 * const search = new CircuitBreaker({ name: 'search', failureThreshold: 3 })
 * orchestration.configure({ interceptors: [circuitBreaker({ breaker: search })] })
 * ```
 * @throws OPTION_INVALID
 */
export function circuitBreaker(options: CircuitBreakerPolicyOptions = {}): Interceptor {
  const breakerOf = breakerChoice(options)
  return {
    kind: 'circuitBreaker',
    place: policyPlaces.circuitBreaker,
    around: (call, next) => breakerOf(call).around(next, surroundings(call)),
  }
}

interface CircuitBreakerClass {
  /**
   * A circuit breaker of its own, for calls of any kind, or to be shared by states.
   * @param snapshot what `toJSON()` of an earlier one has given, to go on from there
   * @throws OPTION_INVALID
   */
  new (...args: ConstructorParameters<typeof Breaker>): Breaker
  readonly prototype: Breaker
  /** {@link circuitBreaker} for a class of states: `@CircuitBreaker({ failureThreshold: 3 })`, for each state its own. */
  (options?: CircuitBreakerPolicyOptions): StateDecorator
}

/**
 * A circuit breaker (S3-18), and the decorator that puts one around a class of states:
 *
 * ```ts
 * const breaker = new CircuitBreaker({ name: 'search', recoveryTimeoutMs: 60_000 })
 * const found = await breaker.call(() => search('advancer'))
 *
 * @CircuitBreaker({ breaker })
 * class Search extends OrchestrationRunnable<string, string> { … }
 * ```
 */
export const CircuitBreaker = new Proxy(Breaker, {
  apply: (_target, _this, [options]: [CircuitBreakerPolicyOptions?]) => decorator(options),
}) as unknown as CircuitBreakerClass
export type CircuitBreaker = Breaker

function decorator(options: CircuitBreakerPolicyOptions | undefined): StateDecorator {
  // Checks the options where they are written.
  circuitBreaker(options)
  return target => declarePolicy(target, 'circuitBreaker', () => circuitBreaker(options))
}

function surroundings({ context }: StateCall): BreakerCall {
  return {
    now: () => context.now(),
    signal: () => context.signal,
    changed: change => context.emit({ type: 'breaker.changed', ...change }),
  }
}

function breakerChoice(options: CircuitBreakerPolicyOptions): (call: StateCall) => Breaker {
  checkOptionNames('a circuit breaker', options, optionNames)
  const { key, breaker, breakers = new Map<string, Breaker>(), ...rules } = options
  if (breaker !== undefined) {
    const other = Object.keys(options).find(name => name !== 'breaker')
    if (other !== undefined)
      throw new OptionError(other, 'left out where `breaker` is given', Reflect.get(options, other))
    instanceOf('breaker', Breaker, 'a CircuitBreaker', breaker)
    return () => breaker
  }
  instanceOf('breakers', Map, 'a Map', breakers)
  resolveBreakerRules(rules)
  if (optionalText('key', key) !== undefined) {
    const name = key as string
    const ofKey = shared.obtain(name, rules, () => new Breaker({ ...rules, name }))
    return () => ofKey
  }
  return ({ stateName: name }) => {
    let ofState = breakers.get(name)
    if (ofState === undefined) {
      ofState = new Breaker({ ...rules, name })
      breakers.set(name, ofState)
    }
    return ofState
  }
}
