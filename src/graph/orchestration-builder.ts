import {
  type AdvanceCondition,
  type AnyRunnable,
  type JoinOptions,
  JoinRunnable,
  Orchestration,
  type OrchestrationConfiguration,
  OrchestrationRunnable,
  type RunContext,
  type RunnableRef,
  type StateFailure,
  sendTo,
} from '../core/index.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import type {
  AdvanceOptions,
  BuilderOptions,
  ConvertingOptions,
  EachOptions,
  EachThroughOptions,
  FailureRoute,
  LoopBackOptions,
  LoopOptions,
  NarrowingOptions,
} from './builder-options.js'
import { buildOrchestration } from './built-orchestration.js'
import { type Collected, collectingJoin, nothing } from './collecting-join.js'
import { loopAdvancer } from './loop-advancer.js'
import type { Settled, SettledOutput } from './outcomes.js'
import { Outlet } from './outlet.js'
import { plannedAdvancer } from './planned-advancer.js'
import { givenName } from './state.js'
import {
  type AnyJoinRef,
  type AnyStateRef,
  isStateClass,
  type StateClass,
  type StateInput,
  type StateOutput,
  type StateRef,
} from './state-ref.js'
import { checkFunction, type Way, wayTo } from './way.js'

declare const payloads: unique symbol

/** The options of `each()` and `loop()`, whatever the types. */
interface EachWiring extends JoinOptions {
  readonly into: AnyStateRef
  readonly last?: AnyStateRef
}

interface LoopWiring {
  readonly back?: AnyStateRef | undefined
  readonly maxRounds?: number
  readonly exhausted?: AnyStateRef
}

type Untyped = OrchestrationRunnable<unknown, unknown>

const owners = new WeakMap<AnyRunnable, OrchestrationBuilder<never, never>>()

/**
 * Builds an orchestration from states that exist. It checks with the compiler that every output fits where it goes, that every
 * outcome of a state with several goes somewhere ({@link Outlet}), and that the result is the one promised:
 *
 * ```ts
 * const research = new OrchestrationBuilder<string, Report>({ name: 'Research', input: String, output: Report })
 *   .entry(Planning)
 *   .each(Planning, plan => plan.queries, Searching, { into: Reporting })
 *   .output(Reporting)
 *   .build()
 * ```
 *
 * Methods change the builder and return it, so that a definition may be one expression or many statements, spread over
 * functions and files, in any order. Ways on from a state are tried in the order in which they were named. An instance of a
 * state belongs to one builder; a class stands for one instance per builder. Methods throw OPTION_INVALID for what is no state,
 * no function or no array, and DEFINITION_FROZEN for a state of another builder.
 */
export class OrchestrationBuilder<TIn, TOut> {
  /** Exists in the type system only: a builder of another orchestration is another type. */
  declare readonly [payloads]: (types: readonly [TIn, TOut]) => readonly [TIn, TOut]

  readonly #options: BuilderOptions<TIn, TOut>
  readonly #ofClass = new Map<StateClass<never, unknown>, AnyRunnable>()
  readonly #states = new Set<AnyRunnable>()
  readonly #labels = new Map<string, number>()
  readonly #outputs = new Set<AnyRunnable>()
  readonly #deadEnds = new Set<AnyRunnable>()
  readonly #exits = new Set<AnyRunnable>()
  #entry: AnyRunnable | undefined
  #built: Orchestration<TIn, TOut> | undefined

  constructor(options: BuilderOptions<TIn, TOut> = {}) {
    this.#options = options
  }

  /** Where a run starts. Named again, the last one counts. */
  entry<S extends StateRef<TIn, unknown>>(state: S & Settled<S>): this {
    this.#entry = this.#state(state)
    return this
  }

  /**
   * A state whose output is the result. If there are several, each must be an end, and the one that is reached counts; where
   * branches reach more than one, the last in token order.
   */
  output(state: StateRef<never, TOut>): this {
    this.#outputs.add(this.#state(state))
    return this
  }

  /** Leads on from a state, always. */
  advance<TFrom, S extends StateRef<TFrom, unknown>>(from: StateRef<never, TFrom>, to: S & Settled<S>): this
  /** Leads on to a state that takes something else. */
  advance<TFrom, S extends AnyStateRef>(
    from: StateRef<never, TFrom>,
    to: S & Settled<S>,
    options: ConvertingOptions<NoInfer<TFrom>, StateInput<S>>,
  ): this
  /** Leads on with the kind of output that the condition recognises. */
  advance<TFrom, S extends AnyStateRef>(
    from: StateRef<never, TFrom> & SettledOutput<TFrom>,
    to: S & Settled<S>,
    options: NarrowingOptions<NoInfer<TFrom>, StateInput<S>>,
  ): this
  /** Leads on where a condition holds. If none does, the run fails, unless the state is a dead end too. */
  advance<TFrom, S extends StateRef<TFrom, unknown>>(
    from: StateRef<never, TFrom> & SettledOutput<TFrom>,
    to: S & Settled<S>,
    options: AdvanceOptions<NoInfer<TFrom>>,
  ): this
  advance(from: AnyStateRef, to: AnyStateRef, way: Way = {}): this {
    this.#source(from).addAdvancer(wayTo(this.#target(to), way))
    return this
  }

