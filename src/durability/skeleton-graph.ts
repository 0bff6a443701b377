import type { GraphAdvancer, GraphNode, OrchestrationGraph } from '../core/index.js'
import type { StoredAdvancer, StoredDefinition, StoredNode } from './definition.js'

/**
 * The graph of a definition whose code is not at hand. It can be stepped through with recorded facts; nothing in it can be
 * invoked.
 */
export function skeletonGraph({ name, entry, result, nodes: stored }: StoredDefinition): OrchestrationGraph {
  const nodes = stored.map(skeletonNode)
  const byName = new Map(nodes.map(node => [node.name, node]))
  for (const [index, node] of nodes.entries()) {
    const { advancers = [], errorAdvancers = [] } = stored[index] as StoredNode
    node.advancers = advancers.map(advancer => skeletonAdvancer(advancer, byName))
    node.errorAdvancers = errorAdvancers.map(advancer => skeletonAdvancer(advancer, byName))
  }
  return {
    name,
    nodes,
    byName,
    entry: byName.get(entry) as GraphNode,
    result: result === undefined ? undefined : byName.get(result),
    input: undefined,
    output: undefined,
    classes: [],
  }
}

type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] }

function skeletonNode(stored: StoredNode, index: number): Draft {
  const { name, kind, parallelAdvances = false, reruns = 0, allowDeadEnd = false, join, inner } = stored
  // What stands in for the runnable has only what readers of a graph ask for: the graph inside.
  const runnable = inner === undefined ? {} : { orchestration: { graph: skeletonGraph(inner) } }
  return {
    index,
    name,
    kind,
    runnable: runnable as unknown as GraphNode['runnable'],
    input: undefined,
    output: undefined,
    advancers: [],
    errorAdvancers: [],
    parallelAdvances,
    reruns,
    allowDeadEnd,
    interceptors: [],
    join: join as GraphNode['join'],
  }
}

function skeletonAdvancer(stored: StoredAdvancer, byName: ReadonlyMap<string, GraphNode>): GraphAdvancer {
  const { name, targets, converts = false } = stored
  return {
    name,
    advancer: {} as GraphAdvancer['advancer'],
    targets: targets?.flatMap(target => byName.get(target) ?? []),
    converts,
  }
}
