import type { Interceptor } from '../../core/index.js'
import { parseCondition } from '../../graph/internal.js'
import type { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { DependencyError } from '../workflow/dependency-error.js'
import { conditionValues, holds } from './condition-check.js'
import { RunRecord } from './run-record.js'

/**
 * Stands around all policies of a step: lets nobody begin before what the step depends on has completed, and nobody at all, with `null`
 * for a result, if its condition does not hold.
 */
export function stepGuard(step: AgentStep, plan: ExecutionPlan): Interceptor {
  const condition = step.condition === undefined ? undefined : parseCondition(step.condition)
  return {
    async around({ context }, next) {
      const record = new RunRecord(plan, context)
      const missing = record.missingOf(step)
      if (missing.length > 0) throw new DependencyError(step.stepId, missing)
      if (condition !== undefined) {
        const values = conditionValues(record.state, record.turn)
        if (!holds(condition, values, context, step.stepId)) return null
      }
      return next()
    },
  }
}