  /** Leads on from a state with several outcomes, each of which wants a way; see {@link Outlet}. */
  route<TFrom, TLeft>(from: StateRef<TFrom, TLeft>): Outlet<TFrom, TLeft, TOut> {
    return new Outlet<TFrom, TLeft, TOut>(
      {
        instanceOf: ref => this.#state(ref),
        labelFor: (runnable, part) => this.#label(runnable, part),
        addOutput: runnable => this.#outputs.add(this.#state(runnable)),
      },
      this.#source(from as AnyStateRef) as AnyRunnable,
    )
  }

  /** Leads on to several states at once, each on a branch of its own. */
  parallel<TFrom, S extends StateRef<TFrom, unknown>>(
    from: StateRef<never, TFrom>,
    targets: readonly (S & Settled<S>)[],
  ): this {
    if (!Array.isArray(targets)) throw new OptionError('targets', 'an array of states', targets)
    const to = targets.map(target => this.#state(target))
    this.#source(from).addAdvancer(plannedAdvancer('parallel', { to }, () => to as RunnableRef<unknown>[]))
    return this
  }

  /** Brings branches together: each of the states leads to the join, which waits as its policy says. */
  join<J extends AnyJoinRef>(branches: readonly StateRef<never, StateInput<J>>[], join: J & Settled<J>): this {
    if (!Array.isArray(branches)) throw new OptionError('branches', 'an array of states', branches)
    const target = this.#target(join)
    if (!(target instanceof JoinRunnable)) throw new OptionError('join', 'a join, or a class of joins', join)
    for (const branch of branches) this.#source(branch).addAdvancer(target)
    return this
  }

  /** Opens a branch for each item of an output. No items, no branches: then the branch that came here ends. */
  each<TFrom, S extends AnyStateRef>(from: StateRef<never, TFrom>, items: EachItems<TFrom, S>, to: S & Settled<S>): this
  /** Opens a branch for each item and goes on with the outputs of all, at the end of more than one state each. */
  each<TFrom, S extends AnyStateRef, L extends AnyStateRef, N extends StateRef<readonly StateOutput<L>[], unknown>>(
    from: StateRef<never, TFrom>,
    items: EachItems<TFrom, S>,
    to: S & Settled<S>,
    options: EachThroughOptions<N, L>,
  ): this
  /** Opens a branch for each item and goes on with the outputs of all, in the order of the items; also if there are none. */
  each<TFrom, S extends AnyStateRef, N extends StateRef<readonly StateOutput<S>[], unknown>>(
    from: StateRef<never, TFrom>,
    items: EachItems<TFrom, S>,
    to: S,
    options: EachOptions<N>,
  ): this
  each(from: AnyStateRef, items: EachItems<never, AnyStateRef>, to: AnyStateRef, options?: EachWiring): this {
    checkFunction('items', items)
    const target = this.#state(to)
    const join = options === undefined ? undefined : this.#collect(target, options)
    const sends = join === undefined ? [target] : [target, join]
    this.#source(from).addAdvancer(
      plannedAdvancer<unknown>('each', { sends }, async (output, context) => {
        const values: unknown = await items(output as never, context)
        if (!Array.isArray(values)) throw new OptionError('items', 'a function that returns an array', values)
        if (values.length === 0 && join !== undefined) return [sendTo(join, nothing as never)]
        return values.map(value => sendTo(target, value as never))
      }),
    )
    return this
  }

  /** Repeats a state until its output is as wanted, then leads on with it. */
  loop<T, N extends StateRef<T, unknown>, E extends StateRef<T, unknown> = N>(
    state: StateRef<T, T>,
    until: AdvanceCondition<NoInfer<T>>,
    next: N & Settled<N>,
    options?: LoopOptions<E> & { readonly back?: undefined },
  ): this
  /** Leads back to an earlier state until the output of this one is as wanted, then leads on with it. */
  loop<T, N extends StateRef<T, unknown>, B extends StateRef<T, unknown>, E extends StateRef<T, unknown> = N>(
    state: StateRef<never, T>,
    until: AdvanceCondition<NoInfer<T>>,
    next: N & Settled<N>,
    options: LoopBackOptions<B, E>,
  ): this
  loop(state: AnyStateRef, until: AdvanceCondition<never>, next: AnyStateRef, options: LoopWiring = {}): this {
    checkFunction('until', until)
    const { back = state, maxRounds = 10, exhausted } = options
    const plan = {
      until: until as AdvanceCondition<unknown>,
      back: this.#state(back),
      next: this.#state(next),
      maxRounds,
      exhausted: exhausted === undefined ? undefined : this.#state(exhausted),
    }
    this.#source(state).addAdvancer(loopAdvancer<unknown>(plan))
    return this
  }

