import type { EdgeKind } from '../definition/node-plan.js'
import { type FaultList, kindOf, quoted } from './fault-list.js'
import type { NodeTree, TreeGraph, TreeNode } from './node-tree.js'

/** Adds the edges of a definition to its graphs: those that are written, and those that branches and routes come to. */
export function connectNodes(tree: NodeTree, faults: FaultList): void {
  new Connector(tree, faults).connect()
}

class Connector {
  readonly #tree: NodeTree
  readonly #faults: FaultList
  readonly #known = new Set<string>()
  /** Pairs of nodes that something more than a plain edge leads between. */
  readonly #named = new Set<string>()

  constructor(tree: NodeTree, faults: FaultList) {
    this.#tree = tree
    this.#faults = faults
  }

  connect(): void {
    for (const node of this.#tree.nodes) this.#addRoutes(node)
    for (const graph of this.#tree.graphs) this.#addEdges(graph)
  }

  #addRoutes(node: TreeNode): void {
    const { definition, path } = node.source
    const { type, config = {}, on_error } = definition
    const lead = (names: unknown, at: string, on: EdgeKind, many = false): void => {
      if (names === undefined || names === null) return
      const list: readonly unknown[] = many && Array.isArray(names) ? names : [names]
      for (const [index, name] of list.entries()) {
        const place = Array.isArray(names) ? `${at}[${index}]` : at
        if (typeof name !== 'string' || name === '') {
          this.#faults.add(place, `It is ${kindOf(name)}.`, 'It has to be the id of a node.')
        } else this.#addNamed(node, name, place, on)
      }
    }
    if (type === 'condition') {
      lead(config['then_branch'], `${path}.config.then_branch`, 'true', true)
      lead(config['else_branch'], `${path}.config.else_branch`, 'false', true)
    }
    if (type === 'human_approval') {
      lead(config['on_reject'], `${path}.config.on_reject`, 'rejected')
      const expired = (config['on_timeout'] ?? undefined) === undefined ? 'on_reject' : 'on_timeout'
      lead(config[expired], `${path}.config.${expired}`, 'expired')
    }
    if (on_error !== undefined && on_error !== 'fail' && on_error !== 'continue') {
      lead(on_error, `${path}.on_error`, 'failed')
    }
  }

  #addNamed(from: TreeNode, id: string, path: string, on: EdgeKind): void {
    const to = this.#end(from.graph, id, path)
    if (to === undefined) return
    if (to === from) this.#faults.add(path, 'A node cannot lead to itself.', 'Repeat nodes with a loop.')
    else if (to.graph !== from.graph) this.#faults.add(path, ...apart(from, to))
    else if (isGroup(from)) this.#faults.add(path, ...atOnce(from))
    else {
      this.#named.add(pair(from, to))
      this.#push(from, to, on)
    }
  }

  #addEdges({ source }: TreeGraph): void {
    for (const { from: fromId, to: toId, when, path, fromPath, toPath } of source.edges) {
      const from = this.#end(undefined, fromId, fromPath)
      const to = this.#end(undefined, toId, toPath)
      if (from === undefined || to === undefined) continue
      if (from === to)
        this.#faults.add(path, `The edge leads from ${quoted(fromId)} to itself.`, 'Repeat nodes with a loop.')
      else if (from.graph !== to.graph) this.#faults.add(path, ...apart(from, to))
      else if (when !== undefined && from.source.definition.type !== 'condition') {
        const message = `The edge has a \`when\`, but ${quoted(fromId)} is no condition.`
        this.#faults.add(path, message, 'Leave it out, or lead the edge from a condition.')
      } else if (isGroup(from)) this.#faults.add(path, ...atOnce(from))
      else if (when !== undefined || !this.#named.has(pair(from, to))) {
        // A node that is named as a branch or a route is reached by that only, whether an edge is drawn to it as well.
        this.#push(from, to, when === undefined ? 'completed' : when ? 'true' : 'false')
      }
    }
  }

  #end(graph: TreeGraph | undefined, id: string, path: string): TreeNode | undefined {
    const node = this.#tree.find(id)
    if (node !== undefined) return node
    const known = graph === undefined ? this.#tree.ids : graph.nodes.map(each => each.id)
    this.#faults.unknown(path, 'Node', id, known, 'There is no other node.')
    return undefined
  }

  #push(from: TreeNode, to: TreeNode, on: EdgeKind): void {
    const key = `${pair(from, to)}\n${on}`
    if (this.#known.has(key)) return
    this.#known.add(key)
    from.graph.edges.push({ from, to, on })
  }
}

function pair(from: TreeNode, to: TreeNode): string {
  return `${from.id}\n${to.id}`
}

/** What is wrong with an edge into a body, or out of one. */
function apart(from: TreeNode, to: TreeNode): [message: string, advice: string] {
  const inside = to.graph.owner === undefined || from.graph.owner !== undefined ? from : to
  const owner = inside.graph.owner?.id
  return [
    `It leads from ${quoted(from.id)} to ${quoted(to.id)}, but ${quoted(inside.id)} is in the body of ${quoted(owner)}.`,
    `Lead it ${inside === to ? 'to' : 'from'} ${quoted(owner)}.`,
  ]
}

function isGroup({ graph }: TreeNode): boolean {
  return graph.owner?.source.definition.type === 'parallel_group'
}

/** What is wrong with an edge in a group. */
function atOnce({ graph }: TreeNode): [message: string, advice: string] {
  return [
    `The nodes of ${quoted(graph.owner?.id)} run at once.`,
    'Take the edge out, or make it a loop or a subworkflow.',
  ]
}
