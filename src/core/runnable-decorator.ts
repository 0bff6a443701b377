import type { TypeRef } from '../schema/index.js'
import { type AnyClass, ClassMetadata } from './class-metadata.js'
import type { InputOf, OutputOf } from './declared-payload.js'
import type { OrchestrationRunnable } from './runnable.js'
import {
  type AdvancerRef,
  checkRunnableDeclaration,
  type OutputRoutedBy,
  type RunnableDeclaration,
  type RunnableOptions,
} from './runnable-options.js'

const declarations = new ClassMetadata<RunnableDeclaration>()

/** A class of runnables whose input takes a `TIn` and whose output is a `TOut`. */
type ClassOfRunnable<TIn, TOut> = abstract new (
  ...args: any[] // any: a constructor's parameters play no part in what a state takes and returns
) => OrchestrationRunnable<TIn, TOut>

/** What `@Runnable` takes. */
export interface RunnableDecoratorOptions<
  I extends TypeRef | undefined,
  O extends TypeRef | undefined,
  A extends AdvancerRef,
> extends RunnableOptions<I, O> {
  /** Advancers that every instance of the class has, also one that an advancer makes while a run is under way. */
  readonly advancers?: readonly A[]
}

/** Decorates a class; the same signature serves TypeScript's older decorators and the standard ones. */
export interface RunnableDecorator<TIn, TOut> {
  <C extends ClassOfRunnable<TIn, TOut>>(target: C, context?: ClassDecoratorContext<C>): void
}

/**
 * Declares what a state takes and returns, and how it behaves.
 *
 * ```ts
 * @Runnable({ input: String, output: SearchPlan })
 * class Planning extends OrchestrationRunnable<string, SearchPlan> { … }
 * ```
 *
 * A subclass inherits each field it does not declare itself. `defineRunnable` does the same without a decorator.
 */
export function Runnable<
  I extends TypeRef | undefined = undefined,
  O extends TypeRef | undefined = undefined,
  A extends AdvancerRef = never,
>(options: RunnableDecoratorOptions<I, O, A>): RunnableDecorator<InputOf<I>, OutputOf<O> & OutputRoutedBy<A>> {
  return target => declare(target, options as RunnableDeclaration)
}

/** {@link Runnable} as a function: `defineRunnable(Planning, { input: String, output: SearchPlan })`. */
export function defineRunnable<
  I extends TypeRef | undefined = undefined,
  O extends TypeRef | undefined = undefined,
  A extends AdvancerRef = never,
>(
  target: ClassOfRunnable<InputOf<I>, OutputOf<O> & OutputRoutedBy<A>>,
  options: RunnableDecoratorOptions<I, O, A>,
): void {
  declare(target, options as RunnableDeclaration)
}

function declare(target: AnyClass, declaration: RunnableDeclaration): void {
  checkRunnableDeclaration(declaration)
  declarations.set(target, declaration)
}

/** What is declared for a class of runnables, parents included; a name is never inherited. */
export function runnableDeclaration(target: AnyClass): RunnableDeclaration {
  return declarations.get(target)
}
