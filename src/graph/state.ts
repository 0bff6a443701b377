import {
  type JoinOptions,
  JoinRunnable,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  type RunnableBehaviour,
  SubOrchestrationRunnable,
} from '../core/index.js'
import { OptionError } from '../errors/index.js'
import type { TypeOf, TypeRef } from '../schema/index.js'
import { isStateClass } from './state-ref.js'

/** The work of a state as a function. */
export type StateFunction<TIn, TOut> = (input: TIn, context: RunContext) => TOut | Promise<TOut>

/** The work of a join as a function: what arrived, in declared order. */
export type JoinFunction<TItem, TOut> = (items: readonly TItem[], context: RunContext) => TOut | Promise<TOut>

/** How a state made by {@link state} behaves; its name comes first. */
export type StateBehaviour = Omit<RunnableBehaviour, 'name'>

/** {@link StateBehaviour} with the classes of the payloads, which are validated and give the function its types. */
export interface TypedStateOptions<I extends TypeRef, O extends TypeRef> extends StateBehaviour {
  readonly input: I
  readonly output: O
}

class FunctionRunnable<TIn, TOut> extends OrchestrationRunnable<TIn, TOut> {
  readonly #work: StateFunction<TIn, TOut>

  constructor(work: StateFunction<TIn, TOut>) {
    super()
    this.#work = work
  }

  invoke(input: TIn, context: RunContext): TOut | Promise<TOut> {
    return this.#work(input, context)
  }
}

class FunctionJoin<TItem, TOut> extends JoinRunnable<TItem, TOut> {
  readonly #options: JoinOptions
  readonly #work: JoinFunction<TItem, TOut>

  constructor(options: JoinOptions, work: JoinFunction<TItem, TOut>) {
    super()
    this.#options = options
    this.#work = work
  }

  override get joinOptions(): JoinOptions {
    return this.#options
  }

  join(items: readonly TItem[], context: RunContext): TOut | Promise<TOut> {
    return this.#work(items, context)
  }
}

/**
 * Makes a state of a function, or of an orchestration, which then runs inside the outer one.
 *
 * ```ts
 * const planning = state('Planning', { input: String, output: Plan }, topic => new Plan(topic))
 * const shout = state('Shout', (text: string) => text.toUpperCase())
 * const research = state('Research', new ResearchOrchestration())
 * ```
 *
 * @throws OPTION_INVALID for an empty name, or work that is neither
 */
export function state<TIn, TOut>(
  name: string,
  orchestration: Orchestration<TIn, TOut>,
): OrchestrationRunnable<TIn, TOut>
export function state<TIn, TOut>(name: string, work: StateFunction<TIn, TOut>): OrchestrationRunnable<TIn, TOut>
export function state<I extends TypeRef, O extends TypeRef>(
  name: string,
  options: TypedStateOptions<I, O>,
  work: StateFunction<TypeOf<I>, TypeOf<O>>,
): OrchestrationRunnable<TypeOf<I>, TypeOf<O>>
export function state<TIn, TOut>(
  name: string,
  options: StateBehaviour & { readonly input?: undefined; readonly output?: undefined },
  work: StateFunction<TIn, TOut>,
): OrchestrationRunnable<TIn, TOut>
export function state(name: string, ...rest: readonly unknown[]): OrchestrationRunnable<never, unknown> {
  const work = rest.at(-1)
  const options = rest.length > 1 ? (rest[0] as StateBehaviour) : {}
  if (work instanceof Orchestration) return named(new SubOrchestrationRunnable<never, unknown>(work), name, options)
  if (typeof work !== 'function' || isStateClass(work)) {
    throw new OptionError(
      'work',
      'a function or an orchestration; a state or its class needs no state() around it',
      work,
    )
  }
  return named(new FunctionRunnable(work as StateFunction<never, unknown>), name, options)
}

/**
 * Makes a join of a function, with the policy of its options:
 *
 * ```ts
 * const gather = joinState('Gather', { policy: { quorum: 2 } }, (notes: readonly string[]) => notes.join('\n'))
 * ```
 *
 * @throws OPTION_INVALID for an empty name; for a policy that makes no sense when the orchestration is built
 */
export function joinState<TItem, TOut>(
  name: string,
  options: JoinOptions,
  work: JoinFunction<TItem, TOut>,
): JoinRunnable<TItem, TOut> {
  if (typeof work !== 'function') throw new OptionError('work', 'a function, after the name and the options', work)
  return named(new FunctionJoin(options, work), name, {})
}

const names = new WeakMap<object, string>()

/** What a state is called as far as it can be told before the graph is made. */
export function givenName(runnable: object): string {
  return names.get(runnable) ?? runnable.constructor.name
}

function named<S extends OrchestrationRunnable<never, unknown>>(runnable: S, name: string, options: StateBehaviour): S {
  if (typeof name !== 'string') throw new OptionError('name', 'a non-empty string', name)
  names.set(runnable, name)
  return (runnable as OrchestrationRunnable<never, unknown>).configure({ ...options, name }) as S
}
