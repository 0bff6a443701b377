import type { EdgeKind, GraphPlan, NodePlan } from '../definition/node-plan.js'

/** The ends of nodes as bits, so that several make up one number. A condition that has a result has completed. */
const ends: Readonly<Record<EdgeKind, number>> = {
  true: 0b1,
  false: 0b10,
  completed: 0b11,
  failed: 0b100,
  rejected: 0b1000,
  expired: 0b10000,
}

/** How nodes must have ended for a node to complete: each in one of some ways; the nearest first. */
type Requirements = ReadonlyMap<string, number>

/**
 * The nodes whose output is that of the whole graph if they complete: nothing comes after them then, and nothing else can be last beside
 * them. Of the ways behind a condition each has its own; where several nodes may be last at once, there are none.
 */
export function answeringNodes(graph: GraphPlan): ReadonlySet<string> {
  const required = requirementsOf(graph)
  const led = new Map<string, number>()
  for (const { from, on } of graph.edges) led.set(from, (led.get(from) ?? 0) | ends[on])
  const waysOn = (id: string): number => (led.get(id) ?? 0) & ends.completed
  const last = [...graph.nodes.keys()].filter(id => waysOn(id) !== ends.completed)
  const answering = last.filter(id => {
    const own = required.get(id) as Requirements
    // Whatever has led to it is not the last one.
    return waysOn(id) === 0 && last.every(other => own.has(other) || excludes(own, required.get(other) as Requirements))
  })
  return new Set(answering)
}

/** For each node, how those before it and itself must have ended if it has completed. */
function requirementsOf({ layers, nodes }: GraphPlan): ReadonlyMap<string, Requirements> {
  const found = new Map<string, Requirements>()
  for (const id of layers.flat()) {
    const { incoming } = nodes.get(id) as NodePlan
    const ways = incoming.map(({ from, on }) => new Map(found.get(from)).set(from, ends[on]))
    found.set(id, new Map([[id, ends.completed], ...either(ways)]))
  }
  return found
}

/** One way is enough for a node to run, so what is certain is what all of them have. */
function either([first = new Map(), ...others]: readonly Requirements[]): Requirements {
  const certain = [...first].filter(([id]) => others.every(way => way.has(id)))
  return new Map(certain.map(([id, some]) => [id, others.reduce((all, way) => all | (way.get(id) ?? 0), some)]))
}

/** Whether two nodes cannot both complete. */
function excludes(one: Requirements, other: Requirements): boolean {
  if (one.size > other.size) return excludes(other, one)
  for (const [id, some] of one) if (((other.get(id) ?? some) & some) === 0) return true
  return false
}
