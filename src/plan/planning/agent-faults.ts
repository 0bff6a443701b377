import { didYouMean, nearestNames } from '../../errors/internal.js'
import type { AgentDescription } from '../registry-client.js'
import type { PlanFault } from './plan-fault.js'
import type { ReadPlan } from './plan-reader.js'
import type { ReadStep } from './step-reader.js'

/** Steps whose agents there are not, or that ask an agent for what it does not do. */
export function agentFaults({ steps }: ReadPlan, agents: readonly AgentDescription[]): readonly PlanFault[] {
  const known = new Map(agents.map(agent => [agent.agentId, agent]))
  return steps.flatMap(step => {
    const { agentId, taskType } = step
    if (agentId === undefined) return []
    const agent = known.get(agentId)
    if (agent === undefined) return [unknownAgent(step, agentId, [...known.keys()])]
    return taskType === undefined ? [] : capabilityFaults(step, taskType, agent)
  })
}

function unknownAgent(step: ReadStep, agentId: string, known: readonly string[]): PlanFault {
  const nearest = nearestNames(agentId, known)
  const message = `There is no agent "${agentId}". ${didYouMean(agentId, known, 'None is registered.')}`
  const near = nearest.length === 0 ? {} : { nearest }
  return {
    kind: 'unknown_agent',
    path: step.pathOf('agentId'),
    message,
    expected: 'the id of a registered agent',
    ...near,
  }
}

/** An agent that declares nothing takes everything. */
function capabilityFaults(
  step: ReadStep,
  taskType: string,
  { agentId, capabilities }: AgentDescription,
): readonly PlanFault[] {
  const names = capabilities.map(({ name }) => name)
  if (names.length === 0 || names.includes(taskType)) return []
  const nearest = nearestNames(taskType, names)
  const message = `The agent "${agentId}" has no capability "${taskType}". ${didYouMean(taskType, names, '')}`
  const near = nearest.length === 0 ? {} : { nearest }
  return [
    {
      kind: 'unknown_capability',
      path: step.pathOf('taskType'),
      message,
      expected: `one of ${names.join(', ')}`,
      ...near,
    },
  ]
}
