import type { OrchestrationAdvancer } from './advancer.js'
import { type AnyClass, ClassMetadata } from './class-metadata.js'
import type { RunnableClass } from './target.js'

/** A state that an advancer may lead to: its class, a thunk of it (for classes declared later), or its name. */
export type DeclaredTarget = RunnableClass<never> | (() => RunnableClass<never>) | string

/** What `@Advancer` takes. */
export interface AdvancerOptions {
  /** What events and errors call this advancer. @default the class's name */
  readonly name?: string
  /**
   * Every state that `getNextRunnable` may name. Declared targets are checked before the first run, drawn in diagrams, let
   * joins know who can still reach them, and are registered for you if their class needs no constructor arguments.
   * @default unknown: the advancer may lead anywhere, unless `sends` is given
   */
  readonly to?: readonly DeclaredTarget[]
  /** Every state that `getNextRunnable` may name in a `sendTo`; these get a value of their own, not the output. @default none */
  readonly sends?: readonly DeclaredTarget[]
}

const declarations = new ClassMetadata<AdvancerOptions>()

type ClassOfAdvancer = abstract new (...args: any[]) => OrchestrationAdvancer<any, any> // any: whatever its types

/** Decorates a class of advancers; the same signature serves both kinds of decorators. */
export interface AdvancerDecorator {
  <C extends ClassOfAdvancer>(target: C, context?: ClassDecoratorContext<C>): void
}

/** Declares where an advancer may lead: `@Advancer({ to: [() => Research] })`. */
export function Advancer(options: AdvancerOptions): AdvancerDecorator {
  return target => declarations.set(target, options)
}

/** {@link Advancer} as a function. */
export function defineAdvancer(target: ClassOfAdvancer, options: AdvancerOptions): void {
  declarations.set(target, options)
}

/** What is declared for a class of advancers, parents included; a name is never inherited. */
export function advancerDeclaration(target: AnyClass): AdvancerOptions {
  return declarations.get(target)
}
