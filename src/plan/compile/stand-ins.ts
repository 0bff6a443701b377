import { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'

/** The steps that are there only to stand in for another one; they are not run by themselves. */
function standInIds({ steps }: ExecutionPlan): ReadonlySet<string> {
  const ids = new Set(steps.map(step => step.stepId))
  return new Set(
    steps.flatMap(({ stepId, fallback }) =>
      fallback !== undefined && fallback !== stepId && ids.has(fallback) ? [fallback] : [],
    ),
  )
}

/** The steps that run by themselves, in the plan's order. */
export function stepsThatRun(plan: ExecutionPlan): readonly AgentStep[] {
  const standIns = standInIds(plan)
  return plan.steps.filter(step => !standIns.has(step.stepId))
}

/** Who does a step's task when the step fails, in the order in which they are tried; each is a step, or the step by another agent. */
export function standInsOf(step: AgentStep, plan: ExecutionPlan): readonly AgentStep[] {
  const found: AgentStep[] = []
  let last = step
  while (last.fallback !== undefined) {
    const id = last.fallback
    const next = plan.steps.find(each => each.stepId === id)
    // A ring of steps that stand in for each other ends where it would begin anew.
    if (next === step || (next !== undefined && found.includes(next))) break
    if (next === undefined) {
      const { stepId, taskType, parameters, timeout } = last
      found.push(new AgentStep({ stepId, agentId: id, taskType, parameters, timeout }))
      break
    }
    found.push(next)
    last = next
  }
  return found
}

/** What a stand-in is called among those for one step: the id of the step it is, or the agent that does the same step. */
export function standInName({ stepId, agentId }: AgentStep, failed: AgentStep): string {
  return stepId === failed.stepId ? agentId : stepId
}

/** The steps that have to be over when a step begins: those that it depends on, and those that its stand-ins depend on. */
export function awaitedBy(step: AgentStep, plan: ExecutionPlan): readonly string[] {
  return [...new Set([step, ...standInsOf(step, plan)].flatMap(each => each.dependencies))]
}

const idsOfPlans = new WeakMap<ExecutionPlan, ReadonlySet<string>>()

/** The ids of the steps that run by themselves. Of a plan that does not change any more: they are found once. */
export function idsThatRun(plan: ExecutionPlan): ReadonlySet<string> {
  let ids = idsOfPlans.get(plan)
  if (ids === undefined) {
    ids = new Set(stepsThatRun(plan).map(step => step.stepId))
    idsOfPlans.set(plan, ids)
  }
  return ids
}
