import type { OrchestrationRunnable } from '../core/index.js'
import type { AnyStateRef, StateOutput } from './state-ref.js'

declare const routed: unique symbol

/** The output of a state whose outcomes are all routed: nothing is left of it that could lead anywhere else. */
export interface Routed {
  readonly [routed]: true
}

/** A state whose outcomes are all routed; made by `builder.route(state)`. */
export type RoutedState<TIn> = OrchestrationRunnable<TIn, Routed>

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never

// A function type is meant, which `object` includes and which no outcome is.
type NoOutcome = readonly unknown[] | ((...args: never[]) => unknown)

/** Whether `T` is a union of classes, of which each wants a route. `unknown`, arrays and unions with `null` or text are not. */
type AreOutcomes<T> = unknown extends T
  ? false
  : [T] extends [object]
    ? [Extract<T, NoOutcome>] extends [never]
      ? IsUnion<T>
      : false
    : false

type OpenOutcomes<S> = S extends AnyStateRef
  ? [AreOutcomes<StateOutput<S>>] extends [true]
    ? StateOutput<S>
    : never
  : never

/** What the compiler asks of a state that is led to while some of its outcomes lead nowhere. */
export interface UnroutedOutcomes<TOutcome> {
  readonly 'these outcomes have no route yet: use what route(state).to(…).done() returns instead of the state': TOutcome
}

/** Nothing for a state with one kind of output; for one with several outcomes, what makes the compiler name them. */
export type Settled<S> = [OpenOutcomes<S>] extends [never] ? unknown : UnroutedOutcomes<OpenOutcomes<S>>

/** Nothing for one kind of output; for several outcomes, what makes the compiler name them. */
export type SettledOutput<TOut> = [AreOutcomes<TOut>] extends [true] ? UnroutedOutcomes<TOut> : unknown

/** A class, by what its instances are. A type with a signature would make the compiler pick one instance type of a generic class. */
export interface OutcomeClass {
  readonly prototype: object
}

/** What the compiler asks of a class that is none of the outcomes that are still open. */
export interface NoOpenOutcome<TOutcome> {
  readonly 'this class is none of the outcomes that are left': TOutcome
}

/**
 * The outcomes of `TOutcome` that are instances of `C`, whose constructor may be private. What can be called is no class; the
 * prototype of a function is `any`, which every outcome would pass for.
 */
export type OutcomeOf<TOutcome, C extends OutcomeClass> = C extends (...args: never[]) => unknown
  ? never
  : Extract<TOutcome, C['prototype']>

/** Nothing for a class that is one of the outcomes; for another, what makes the compiler say so. */
export type IsOutcome<TOutcome, C extends OutcomeClass> = [OutcomeOf<TOutcome, C>] extends [never]
  ? NoOpenOutcome<TOutcome>
  : unknown
