import { Agent, type ModelClient } from '../../agents/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { parseWorkflow, referencesOf, type Workflow } from '../../workflow/index.js'
import type { Around } from './compile-definition.js'
import type { Definition } from './definition.js'

/** What a definition names and what is not there; it was stood in for. */
export interface Missing {
  readonly kind: 'agent' | 'workflow'
  readonly name: string
}

/**
 * What a definition finds around it where it is only looked at: what is missing is stood in for by something that cannot be run, so that
 * everything else can be checked and drawn.
 */
export function withStandIns(definition: Definition, around: Around): { around: Around; missing: readonly Missing[] } {
  const missing: Missing[] = []
  const agents = new Map(around.agents)
  const need = (name: string): void => {
    if (agents.has(name)) return
    missing.push({ kind: 'agent', name })
    agents.set(name, definition.kind === 'topology' ? standInAgent(name) : refuse)
  }
  if (definition.kind === 'plan') for (const { agentId } of definition.plan.steps) need(agentId)
  if (definition.kind === 'topology') {
    for (const { name, type, agent } of definition.topology.nodes)
      if (type !== 'user' && agent === undefined) need(name)
  }
  if (definition.kind !== 'workflow') return { around: { ...around, agents }, missing }
  const inner = new Map<string, Workflow>()
  const visit = (workflow: Workflow): void => {
    const { agents: named, workflows } = referencesOf(workflow)
    for (const name of named) need(name)
    for (const { id } of workflows) {
      if (inner.has(id)) continue
      const found = around.workflows?.(id)
      if (found === undefined) missing.push({ kind: 'workflow', name: id })
      inner.set(id, found ?? standInWorkflow(id))
      if (found !== undefined) visit(found)
    }
  }
  visit(definition.workflow)
  agents.set(unknownWork, refuse)
  return { around: { ...around, agents, workflows: id => inner.get(id) }, missing }
}

const unknownWork = 'not_at_hand'

function standInWorkflow(id: string): Workflow {
  return parseWorkflow({ name: id, nodes: [{ id: unknownWork, type: 'agent_call', agent_id: unknownWork }] })
}

function refuse(): never {
  throw new OrchestrationError('This agent only stands in for one that is not there.', { code: 'AGENT_UNKNOWN' })
}

function standInAgent(name: string): Agent<string> {
  const client: ModelClient = { complete: async () => refuse() }
  return new Agent({ client, model: 'none', name })
}
