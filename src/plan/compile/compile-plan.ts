import type { Orchestration } from '../../core/index.js'
import { checkOptionNames } from '../../errors/internal.js'
import type { Json } from '../../schema/index.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { PlanInvalidError } from '../planning/plan-invalid-error.js'
import { validatePlan } from '../planning/plan-validator.js'
import type { WorkflowResult } from '../workflow/workflow-result.js'
import { type CompileOptions, compileOptionNames } from './compile-options.js'
import { PlanOrchestration } from './plan-orchestration.js'

/**
 * Makes the orchestration that carries out a plan. Its states are called by the ids of the steps; its input is the plan as JSON, which
 * is how the plan comes into the events and into the journal; its output is the result.
 *
 * ```ts
 * const orchestration = compilePlan(plan, { registry })
 * console.log(toMermaid(orchestration))
 * const result = await orchestration.run(plan.toJSON())
 * ```
 *
 * @throws PlanInvalidError PLAN_INVALID; OPTION_INVALID
 */
export function compilePlan(plan: ExecutionPlan, options: CompileOptions): Orchestration<Json, WorkflowResult> {
  checkOptionNames('compilePlan()', options, compileOptionNames)
  const { faults } = validatePlan(plan)
  if (faults.length > 0) throw new PlanInvalidError(faults)
  return new PlanOrchestration(plan, options)
}
