import { OrchestrationError } from '../errors/index.js'
import { type BudgetQuantity, unitOf } from './budget-limits.js'

/** What a {@link BudgetExceededError} tells. */
export interface BudgetExceededDetails {
  readonly budget: string
  /** What is limited. */
  readonly limit: BudgetQuantity
  readonly spent: number
  readonly max: number
  /** The state that was refused, or that went beyond the limit. */
  readonly state: string
  /** The run or key whose share it is. */
  readonly scope: string
  /** The attempt that was refused or has failed, from 1. */
  readonly attempt: number
}

/**
 * A hard limit of a budget is reached. Thrown before a state is started, if nothing is left; by `context.usage()`, if a
 * report goes beyond the limit; and for a state that is at work when its wall clock runs out. Not retryable. Route it
 * with `onError(failure => failure.error instanceof BudgetExceededError, …)`.
 */
export class BudgetExceededError extends OrchestrationError implements BudgetExceededDetails {
  readonly budget: string
  readonly limit: BudgetQuantity
  readonly spent: number
  readonly max: number
  readonly state: string
  readonly scope: string
  readonly attempt: number

  constructor(what: 'refused' | 'beyond' | 'stopped', details: BudgetExceededDetails) {
    const { budget, limit, spent, max, state, scope, attempt } = details
    const consequence = {
      refused: `so state "${state}" was not started`,
      beyond: `by what state "${state}" has reported`,
      stopped: `so state "${state}" was stopped`,
    }[what]
    super(
      `Budget exceeded: ${spent} of ${max} ${unitOf[limit]} of budget "${budget}" (${scope}) are spent, ` +
        `${consequence}. ` +
        'Raise the limit, grant() more, exempt the state, or route the failure with onError.',
      { code: 'BUDGET_EXCEEDED', details: { budget, limit, spent, max, state, scope, attempt } },
    )
    this.budget = budget
    this.limit = limit
    this.spent = spent
    this.max = max
    this.state = state
    this.scope = scope
    this.attempt = attempt
  }
}
