import { type JoinRunnable, OrchestrationRunnable } from '../core/index.js'

/** A class of states that needs no constructor arguments. */
export type StateClass<TIn, TOut> = new () => OrchestrationRunnable<TIn, TOut>

/**
 * How the builder is told of a state: an instance, or its class, of which a builder makes one instance. Two states of one
 * class are two instances with names of their own. A state that takes more fits where less is given, one that returns less
 * where more may come.
 */
export type StateRef<TIn, TOut> = OrchestrationRunnable<TIn, TOut> | StateClass<TIn, TOut>

/** Any state, whatever it takes and returns. */
export type AnyStateRef = StateRef<never, unknown>

/** A join, or its class. */
export type AnyJoinRef = JoinRunnable<never, unknown> | (new () => JoinRunnable<never, unknown>)

/** What a state takes; of a join, one item. */
export type StateInput<S> =
  S extends OrchestrationRunnable<infer TIn, unknown> ? TIn : S extends StateClass<infer TIn, unknown> ? TIn : never

/** What a state returns. */
export type StateOutput<S> =
  S extends OrchestrationRunnable<never, infer TOut> ? TOut : S extends StateClass<never, infer TOut> ? TOut : never

/** Whether something is a class of states. */
export function isStateClass(given: unknown): given is StateClass<never, unknown> {
  return typeof given === 'function' && (given.prototype as unknown) instanceof OrchestrationRunnable
}
