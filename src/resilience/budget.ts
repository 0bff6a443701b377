import { type Interceptor, type OrchestrationRunnable, SubOrchestrationRunnable } from '../core/index.js'
import { declareInterceptor } from '../core/internal.js'
import type { BudgetSpending } from './budget-account.js'
import type { BudgetAmounts, BudgetOptions, BudgetScope, BudgetSnapshot } from './budget-options.js'
import { MeteredBudget } from './metered-budget.js'
import { policyPlaces } from './policy-order.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'

/**
 * A limit on what states may spend: an interceptor for an orchestration, a state, or several of them, that can be
 * asked.
 */
export interface Budget extends Interceptor {
  readonly name: string
  /** What is spent in a scope; nothing, if it is not known (any more). */
  spent(scope: BudgetScope): BudgetSpending
  /** What is left of each hard limit in a scope, at least 0. */
  remaining(scope: BudgetScope): BudgetAmounts
  /**
   * Allows a scope more than the limits say, for example when a person has approved it. A run must be under way.
   * @throws OPTION_INVALID
   */
  grant(scope: BudgetScope, amounts: BudgetAmounts): void
  /** Lets a run or key start again from nothing. */
  reset(scope: string): void
  /** What is spent and granted, to be kept and given to `from` in another process. */
  toJSON(): BudgetSnapshot
}

/**
 * A budget: bounds what is spent, per run, per state or per key, and stops the rest.
 *
 * ```ts
 * const spending = budget({ limits: { money: { soft: 0.8, hard: 1 }, steps: 50 }, prices })
 * orchestration.configure({ interceptors: [spending] })
 * ```
 *
 * It is asked before each attempt of a state, inside all retries, and a state is not started once a hard limit is
 * reached; and after each report, which fails if it goes beyond the limit. So a run ends at most by what was at work
 * over its limit. What a state has reported counts, also if it fails. Spending of states inside sub-orchestrations
 * counts.
 *
 * @throws OPTION_INVALID
 */
export function budget(options: BudgetOptions): Budget {
  return new MeteredBudget(options)
}

/**
 * A budget for every state of a class: one of its own for each state, per state and run unless `per` says otherwise; or
 * one that is made already, and shared.
 *
 * ```ts
 * @Budget({ limits: { tokens: 10_000 } })
 * class Drafting extends AgentRunnable<string, Draft> { … }
 * ```
 *
 * It stands inside the fallback and the retry of the class, outside everything else. On a class of sub-orchestrations
 * it bounds the states inside. `budget()` in `interceptors` does the same without a decorator.
 *
 * @throws OPTION_INVALID
 */
export function Budget(options: BudgetOptions | Budget): StateDecorator {
  // Refused where it is written, not when the first machine is made of the class.
  if (!isBudget(options)) budget(options)
  const create = (): Interceptor => (isBudget(options) ? options : budget({ per: 'state', ...options }))
  return target => {
    if ((target.prototype as OrchestrationRunnable<never, unknown>) instanceof SubOrchestrationRunnable) {
      declareInterceptor(target, { kind: 'budget', place: policyPlaces.budget, create })
    } else declarePolicy(target, 'budget', create)
  }
}

function isBudget(options: BudgetOptions | Budget): options is Budget {
  return 'around' in options
}
