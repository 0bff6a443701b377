import { AgentRegistry } from '../../agents/index.js'
import type { WorkflowAgent, WorkflowEnvironment } from '../workflow-environment.js'

/** The agent of an id; `undefined` if the environment has none. */
export function findAgent(
  { agents, registry = AgentRegistry.global }: WorkflowEnvironment,
  id: string,
): WorkflowAgent | undefined {
  const own = ownAgent(agents, id)
  return own ?? (registry.has(id) ? registry.get(id) : undefined)
}

/** The ids that are known, for telling the nearest. */
export function knownAgents({ agents, registry = AgentRegistry.global }: WorkflowEnvironment): readonly string[] {
  const own =
    agents === undefined || typeof agents === 'function'
      ? []
      : agents instanceof Map
        ? [...agents.keys()]
        : Object.keys(agents)
  return [...new Set([...(own as readonly string[]), ...registry.list()])]
}

function ownAgent(agents: WorkflowEnvironment['agents'], id: string): WorkflowAgent | undefined {
  if (agents === undefined) return undefined
  if (typeof agents === 'function') return agents(id)
  if (agents instanceof Map) return (agents as ReadonlyMap<string, WorkflowAgent>).get(id)
  return Object.hasOwn(agents, id) ? (agents as Readonly<Record<string, WorkflowAgent>>)[id] : undefined
}
