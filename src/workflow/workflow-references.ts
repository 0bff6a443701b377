import type { GraphPlan } from './definition/node-plan.js'
import { planOf, type Workflow } from './workflow.js'

/** What a workflow names that it does not contain. */
export interface WorkflowReferences {
  /** The ids of agents, each once. */
  readonly agents: readonly string[]
  /** The addresses of agents behind a network, each once. */
  readonly endpoints: readonly string[]
  /** Other workflows. */
  readonly workflows: readonly { readonly id: string; readonly version?: number }[]
}

/** What has to be in the environment of a workflow, so that it can be loaded before `compileWorkflow` asks for it. */
export function referencesOf(workflow: Workflow): WorkflowReferences {
  const agents = new Set<string>()
  const endpoints = new Set<string>()
  const workflows = new Map<string, { readonly id: string; readonly version?: number }>()
  const visit = (graph: GraphPlan): void => {
    for (const node of graph.nodes.values()) {
      if (node.type === 'agent_call') {
        if (node.endpoint !== undefined) endpoints.add(node.endpoint)
        else if (node.agentId !== undefined) agents.add(node.agentId)
      } else if (node.type === 'subworkflow') {
        const { workflowId: id, version } = node
        workflows.set(`${id}@${version}`, version === undefined ? { id } : { id, version })
      } else if (node.type === 'loop' || node.type === 'parallel_group') visit(node.body)
    }
  }
  visit(planOf(workflow))
  return { agents: [...agents], endpoints: [...endpoints], workflows: [...workflows.values()] }
}
