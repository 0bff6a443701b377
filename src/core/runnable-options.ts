import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { TypeRef } from '../schema/index.js'
import type { OrchestrationAdvancer, RoutedOutput } from './advancer.js'
import type { Interceptor } from './interceptor.js'

/** How a state behaves in the graph. Given to `@Runnable`, or to {@link OrchestrationRunnable.configure} for one instance. */
export interface RunnableBehaviour {
  /** Unique in its orchestration; what events and errors call this state. @default the class's name */
  readonly name?: string
  /** Follow every advancer that matches, each on a branch of its own, instead of the first only. @default false */
  readonly parallelAdvances?: boolean
  /** How many more times to invoke the state when it has advancers but none matches. @default 0 */
  readonly reruns?: number
  /** End the branch quietly, instead of failing the run, when no advancer matches. @default false */
  readonly allowDeadEnd?: boolean
  /** What wraps each invocation of this state, inside the orchestration's own interceptors. @default none */
  readonly interceptors?: readonly Interceptor[]
}

/** {@link RunnableBehaviour} with the classes of the payloads, which are checked against the generics of the state. */
export interface RunnableOptions<I extends TypeRef | undefined, O extends TypeRef | undefined>
  extends RunnableBehaviour {
  /**
   * What the state takes; every input is validated against it: a class, `String`, `Number`, `Boolean`, `Object`, `Date`, `[Item]`
   * for an array, or a thunk of one. @default not validated
   */
  readonly input?: I
  /** What the state returns, likewise. @default not validated */
  readonly output?: O
}

/** A class of advancers that needs no constructor arguments. */
export type AdvancerClass = new () => OrchestrationAdvancer<never, any> // any: what it hands on concerns only its target

/** A class of advancers, or a thunk of one that is declared later. */
export type AdvancerRef = AdvancerClass | (() => AdvancerClass)

/** What a state has to return so that each of the advancers `A` can route it. */
export type OutputRoutedBy<A> = [Router<A>] extends [(output: infer TOutput) => void] ? TOutput : unknown

// As parameters of functions, because there TypeScript infers what fits all of them, not any of them.
type Router<A> = A extends new () => infer TAdvancer
  ? (output: RoutedOutput<TAdvancer>) => void
  : A extends () => infer C
    ? Router<C>
    : never

/** The options of a state as they are kept: types no longer tied to one class. */
export interface RunnableDeclaration extends RunnableBehaviour {
  readonly input?: TypeRef
  readonly output?: TypeRef
  readonly advancers?: readonly AdvancerRef[]
}

const declarationNames: OptionNames<RunnableDeclaration> = {
  name: true,
  parallelAdvances: true,
  reruns: true,
  allowDeadEnd: true,
  interceptors: true,
  input: true,
  output: true,
  advancers: true,
}

/** Refuses what a state cannot be configured with. @throws OPTION_INVALID */
export function checkRunnableDeclaration(declaration: RunnableDeclaration): void {
  checkOptionNames('a state', declaration, declarationNames)
  const { name, reruns } = declaration
  if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
    throw new OptionError('name', 'a non-empty string', name)
  }
  if (reruns !== undefined && (!Number.isInteger(reruns) || reruns < 0)) {
    throw new OptionError('reruns', 'a whole number of at least 0', reruns)
  }
}
