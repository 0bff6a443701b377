import type {
  AdvanceCondition,
  JoinOptions,
  OrchestrationBehaviour,
  OutputConverter,
  RunContext,
} from '../core/index.js'
import type { TypeRefOf } from '../schema/index.js'
import type { Settled } from './outcomes.js'
import type { AnyStateRef, StateInput } from './state-ref.js'

/** What an orchestration that is built goes by: its rules, and the classes of its payloads. */
export interface BuilderOptions<TIn, TOut> extends OrchestrationBehaviour {
  /** The class of the run's input. @default not validated */
  readonly input?: TypeRefOf<TIn>
  /** The class of the run's result. @default not validated */
  readonly output?: TypeRefOf<TOut>
}

/** When a transition applies. */
export interface AdvanceOptions<TOut> {
  readonly when: AdvanceCondition<TOut>
}

/** When a transition applies: to the kind of output that the next state takes, which the condition recognises. */
export interface NarrowingOptions<TOut, TNext> {
  readonly when: (output: TOut, context: RunContext) => output is TOut & TNext
}

/** When a transition applies, and what the next state gets. */
export interface ConvertingOptions<TOut, TNext> {
  /** @default always */
  readonly when?: AdvanceCondition<TOut>
  readonly convert: OutputConverter<TOut, TNext>
}

/** What comes after the branches of `each()`. How long it waits, and for how many, is as with any join. */
export interface EachOptions<N extends AnyStateRef> extends JoinOptions {
  /** Gets the outputs of the branches in the order of the items; an empty array if there were no items. */
  readonly into: N & Settled<N>
}

/** {@link EachOptions}, where each branch goes through more than one state. */
export interface EachThroughOptions<N extends AnyStateRef, L extends AnyStateRef> extends EachOptions<N> {
  /** The state at the end of each branch. */
  readonly last: L
}

/** How a loop is bounded. */
export interface LoopOptions<E extends AnyStateRef> {
  /** How many times the state may complete before the loop is given up. Each branch counts by itself, on from the branch it comes from. @default 10 */
  readonly maxRounds?: number
  /** Where the last output goes when all rounds are used up. @default the run fails */
  readonly exhausted?: E & Settled<E>
}

/** {@link LoopOptions}, where the loop begins at another state. */
export interface LoopBackOptions<B extends AnyStateRef, E extends AnyStateRef> extends LoopOptions<E> {
  /** Where another round begins. */
  readonly back: B & Settled<B>
}

/** Which failures a route is for, and what the next state gets. */
export interface FailureRoute<TFailure, S> {
  /** @default every failure */
  readonly when?: AdvanceCondition<TFailure>
  readonly convert: OutputConverter<TFailure, StateInput<S>>
}
