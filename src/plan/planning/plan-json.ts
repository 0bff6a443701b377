import type { Json } from '../../schema/index.js'
import type { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'
import { snakeCase } from './field-reader.js'

/** The canonical JSON of a plan: what is optional and not given is left out. */
export function planToJson(plan: ExecutionPlan): Json {
  const { planId, intent, steps, strategy, metadata, loop, timeout, maxParallelAgents } = plan
  const optional = { ...(loop === undefined ? {} : { loop: inSnakeCase(loop) }), timeout, maxParallelAgents }
  return inSnakeCase({ planId, intent, steps: steps.map(stepToJson), strategy, metadata, ...optional })
}

function stepToJson(step: AgentStep): Json {
  const { stepId, agentId, taskType, parameters, dependencies, condition, retryPolicy, timeout, fallback } = step
  const optional = { condition, ...(retryPolicy && { retryPolicy: inSnakeCase(retryPolicy) }), timeout, fallback }
  return inSnakeCase({ stepId, agentId, taskType, parameters, dependencies, ...optional })
}

/** The keys of the object itself; those inside belong to the user. */
function inSnakeCase(value: object): Json {
  const given = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(given.map(([key, each]) => [snakeCase(key), each])) as Json
}
