import type { GraphPlan, NodePlan } from '../definition/node-plan.js'
import type { Template } from '../templates/template.js'
import { pathText, valueAt } from '../templates/value-path.js'
import { planOf, type Workflow } from '../workflow.js'
import type { WorkflowFault } from '../workflow-error.js'

/**
 * What an execution with this input would certainly fail for: templates that read something of the input that it does not have, in
 * nodes that run whatever happens. Nodes behind a condition, or whose failure is taken up, are not looked at.
 */
export function missingInput(workflow: Workflow, input: unknown): readonly WorkflowFault[] {
  const graph = planOf(workflow)
  const faults = new Map<string, WorkflowFault>()
  for (const id of certainNodes(graph)) {
    const node = graph.nodes.get(id) as NodePlan
    if (node.onError !== 'fail' || node.fallback !== undefined) continue
    for (const { path, optional, place } of templatesOf(node).flatMap(each => each.references)) {
      const [root, ...rest] = path
      if (root !== 'input' || optional || valueAt(input, rest) !== undefined) continue
      const name = pathText(path)
      if (faults.has(name)) continue
      const advice = `${place} reads it; send it, or write {{${name}?}} there if it may be missing.`
      faults.set(name, { path: name, message: 'It is missing.', advice })
    }
  }
  return [...faults.values()]
}

/** The nodes that run unless something fails or is rejected before. */
function certainNodes({ layers, nodes }: GraphPlan): ReadonlySet<string> {
  const certain = new Set<string>()
  for (const id of layers.flat()) {
    const { incoming } = nodes.get(id) as NodePlan
    if (incoming.length === 0 || incoming.some(({ from, on }) => on === 'completed' && certain.has(from)))
      certain.add(id)
  }
  return certain
}

function templatesOf(node: NodePlan): readonly Template[] {
  switch (node.type) {
    case 'agent_call':
      return [node.payload ?? node.config]
    case 'human_approval':
      return [node.message]
    case 'subworkflow':
      return node.input === undefined ? [] : [node.input]
    case 'loop':
      return node.forEach === undefined ? [] : [node.forEach]
    default:
      return []
  }
}
