import { type Orchestration, type OrchestrationGraph, SubOrchestrationRunnable } from '../../core/index.js'
import { GraphOrchestration } from '../compile/graph-orchestration.js'
import { boundedState, turnState } from '../compile/state-names.js'
import type { GraphPlan, NodePlan } from '../definition/node-plan.js'

/** The nodes of a workflow or of a body; `graph` is what they were compiled to, if they were. */
export interface NodeLevel {
  readonly plan: GraphPlan
  readonly graph: OrchestrationGraph | undefined
}

/** What is inside a node: other nodes, or an orchestration in code; `undefined` if nothing is, or nobody knows what. */
export function insideOf(node: NodePlan, graph: OrchestrationGraph | undefined): NodeLevel | Inside | undefined {
  const inside = graph === undefined ? undefined : orchestrationIn(graph, node.id)
  if (node.type === 'loop' || node.type === 'parallel_group') return { plan: node.body, graph: inside?.graph }
  return inside instanceof GraphOrchestration ? levelOf(inside) : inside
}

/** An orchestration in code that a node runs. */
export type Inside = Orchestration<never, unknown>

/** The nodes of a compiled workflow. */
export function levelOf(orchestration: GraphOrchestration): NodeLevel {
  return { plan: orchestration.plan, graph: orchestration.graph }
}

/** What a state runs, without what only bounds or repeats it. */
function orchestrationIn(graph: OrchestrationGraph, stateName: string): Inside | undefined {
  const runnable = graph.byName.get(stateName)?.runnable
  if (!(runnable instanceof SubOrchestrationRunnable)) return undefined
  const inside = runnable.orchestration as Inside
  const around = [boundedState, turnState].find(name => inside.graph.byName.has(name))
  return around === undefined ? inside : orchestrationIn(inside.graph, around)
}
