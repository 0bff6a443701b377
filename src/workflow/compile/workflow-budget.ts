import type { Interceptor, NextCall, ResumedRun, StateCall, Usage } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { type Budget, BudgetExceededError, budget } from '../../resilience/index.js'
import type { WorkflowEnvironment } from '../workflow-environment.js'
import { nodeIdOf } from './state-names.js'

/** Bounds what each run of a workflow costs, by the limit that the run was started with (S2-35). */
export class WorkflowBudget implements Interceptor {
  readonly nested = true
  readonly #environment: WorkflowEnvironment
  readonly #budgets = new Map<string, Budget>()

  constructor(environment: WorkflowEnvironment) {
    this.#environment = environment
  }

  /** A run begins, or is taken up. */
  limit(runId: string, max: number): void {
    const { prices, unpriced = 'fail' } = this.#environment
    const limits = { money: { hard: max } }
    const options = { name: 'max_budget', limits, atLimit: 'start', unpriced, remember: 0 } as const
    this.#budgets.set(runId, budget(prices === undefined ? options : { ...options, prices }))
  }

  async around(call: StateCall, next: NextCall): Promise<unknown> {
    const own = this.#budgets.get(call.runId)
    if (own === undefined) return next()
    try {
      return await own.around(call, next)
    } catch (thrown) {
      throw told(thrown, call)
    }
  }

  onAttempt(call: StateCall, attempt: number): void {
    telling(call, () => this.#budgets.get(call.runId)?.onAttempt?.(call, attempt))
  }

  onUsage(call: StateCall, usage: Usage): void {
    telling(call, () => this.#budgets.get(call.runId)?.onUsage?.(call, usage))
  }

  onRunResume(run: ResumedRun): void {
    this.#budgets.get(run.runId)?.onRunResume?.(run)
  }

  onRunEnd(runId: string): void {
    this.#budgets.get(runId)?.onRunEnd?.(runId)
    this.#budgets.delete(runId)
  }
}

function telling(call: StateCall, work: () => void): void {
  try {
    work()
  } catch (thrown) {
    throw told(thrown, call)
  }
}

/** The end of the money in the words of workflows (C25). */
function told(thrown: unknown, { stateName }: StateCall): unknown {
  if (!(thrown instanceof BudgetExceededError) || thrown.budget !== 'max_budget') return thrown
  const { spent, max } = thrown
  const node = nodeIdOf(stateName)
  return new OrchestrationError(`Budget exceeded: $${spent} > max $${max} (at node "${node}")`, {
    code: 'BUDGET_EXCEEDED',
    details: { node, spent, max },
  })
}