  /** A branch may end here, quietly and without a result, where no other way on from this state applies. */
  deadEnd(state: AnyStateRef): this {
    this.#deadEnds.add(this.#state(state))
    return this
  }

  /** Where no other way on from this state applies, its output is the result at once: whatever else is under way is cancelled. */
  exit(state: StateRef<never, TOut>): this {
    this.#exits.add(this.#state(state))
    return this
  }

  /** Leads on when a state fails, to one that takes the failure. */
  onError<F extends AnyStateRef, S extends StateRef<StateFailure<StateInput<F>>, unknown>>(
    from: F,
    to: S & Settled<S>,
    options?: AdvanceOptions<StateFailure<StateInput<F>>>,
  ): this
  /** Leads on when a state fails; `convert` makes the next input of the failure. */
  onError<F extends AnyStateRef, S extends AnyStateRef>(
    from: F,
    to: S & Settled<S>,
    options: FailureRoute<StateFailure<StateInput<F>>, S>,
  ): this
  onError(from: AnyStateRef, to: AnyStateRef, way: Way = {}): this {
    this.#source(from).onError(wayTo(this.#target(to), way))
    return this
  }

  /**
   * The orchestration, checked. Built again, it is the same one.
   * @throws WiringError that lists everything that is wrong, such as a state that leads nowhere and was not said to be an end
   */
  build(): Orchestration<TIn, TOut> {
    this.#built ??= buildOrchestration<TIn, TOut>({
      options: this.#options as unknown as OrchestrationConfiguration<undefined, undefined>,
      entry: this.#entry,
      states: this.#states,
      outputs: this.#outputs,
      deadEnds: this.#deadEnds,
      exits: this.#exits,
    })
    return this.#built
  }

  #collect(target: AnyRunnable, { into, last, ...options }: EachWiring): OrchestrationRunnable<Collected, unknown> {
    const join = collectingJoin(this.#label(target, 'collect'), options)
    join.addAdvancer(this.#target(into))
    this.#states.add(join as AnyRunnable)
    this.#source(last ?? target).addAdvancer(join as RunnableRef<unknown>)
    return join
  }

  #label(runnable: AnyRunnable, part: string): string {
    const label = `${givenName(runnable)}.${part}`
    const count = (this.#labels.get(label) ?? 0) + 1
    this.#labels.set(label, count)
    return count === 1 ? label : `${label}.${count}`
  }

  #target(ref: AnyStateRef): RunnableRef<unknown> {
    return this.#state(ref) as RunnableRef<unknown>
  }

  #source(ref: AnyStateRef): Untyped {
    return this.#state(ref) as Untyped
  }

  #state(ref: AnyStateRef): AnyRunnable {
    if (this.#built !== undefined) throw tooLate(this.#built.name)
    let runnable = ref instanceof OrchestrationRunnable ? (ref as AnyRunnable) : this.#ofClass.get(ref)
    if (runnable === undefined) {
      if (!isStateClass(ref)) throw noState(ref)
      runnable = new (ref as StateClass<never, unknown>)()
      this.#ofClass.set(ref as StateClass<never, unknown>, runnable)
    }
    const owner = owners.get(runnable)
    if (owner !== undefined && (owner as unknown) !== this) throw ownedBy(givenName(runnable), owner.#options.name)
    owners.set(runnable, this as unknown as OrchestrationBuilder<never, never>)
    this.#states.add(runnable)
    return runnable
  }
}

/** Takes the items of `each()` out of an output. */
export type EachItems<TFrom, S> = (
  output: TFrom,
  context: RunContext,
) => readonly StateInput<S>[] | Promise<readonly StateInput<S>[]>

function noState(given: unknown): OptionError {
  const orchestration =
    given instanceof Orchestration ? ' (an orchestration becomes one with state(name, orchestration))' : ''
  return new OptionError('state', `a state or its class${orchestration}`, given)
}

function ownedBy(state: string, owner = 'Orchestration'): OrchestrationError {
  return new OrchestrationError(
    `State "${state}" belongs to the builder of "${owner}", and so do its ways on. Make another instance for this one.`,
    { code: 'DEFINITION_FROZEN', details: { state, orchestration: owner } },
  )
}

function tooLate(name: string): OrchestrationError {
  return new OrchestrationError(
    `The builder of "${name}" has built it; for another orchestration, take another builder.`,
    {
      code: 'DEFINITION_FROZEN',
      details: { orchestration: name },
    },
  )
}
