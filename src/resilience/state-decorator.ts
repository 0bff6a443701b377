import {
  ApprovalRunnable,
  DelayRunnable,
  type Interceptor,
  type OrchestrationRunnable,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../core/index.js'
import { declareInterceptor } from '../core/internal.js'
import { OrchestrationError } from '../errors/index.js'
import { type PolicyKind, policyPlaces } from './policy-order.js'

/** A class of states that return a `TOut`. */
export type StateClass<TOut = unknown> = abstract new (
  ...args: any[] // any: a constructor's parameters play no part in a policy
) => OrchestrationRunnable<never, TOut>

/** Decorates a class of states; the same signature serves TypeScript's older decorators and the standard ones. */
export interface StateDecorator {
  <C extends StateClass>(target: C, context?: ClassDecoratorContext<C>): void
}

/**
 * Declares a policy for a class of states; each state gets what `create` returns for itself.
 * @throws WIRING_INVALID for a class whose states are never invoked
 */
export function declarePolicy(target: StateClass, kind: PolicyKind, create: () => Interceptor): void {
  refuseUninvoked(target, kind)
  declareInterceptor(target, { kind, place: policyPlaces[kind], create })
}

const uninvoked = [ApprovalRunnable, SignalRunnable, DelayRunnable, SubOrchestrationRunnable] as const

function refuseUninvoked(target: StateClass, kind: PolicyKind): void {
  const base = uninvoked.find(each => target === (each as unknown) || target.prototype instanceof each)
  if (base === undefined) return
  const instead =
    base === SubOrchestrationRunnable
      ? 'Give the policy to the states inside it, or to its orchestration.'
      : 'Use its own time limit, and its routes.'
  throw new OrchestrationError(
    `The policy ${kind} on ${target.name} would have no effect: a ${base.name} is not invoked. ${instead}`,
    { code: 'WIRING_INVALID', details: { class: target.name, policy: kind } },
  )
}
