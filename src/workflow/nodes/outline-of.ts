import { Orchestration, type OrchestrationGraph } from '../../core/index.js'
import type { DiagramOutline, OutlineNode } from '../../graph/index.js'
import { GraphOrchestration } from '../compile/graph-orchestration.js'
import type { EdgePlan, GraphPlan, LoopPlan, NodePlan, ParallelGroupPlan } from '../definition/node-plan.js'
import { planOf, type Workflow } from '../workflow.js'
import { edgeName, isErrorEdge } from './edge-name.js'
import { insideOf, levelOf } from './inside-of.js'

/** What is written on edges. */
const labels: Readonly<Record<EdgePlan['on'], string>> = {
  completed: '',
  true: 'true',
  false: 'false',
  failed: 'on error',
  rejected: 'rejected',
  expired: 'expired',
}

/**
 * A workflow as it is drawn by `toMermaid`, `toSvg` and the like: its nodes by id, its edges, and the bodies of groups and loops inside of
 * them. Of one that is compiled, also what is inside of other workflows and of orchestrations that its nodes run. (Drawn itself, an
 * orchestration that was compiled of a workflow shows its states.) `undefined` for an orchestration that was not.
 *
 * ```ts
 * console.log(toMermaid(outlineOf(parseWorkflow(json))))
 * ```
 */
export function outlineOf(workflow: Workflow): DiagramOutline
export function outlineOf(compiled: Workflow | Orchestration<never, unknown>): DiagramOutline | undefined
export function outlineOf(source: Workflow | Orchestration<never, unknown>): DiagramOutline | undefined {
  if (!(source instanceof Orchestration)) return outline(source.name, planOf(source), undefined)
  const orchestration: object = source
  if (!(orchestration instanceof GraphOrchestration)) return undefined
  const { plan, graph } = levelOf(orchestration)
  return outline(source.name, plan, graph)
}

function outline(name: string, { nodes, edges }: GraphPlan, graph: OrchestrationGraph | undefined): DiagramOutline {
  return {
    name,
    nodes: [...nodes.values()].map(node => outlineNode(node, graph)),
    ways: edges.map(edge => ({
      from: edge.from,
      to: edge.to,
      advancer: edgeName(edge),
      label: labels[edge.on],
      onError: isErrorEdge(edge),
    })),
  }
}

function outlineNode(node: NodePlan, graph: OrchestrationGraph | undefined): OutlineNode {
  const inside = insideOf(node, graph)
  const inner = inside !== undefined && 'plan' in inside ? outline(node.id, inside.plan, inside.graph) : inside
  return { name: node.id, ...looksOf(node), ...(inner === undefined ? {} : { inner }) }
}

function looksOf(node: NodePlan): Pick<OutlineNode, 'kind' | 'kindText'> {
  switch (node.type) {
    case 'agent_call': {
      const { agentId, endpoint } = node
      return { kind: 'work', kindText: `agent: ${agentId ?? new URL(endpoint as string).host}` }
    }
    case 'condition':
      return { kind: 'join', kindText: `condition: ${short(node.test.text)}` }
    case 'parallel_group':
      return { kind: 'orchestration', kindText: groupText(node) }
    case 'loop':
      return { kind: 'orchestration', kindText: loopText(node) }
    case 'human_approval':
      return { kind: 'approval', kindText: 'approval' }
    case 'subworkflow':
      return { kind: 'orchestration', kindText: `workflow: ${node.workflowId}` }
  }
}

function groupText({ policy, body }: ParallelGroupPlan): string {
  return `group: ${typeof policy === 'string' ? policy : `${policy.quorum} of ${body.nodes.size}`}`
}

function loopText({ forEach, until, while: whilst }: LoopPlan): string {
  const parts = [
    ...(forEach === undefined ? [] : ['for each']),
    ...(whilst === undefined ? [] : [`while ${short(whilst.text)}`]),
    ...(until === undefined ? [] : [`until ${short(until.text)}`]),
  ]
  return `loop: ${parts.join(', ')}`
}

/** Longer conditions are not readable in a diagram. */
function short(text: string): string {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text
}
