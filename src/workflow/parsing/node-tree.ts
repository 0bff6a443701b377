import type { EdgeKind } from '../definition/node-plan.js'
import { workflowLimits } from '../workflow-limits.js'
import { type FaultList, quoted } from './fault-list.js'
import type { GraphSource, NodeSource } from './graph-source.js'

/** A graph while it is put together: that of the workflow, or of the body of a node. */
export interface TreeGraph {
  readonly source: GraphSource
  readonly owner: TreeNode | undefined
  readonly nodes: TreeNode[]
  readonly edges: TreeEdge[]
}

/** A node while it is put together. */
export interface TreeNode {
  readonly id: string
  readonly source: NodeSource
  /** The graph that it is written in. */
  readonly writtenIn: TreeGraph
  /** The graph that it runs in. */
  graph: TreeGraph
  body: TreeGraph | undefined
}

/** An edge between two nodes of one graph. */
export interface TreeEdge {
  readonly from: TreeNode
  readonly to: TreeNode
  readonly on: EdgeKind
}

/** Which nodes there are, and which graph each runs in. */
export class NodeTree {
  readonly root: TreeGraph
  /** All graphs, outer ones first. */
  readonly graphs: TreeGraph[] = []
  readonly #nodes = new Map<string, TreeNode>()
  readonly #faults: FaultList

  constructor(source: GraphSource, faults: FaultList) {
    this.#faults = faults
    this.root = this.#addGraph(source, undefined)
    this.#limit()
    for (const graph of [...this.graphs]) this.#claimMembers(graph)
    this.#refuseRings()
    for (const node of this.nodes) node.graph.nodes.push(node)
    this.#refuseDepth()
  }

  get nodes(): readonly TreeNode[] {
    return [...this.#nodes.values()]
  }

  get ids(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  find(id: string): TreeNode | undefined {
    return this.#nodes.get(id)
  }

  #addGraph(source: GraphSource, owner: TreeNode | undefined): TreeGraph {
    const graph: TreeGraph = { source, owner, nodes: [], edges: [] }
    this.graphs.push(graph)
    for (const each of source.nodes) {
      const { id } = each.definition
      const node: TreeNode = { id, source: each, writtenIn: graph, graph, body: undefined }
      const other = this.#nodes.get(id)
      const isUnread = this.#faults.unread.has(id)
      if (other === undefined) this.#nodes.set(id, node)
      if (other !== undefined || isUnread) {
        const where = other?.source.path ?? 'a node that could not be read'
        this.#faults.add(
          `${each.path}.id`,
          `The id ${quoted(id)} is taken by ${where}.`,
          'Ids are unique, also over bodies.',
        )
      }
      if (each.body !== undefined) node.body = this.#addGraph(each.body, node)
    }
    return graph
  }

  #limit(): void {
    const nodes = this.graphs.reduce((sum, { source }) => sum + source.nodes.length, 0)
    const edges = this.graphs.reduce((sum, { source }) => sum + source.edges.length, 0)
    if (nodes > workflowLimits.nodes) {
      this.#faults.add(
        'nodes',
        `There are ${nodes} nodes.`,
        `At most ${workflowLimits.nodes} are taken; use a subworkflow.`,
      )
    }
    if (edges > workflowLimits.edges) {
      this.#faults.add('edges', `There are ${edges} edges.`, `At most ${workflowLimits.edges} are taken.`)
    }
  }

  #claimMembers(graph: TreeGraph): void {
    const { owner, source } = graph
    if (owner === undefined) return
    const around = owner.writtenIn
    for (const { id, path } of source.members) {
      const node = this.#nodes.get(id)
      const beside = this.nodes.filter(each => each.writtenIn === around && each !== owner).map(each => each.id)
      if (node === undefined) this.#faults.unknown(path, 'Node', id, beside, 'There is no other node.')
      else if (node === owner) this.#faults.add(path, 'A node cannot be in its own body.', 'Name other nodes.')
      else if (node.writtenIn !== around) {
        this.#faults.add(
          path,
          `Node ${quoted(id)} is not written beside ${quoted(owner.id)}.`,
          'Name nodes of the same list.',
        )
      } else if (node.graph !== around) {
        const other = node.graph.owner?.id
        const advice = other === owner.id ? 'Name it once.' : 'A node runs in one body.'
        this.#faults.add(path, `Node ${quoted(id)} is in the body of ${quoted(other)} already.`, advice)
      } else node.graph = graph
    }
  }

  /** Bodies that contain each other are in no graph that runs. */
  #refuseRings(): void {
    for (const node of this.nodes) {
      const seen = new Set<TreeNode>()
      for (let at: TreeNode | undefined = node; at !== undefined; at = at.graph.owner) {
        if (seen.has(at)) {
          if (at === node) {
            const ring = [...seen].map(({ id }) => id).join(' → ')
            this.#faults.add(
              node.source.path,
              `Bodies contain each other: ${ring}.`,
              'Take one of them out of the other.',
            )
            node.graph = node.writtenIn
          }
          break
        }
        seen.add(at)
      }
    }
  }

  #refuseDepth(): void {
    for (const graph of this.graphs) {
      let depth = 0
      for (let owner = graph.owner; owner !== undefined; owner = owner.graph.owner) depth++
      if (depth > workflowLimits.nesting) {
        const advice = `At most ${workflowLimits.nesting} levels are taken; use a subworkflow.`
        this.#faults.add(graph.source.path, `Bodies are nested ${depth} levels deep.`, advice)
      }
    }
  }
}
