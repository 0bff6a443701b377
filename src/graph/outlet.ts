import type { AnyRunnable, OrchestrationRunnable, OutputConverter, RunnableRef } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import type { IsOutcome, OutcomeClass, OutcomeOf, RoutedState, Settled } from './outcomes.js'
import { state } from './state.js'
import type { AnyStateRef, StateInput, StateRef } from './state-ref.js'
import { wayTo } from './way.js'

declare const outcomes: unique symbol

/** What an outlet needs of the builder it belongs to. */
export interface OutletHost {
  instanceOf(ref: AnyStateRef): AnyRunnable
  /** A name that no other state of this builder has, for a state that belongs to another one. */
  labelFor(runnable: AnyRunnable, part: string): string
  addOutput(runnable: AnyRunnable): void
}

type Recognised = (output: unknown) => boolean

/**
 * The way out of a state with several outcomes, made by `builder.route(state)`. `TLeft` is what has no route yet; it shrinks with
 * each `to()`, and `done()` compiles only when nothing is left. What `done()` returns is the state, with a type that other
 * states may lead to; the state itself has not, so that no graph with an outcome that leads nowhere compiles:
 *
 * ```ts
 * const review = builder
 *   .route(approval)
 *   .to(Approved, publish, approved => approved.subject)
 *   .to(Rejected, revise, rejected => rejected.subject)
 *   .to(Expired, drop)
 *   .done()
 * builder.advance(draft, review)
 * ```
 *
 * Since what is owed is in the type of the outlet and not of the builder, it makes no difference whether a definition is one
 * expression, several statements or several functions that hand the outlet on.
 *
 * Outcomes are told apart by their class at run time and by their shape by the compiler: a literal property in each (`outcome:
 * 'approved'`) keeps two classes from passing for one. An output of no routed class fails the run.
 */
export class Outlet<TIn, TLeft, TResult> {
  /** Exists in the type system only: makes what is left count where outlets are handed on. */
  declare readonly [outcomes]: (input: TIn, result: TResult) => TLeft

  readonly #host: OutletHost
  readonly #state: AnyRunnable

  /** @internal */
  constructor(host: OutletHost, routed: AnyRunnable) {
    this.#host = host
    this.#state = routed
  }

  /** Routes the outcomes that are instances of a class. Classes are tried in the order in which they were named. */
  to<C extends OutcomeClass, S extends StateRef<OutcomeOf<TLeft, C>, unknown>>(
    outcome: C & IsOutcome<TLeft, C>,
    target: S & Settled<S>,
  ): Outlet<TIn, Exclude<TLeft, OutcomeOf<TLeft, C>>, TResult>
  /** Routes them to a state that takes something else; `convert` makes its input. */
  to<C extends OutcomeClass, S extends AnyStateRef>(
    outcome: C & IsOutcome<TLeft, C>,
    target: S & Settled<S>,
    convert: OutputConverter<OutcomeOf<TLeft, C>, StateInput<S>>,
  ): Outlet<TIn, Exclude<TLeft, OutcomeOf<TLeft, C>>, TResult>
  to(outcome: OutcomeClass, target: AnyStateRef, convert?: OutputConverter<never, unknown>): unknown {
    const given: unknown = outcome
    if (typeof given !== 'function' || typeof given.prototype !== 'object') {
      throw new OptionError('outcome', 'a class', outcome)
    }
    return this.#add(output => output instanceof (outcome as unknown as new () => unknown), target, convert)
  }

  /** Routes whatever is left. */
  otherwise<S extends StateRef<TLeft, unknown>>(target: S & Settled<S>): RoutedState<TIn>
  /** Routes whatever is left to a state that takes something else; `convert` makes its input. */
  otherwise<S extends AnyStateRef>(
    target: S & Settled<S>,
    convert: OutputConverter<TLeft, StateInput<S>>,
  ): RoutedState<TIn>
  otherwise(target: AnyStateRef, convert?: OutputConverter<never, unknown>): RoutedState<TIn> {
    this.#add(undefined, target, convert)
    return this.#state as unknown as RoutedState<TIn>
  }

  /** Makes whatever is left a result of the orchestration, for which it has to be one. */
  output(this: Outlet<TIn, TResult, TResult>): RoutedState<TIn> {
    const result: OrchestrationRunnable<unknown, unknown> = state(
      this.#host.labelFor(this.#state, 'result'),
      (outcome: unknown) => outcome,
    )
    this.#host.addOutput(result)
    this.#add(undefined, result, undefined)
    return this.#state as unknown as RoutedState<TIn>
  }

  /** The state, once each of its outcomes has a route. */
  done(this: Outlet<TIn, never, TResult>): RoutedState<TIn> {
    return this.#state as unknown as RoutedState<TIn>
  }

  #add(when: Recognised | undefined, target: AnyStateRef, convert: OutputConverter<never, unknown> | undefined): this {
    const next = this.#host.instanceOf(target) as RunnableRef<unknown>
    const source = this.#state as OrchestrationRunnable<unknown, unknown>
    source.addAdvancer(wayTo(next, { when, convert }))
    return this
  }
}
