import type { GraphNode, OrchestrationGraph } from '../graph.js'

/** States of one graph, as a mark for each: topologies make graphs of ten thousand states, most of them joins. */
export class StateSet {
  readonly #marks: Uint8Array

  /** `marks` has a 1 at the index of each state that is in it. */
  constructor(marks: Uint8Array) {
    this.#marks = marks
  }

  has({ index }: GraphNode): boolean {
    return this.#marks[index] === 1
  }
}

/**
 * What joins need to know of a graph, worked out from its declared edges and kept for all runs of it: which states can still
 * lead to a join, and which fan-outs a join closes.
 */
export class JoinScopes {
  readonly #graph: OrchestrationGraph
  /** Which states lead to one, all by their index. */
  readonly #sources: readonly (readonly number[])[]
  readonly #joins: readonly GraphNode[]
  readonly #reaching = new Map<number, StateSet>()
  readonly #approaching = new Map<GraphNode, StateSet>()
  /** Joins that name a state, by the name of that state. */
  readonly #closing = new Map<string, GraphNode[]>()
  readonly #closes = new Map<number, boolean>()

  constructor(graph: OrchestrationGraph) {
    this.#graph = graph
    this.#sources = sourcesOf(graph)
    this.#joins = graph.nodes.filter(({ kind }) => kind === 'join')
    for (const node of this.#joins) {
      const forkedBy = node.join?.forkedBy
      if (forkedBy === undefined) continue
      const joins = this.#closing.get(forkedBy)
      if (joins === undefined) this.#closing.set(forkedBy, [node])
      else joins.push(node)
    }
  }

  /**
   * The states from which a branch can still arrive at `join` without going through `origin`, the state whose fan-out it
   * belongs to: going through that again would open a new fan-out, with a barrier of its own. Unless another join is on the
   * way: that may close the new fan-out, and lead back into this one. So may a join that names its fan-out, being reached from
   * inner ones too.
   */
  reaching(join: GraphNode, origin: GraphNode | undefined): StateSet {
    const isNamed = join.join?.forkedBy !== undefined
    const key = this.#key(join, isNamed ? undefined : origin)
    let states = this.#reaching.get(key)
    if (states === undefined) {
      const found = this.#backwards(join, isNamed ? undefined : origin)
      const leadsBack = !isNamed && origin !== undefined && this.#joins.some(each => found.has(each))
      states = leadsBack ? this.#backwards(join, undefined) : found
      this.#reaching.set(key, states)
    }
    return states
  }

  /**
   * The states from which a branch can come to a join that names its fan-out without passing a join of another state's fan-outs. A
   * branch passes such a one only out of a fan-out of that state, in which it is, or which is opened by that state, when it comes
   * there: that state leads to the join as well.
   */
  approaching(join: GraphNode): StateSet {
    let states = this.#approaching.get(join)
    if (states === undefined) {
      const own = join.join?.forkedBy
      const openerOf = ({ join: other }: GraphNode): GraphNode | undefined =>
        other?.forkedBy === undefined || other.forkedBy === own ? undefined : this.#graph.byName.get(other.forkedBy)
      states = this.#backwards(join, undefined, openerOf)
      this.#approaching.set(join, states)
    }
    return states
  }

  /** Whether joins name the fan-outs of a state. */
  isNamed(origin: GraphNode): boolean {
    return this.#closing.has(origin.name)
  }

  /** Joins that close the fan-outs of a state and say so. */
  closing(origin: GraphNode): readonly GraphNode[] {
    return this.#closing.get(origin.name) ?? []
  }

  /**
   * Whether every path to `join` runs through `origin`, so that the join closes the fan-outs made there. A join that fans out
   * itself closes what comes back to it.
   */
  closes(join: GraphNode, origin: GraphNode): boolean {
    const key = this.#key(join, origin)
    let closes = this.#closes.get(key)
    if (closes === undefined) {
      const { entry } = this.#graph
      closes = origin === entry || origin === join || !(entry === join || this.#backwards(join, origin).has(entry))
      this.#closes.set(key, closes)
    }
    return closes
  }

  #key(join: GraphNode, origin: GraphNode | undefined): number {
    return join.index * (this.#graph.nodes.length + 1) + (origin === undefined ? 0 : origin.index + 1)
  }

  /** The states that lead to one; past those that `insteadOf` gives another state for, it goes on from that. */
  #backwards(
    from: GraphNode,
    except: GraphNode | undefined,
    insteadOf?: (node: GraphNode) => GraphNode | undefined,
  ): StateSet {
    const { nodes } = this.#graph
    const marks = new Uint8Array(nodes.length)
    const open = [from.index]
    const find = (source: number): void => {
      if (marks[source] === 1 || source === except?.index) return
      marks[source] = 1
      const other = insteadOf?.(nodes[source] as GraphNode)
      if (other === undefined) open.push(source)
      else find(other.index)
    }
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const source of this.#sources[at] ?? []) find(source)
    }
    return new StateSet(marks)
  }
}

function sourcesOf(graph: OrchestrationGraph): readonly (readonly number[])[] {
  const sources = graph.nodes.map((): number[] => [])
  for (const { index, advancers, errorAdvancers } of graph.nodes) {
    for (const advancer of [...advancers, ...errorAdvancers]) {
      for (const target of advancer.targets ?? graph.nodes) sources[target.index]?.push(index)
    }
  }
  return sources
}

const scopesOfGraphs = new WeakMap<OrchestrationGraph, JoinScopes | undefined>()

/** The scopes of a graph, worked out once, or `undefined` if it has no joins. */
export function joinScopesOf(graph: OrchestrationGraph): JoinScopes | undefined {
  if (!scopesOfGraphs.has(graph)) {
    const hasJoins = graph.nodes.some(node => node.kind === 'join')
    scopesOfGraphs.set(graph, hasJoins ? new JoinScopes(graph) : undefined)
  }
  return scopesOfGraphs.get(graph)
}
