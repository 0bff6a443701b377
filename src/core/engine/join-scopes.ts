import type { GraphNode, OrchestrationGraph } from '../graph.js'

/**
 * What joins need to know of a graph, worked out from its declared edges and kept for all runs of it: which states can still
 * lead to a join, and which fan-outs a join closes.
 */
export class JoinScopes {
  readonly #graph: OrchestrationGraph
  readonly #sources: ReadonlyMap<GraphNode, readonly GraphNode[]>
  readonly #reaching = new Map<string, ReadonlySet<GraphNode>>()
  readonly #closes = new Map<string, boolean>()

  constructor(graph: OrchestrationGraph) {
    this.#graph = graph
    this.#sources = sourcesOf(graph)
  }

  /**
   * The states from which a branch can still arrive at `join` without going through `origin`, the state whose fan-out it
   * belongs to: going through that again would open a new fan-out, with a barrier of its own. Unless another join is on the
   * way: that may close the new fan-out, and lead back into this one.
   */
  reaching(join: GraphNode, origin: GraphNode | undefined): ReadonlySet<GraphNode> {
    const key = `${join.index}:${origin?.index ?? ''}`
    let states = this.#reaching.get(key)
    if (states === undefined) {
      states = this.#backwards(join, origin)
      if (origin !== undefined && [...states].some(({ kind }) => kind === 'join'))
        states = this.#backwards(join, undefined)
      this.#reaching.set(key, states)
    }
    return states
  }

  /**
   * Whether every path to `join` runs through `origin`, so that the join closes the fan-outs made there. A join that fans out
   * itself closes what comes back to it.
   */
  closes(join: GraphNode, origin: GraphNode): boolean {
    const key = `${join.index}:${origin.index}`
    let closes = this.#closes.get(key)
    if (closes === undefined) {
      const { entry } = this.#graph
      closes = origin === entry || origin === join || !(entry === join || this.#backwards(join, origin).has(entry))
      this.#closes.set(key, closes)
    }
    return closes
  }

  #backwards(from: GraphNode, except: GraphNode | undefined): ReadonlySet<GraphNode> {
    const found = new Set<GraphNode>()
    const open = [from]
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const source of this.#sources.get(node) ?? []) {
        if (source === except || found.has(source)) continue
        found.add(source)
        open.push(source)
      }
    }
    return found
  }
}

function sourcesOf(graph: OrchestrationGraph): ReadonlyMap<GraphNode, readonly GraphNode[]> {
  const sources = new Map<GraphNode, GraphNode[]>(graph.nodes.map(node => [node, []]))
  for (const node of graph.nodes) {
    for (const advancer of [...node.advancers, ...node.errorAdvancers]) {
      for (const target of advancer.targets ?? graph.nodes) sources.get(target)?.push(node)
    }
  }
  return sources
}

const scopesOfGraphs = new WeakMap<OrchestrationGraph, JoinScopes>()

/** The scopes of a graph, or `undefined` if it has no joins. */
export function joinScopesOf(graph: OrchestrationGraph): JoinScopes | undefined {
  let scopes = scopesOfGraphs.get(graph)
  if (scopes === undefined) {
    if (!graph.nodes.some(node => node.kind === 'join')) return undefined
    scopes = new JoinScopes(graph)
    scopesOfGraphs.set(graph, scopes)
  }
  return scopes
}
