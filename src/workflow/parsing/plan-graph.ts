import type { EdgePlan, GraphPlan, NodePlan } from '../definition/node-plan.js'
import type { FaultList } from './fault-list.js'
import type { NodeTree, TreeGraph } from './node-tree.js'
import { orderNodes } from './order-nodes.js'
import { type BodyPlanner, type PlannedGraph, planNode } from './plan-node.js'
import { ReferenceCheck } from './reference-check.js'

/** Plans graphs, from the innermost bodies outwards. */
export class GraphPlanner implements BodyPlanner {
  readonly faults: FaultList
  readonly references: ReferenceCheck

  constructor(tree: NodeTree, faults: FaultList) {
    this.faults = faults
    this.references = new ReferenceCheck(tree, faults)
  }

  plan(graph: TreeGraph): PlannedGraph {
    const layers = orderNodes(graph, this.faults)
    const edges = graph.edges.map(({ from, to, on }): EdgePlan => ({ from: from.id, to: to.id, on }))
    const nodes = new Map<string, NodePlan>()
    const reads = new Set<string | undefined>()
    for (const node of graph.nodes) {
      const planned = planNode(node, this)
      for (const name of planned.reads) reads.add(name)
      if (planned.plan !== undefined) nodes.set(node.id, planned.plan)
    }
    if (graph.source.isEmpty) {
      this.faults.add(graph.source.path, 'It has no nodes.', 'Give it at least one.')
    }
    const plan: GraphPlan = {
      owner: graph.owner?.id,
      nodes,
      edges,
      layers: layers.map(layer => layer.map(({ id }) => id)),
    }
    return { plan, reads }
  }
}
