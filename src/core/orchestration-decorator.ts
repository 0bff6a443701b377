import type { TypeRef } from '../schema/index.js'
import { type AnyClass, ClassMetadata } from './class-metadata.js'
import type { InputOf, OutputOf } from './declared-payload.js'
import type { Orchestration } from './orchestration.js'
import {
  checkOrchestrationDeclaration,
  type OrchestrationConfiguration,
  type OrchestrationDeclaration,
} from './orchestration-options.js'

const declarations = new ClassMetadata<OrchestrationDeclaration>()

type ClassOfOrchestration<TIn, TOut> = abstract new (
  ...args: any[] // any: a constructor's parameters play no part in what an orchestration takes and returns
) => Orchestration<TIn, TOut>

/** Decorates a class of orchestrations; the same signature serves both kinds of decorators. */
export interface OrchestrationDecorator<TIn, TOut> {
  <C extends ClassOfOrchestration<TIn, TOut>>(target: C, context?: ClassDecoratorContext<C>): void
}

/** Declares what an orchestration takes and returns, and the rules of its runs. */
export function OrchestrationOptions<
  I extends TypeRef | undefined = undefined,
  O extends TypeRef | undefined = undefined,
>(options: OrchestrationConfiguration<I, O>): OrchestrationDecorator<InputOf<I>, OutputOf<O>> {
  return target => declare(target, options as OrchestrationDeclaration)
}

/** {@link OrchestrationOptions} as a function. */
export function defineOrchestration<
  I extends TypeRef | undefined = undefined,
  O extends TypeRef | undefined = undefined,
>(target: ClassOfOrchestration<InputOf<I>, OutputOf<O>>, options: OrchestrationConfiguration<I, O>): void {
  declare(target, options as OrchestrationDeclaration)
}

function declare(target: AnyClass, declaration: OrchestrationDeclaration): void {
  checkOrchestrationDeclaration(declaration)
  declarations.set(target, declaration)
}

/** What is declared for a class of orchestrations, parents included; a name is never inherited. */
export function orchestrationDeclaration(target: AnyClass): OrchestrationDeclaration {
  return declarations.get(target)
}
