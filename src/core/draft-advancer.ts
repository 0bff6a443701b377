import type { OrchestrationAdvancer } from './advancer.js'
import { advancerDeclaration, type DeclaredTarget } from './advancer-decorator.js'
import type { AnyClass } from './class-metadata.js'
import { FunctionAdvancer } from './function-advancer.js'
import { runnableDeclaration } from './runnable-decorator.js'
import type { RunnableRef } from './target.js'
import { wiringOf } from './wiring.js'

/** An advancer before its targets are known as states. */
export interface DraftAdvancer {
  readonly name: string
  readonly advancer: OrchestrationAdvancer<never, unknown>
  /** Targets that get the output, converted or not, and targets that get a value of their own. */
  readonly to: readonly unknown[] | undefined
  readonly sends: readonly unknown[]
}

/** What an advancer says of itself. */
export function draftAdvancer(advancer: OrchestrationAdvancer<never, unknown>): DraftAdvancer {
  if (advancer instanceof FunctionAdvancer) {
    const target: RunnableRef<never> = advancer.target
    return { name: `→ ${targetName(target)}`, advancer, to: [target], sends: [] }
  }
  const { name = advancer.constructor.name, to, sends = [] } = advancerDeclaration(advancer.constructor as AnyClass)
  return { name, advancer, to: to?.map(resolveThunk), sends: sends.map(resolveThunk) }
}

function targetName(target: RunnableRef<never>): string {
  if (typeof target === 'string') return target
  if (typeof target === 'function') return target.name
  return (
    wiringOf(target).declaration.name ??
    runnableDeclaration(target.constructor as AnyClass).name ??
    target.constructor.name
  )
}

/** Whether a reference stands for a class that is declared later: arrow functions have no prototype, classes have one. */
export function isThunk(value: unknown): boolean {
  return typeof value === 'function' && value.prototype === undefined
}

function resolveThunk(target: DeclaredTarget): unknown {
  return isThunk(target) ? (target as () => unknown)() : target
}
