import type { Interceptor, StateCall } from '../core/index.js'
import { eventError } from '../core/internal.js'
import { ensureError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { optionalFunction } from './option-checks.js'
import { policyPlaces } from './policy-order.js'
import { declarePolicy, type StateClass } from './state-decorator.js'

/**
 * What a state answers when it has failed: a value, or a function that makes one of the error; what that throws, the
 * state throws.
 */
export type FallbackAnswer<TOut> = TOut | ((error: Error, call: StateCall) => TOut | Promise<TOut>)

/** When a fallback answers. */
export interface FallbackOptions {
  /** Whether it answers this error. @default every error */
  readonly when?: (error: Error) => boolean
}

const optionNames: OptionNames<FallbackOptions> = { when: true }

/** Decorates a class of states that can return a `TOut`. */
export interface FallbackDecorator<TOut> {
  <C extends StateClass>(target: C & Answered<C, TOut>, context?: ClassDecoratorContext<C>): void
}

/**
 * Nothing more to ask of the class if the answer fits; else something that no class has, to be read in the compiler's
 * message.
 */
type Answered<C, TOut> =
  C extends StateClass<infer TStateOut>
    ? [TOut] extends [TStateOut]
      ? unknown
      : { readonly 'the fallback is not what this state returns': TOut }
    : unknown

/**
 * Answers in place of a state that has failed, when all else, a retry above all, has not helped. The answer is
 * validated as the state's output. That it was given is an event, `custom` with the name `fallback.used` and the error.
 * A state whose run is cancelled is not answered for.
 *
 * To go on in another state instead, give the failed one a route: `state.onError(Apologise)`.
 * @throws OPTION_INVALID
 */
export function fallback<TOut>(answer: FallbackAnswer<TOut>, options: FallbackOptions = {}): Interceptor {
  checkOptionNames('a fallback', options, optionNames)
  const when = optionalFunction('when', options.when) ?? (() => true)
  return {
    kind: 'fallback',
    place: policyPlaces.fallback,
    async around(call, next) {
      try {
        return await next()
      } catch (thrown) {
        const error = ensureError(thrown)
        const { context } = call
        if (context.signal.aborted || !when(error)) throw thrown
        context.emit({ type: 'custom', name: 'fallback.used', data: { error: eventError(error) } })
        return typeof answer === 'function' ? (answer as (e: Error, c: StateCall) => unknown)(error, call) : answer
      }
    },
  }
}

/**
 * {@link fallback} for a class of states: `@Fallback('no findings')`. What the state could not return does not compile.
 */
export function Fallback<TOut>(answer: FallbackAnswer<TOut>, options: FallbackOptions = {}): FallbackDecorator<TOut> {
  const interceptor = fallback(answer, options)
  return target => declarePolicy(target, 'fallback', () => interceptor)
}
