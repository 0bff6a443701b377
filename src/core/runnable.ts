import { OptionError } from '../errors/index.js'
import type { TypeRef } from '../schema/index.js'
import { OrchestrationAdvancer } from './advancer.js'
import type { RunContext } from './context.js'
import { type InputOf, type OutputOf } from './declared-payload.js'
import { type AdvanceCondition, FunctionAdvancer, type OutputConverter } from './function-advancer.js'
import { checkRunnableDeclaration, type RunnableDeclaration, type RunnableOptions } from './runnable-options.js'
import type { StateFailure } from './state-failure.js'
import type { RunnableRef } from './target.js'
import { openWiring } from './wiring.js'

declare const io: unique symbol

/** An advancer of states that return a `TOut`, wherever it leads. */
type AdvancerFor<TOut> = OrchestrationAdvancer<TOut, any> // any: what it hands on concerns only its target

/**
 * Decides from a failure whether a route applies. The property, which every function has, keeps TypeScript from comparing
 * parameters of parameters: those would make a state invariant in what it takes.
 */
interface FailureCondition<TIn> {
  (failure: StateFailure<TIn>, context: RunContext): boolean | Promise<boolean>
  readonly length: number
}

/** Makes the next state's input of a failure; the property is there for the same reason. */
interface FailureConverter<TIn, TNext> {
  (failure: StateFailure<TIn>, context: RunContext): TNext | Promise<TNext>
  readonly length: number
}

/**
 * A state: takes a `TIn`, does its work, returns a `TOut`.
 *
 * An instance belongs to the definition and is shared by all runs, so it keeps no data of a run in its fields. Inputs and
 * outputs are shared by reference between the states of a run: treat them as immutable.
 *
 * ```ts
 * @Runnable({ input: String, output: SearchPlan })
 * class Planning extends OrchestrationRunnable<string, SearchPlan> {
 *   async invoke(topic: string, context: RunContext) { … return plan }
 * }
 * ```
 */
export abstract class OrchestrationRunnable<in TIn, out TOut> {
  /** Exists in the type system only: without it TypeScript would accept states whose types do not meet. */
  declare readonly [io]: (input: TIn) => TOut

  /** The work. A run that is resumed after a crash, or retried, may invoke it again with the same input and identity. */
  abstract invoke(input: TIn, context: RunContext): Promise<TOut> | TOut

  /** Called once per run, before the first invocation of this state; what it throws fails the state. */
  initialize?(context: RunContext): Promise<void> | void

  /**
   * Called once at the end of each run that called {@link OrchestrationRunnable.initialize}, however the run ended. What it
   * throws is reported as an event and to the logger and does not change the outcome; the run waits for it for ten seconds.
   */
  cleanup?(context: RunContext): Promise<void> | void

  /** Makes `advancer` the only way on from this state (S4-12). */
  setAdvancer(advancer: AdvancerFor<TOut>): this {
    openWiring(this, 'setAdvancer()').advancers = [advancer]
    return this
  }

  /** Adds a way on from this state: an advancer, or a target that is always taken. Ways are tried in the order of adding. */
  addAdvancer(next: AdvancerFor<TOut> | RunnableRef<TOut>): this
  /** Adds a way on for the kind of output that `condition` recognises. */
  addAdvancer<TNext>(
    condition: (output: TOut, context: RunContext) => output is TOut & NoInfer<TNext>,
    target: RunnableRef<TNext>,
  ): this
  /** Adds a way on for the kind of output that `condition` recognises; `convert` makes the next input of it. */
  addAdvancer<TCase extends TOut, TNext>(
    condition: (output: TOut, context: RunContext) => output is TCase,
    target: RunnableRef<TNext>,
    convert: OutputConverter<TCase, NoInfer<TNext>>,
  ): this
  /** Adds a way on that is taken when `condition` holds; `convert` makes the next input of the output. */
  addAdvancer<TNext>(
    condition: AdvanceCondition<TOut>,
    target: RunnableRef<TNext>,
    convert: OutputConverter<TOut, NoInfer<TNext>>,
  ): this
  /** Adds a way on that is taken when `condition` holds. */
  addAdvancer(condition: AdvanceCondition<TOut>, target: RunnableRef<TOut>): this
  addAdvancer(first: unknown, target?: RunnableRef<never>, convert?: OutputConverter<never, unknown>): this {
    openWiring(this, 'addAdvancer()').advancers.push(asAdvancer(first, target, convert))
    return this
  }

  /** Adds a way on for when this state fails: an advancer of {@link StateFailure}, or a target that takes one. */
  onError(next: AdvancerFor<StateFailure<TIn>> | RunnableRef<StateFailure<TIn>>): this
  /** Adds a way on for those failures for which `condition` holds. */
  onError(condition: FailureCondition<TIn>, target: RunnableRef<StateFailure<TIn>>): this
  /** Adds a way on for those failures for which `condition` holds; `convert` makes the next input of the failure. */
  onError<TNext>(
    condition: FailureCondition<TIn>,
    target: RunnableRef<TNext>,
    convert: FailureConverter<TIn, NoInfer<TNext>>,
  ): this
  onError(first: unknown, target?: RunnableRef<never>, convert?: OutputConverter<never, unknown>): this {
    openWiring(this, 'onError()').errorAdvancers.push(asAdvancer(first, target, convert))
    return this
  }

  /** Sets options of this instance; what is not given stays as the class declares it. */
  configure<I extends TypeRef | undefined = undefined, O extends TypeRef | undefined = undefined>(
    this: OrchestrationRunnable<InputOf<I>, OutputOf<O>>,
    options: RunnableOptions<I, O>,
  ): this {
    checkRunnableDeclaration(options as RunnableDeclaration)
    const wiring = openWiring(this, 'configure()')
    wiring.declaration = { ...wiring.declaration, ...(options as RunnableDeclaration) }
    return this as this
  }
}

/** Any runnable, whatever it takes and returns. */
export type AnyRunnable = OrchestrationRunnable<never, unknown>

function asAdvancer(
  first: unknown,
  target: RunnableRef<never> | undefined,
  convert: OutputConverter<never, unknown> | undefined,
): OrchestrationAdvancer<never, unknown> {
  if (first instanceof OrchestrationAdvancer) return first as OrchestrationAdvancer<never, unknown>
  const isTarget = typeof first === 'string' || typeof first === 'function' || first instanceof OrchestrationRunnable
  if (!isTarget) throw new OptionError('next', 'an advancer, a runnable, its class, its name, or a condition', first)
  if (target === undefined) return new FunctionAdvancer<never, unknown>(first as RunnableRef<unknown>)
  return new FunctionAdvancer<never, unknown>(target as RunnableRef<unknown>, first as AdvanceCondition<never>, convert)
}
