import type { TreeGraph, TreeNode } from './node-tree.js'

/** Which names templates and conditions can read at some place. */
export class Scope {
  /** Nodes whose outputs are there. */
  readonly nodes: ReadonlyMap<string, TreeNode>
  /** Names that are no nodes. */
  readonly names: ReadonlySet<string>
  /** Why there is no `previous`, if there is none. */
  readonly noPrevious: string

  private constructor(nodes: ReadonlyMap<string, TreeNode>, names: ReadonlySet<string>, noPrevious: string) {
    this.nodes = nodes
    this.names = names
    this.noPrevious = noPrevious
  }

  /** What the config of a node can read. */
  static of(node: TreeNode): Scope {
    const names = new Set(['input', ...loopNames(node.graph)])
    if (hasPrevious(node)) names.add('previous')
    const before = predecessorsOf(node).map(({ id }) => id)
    const why =
      before.length === 0
        ? `nothing runs before "${node.id}"`
        : `"${node.id}" has ${before.length} nodes before it: ${before.slice(0, 5).join(', ')}`
    return new Scope(visibleFrom(node), names, why)
  }

  /** What the conditions of a loop can read: after a turn also what is in its body. */
  static ofLoop(loop: TreeNode, afterTurn: boolean): Scope {
    const { nodes, names, noPrevious } = Scope.of(loop)
    const body = afterTurn ? (loop.body?.nodes ?? []).map(node => [node.id, node] as const) : []
    return new Scope(new Map([...nodes, ...body]), new Set([...names, 'item', 'index', 'last']), noPrevious)
  }
}

/** The nodes right before a node, in the order of their edges. */
export function predecessorsOf(node: TreeNode): readonly TreeNode[] {
  return [...new Set(node.graph.edges.filter(({ to }) => to === node).map(({ from }) => from))]
}

function hasPrevious(node: TreeNode): boolean {
  const before = predecessorsOf(node).length
  if (before > 0) return before === 1
  const { owner } = node.graph
  if (owner === undefined) return false
  return owner.source.definition.type === 'loop' || hasPrevious(owner)
}

function loopNames(graph: TreeGraph): readonly string[] {
  for (let owner = graph.owner; owner !== undefined; owner = owner.graph.owner) {
    if (owner.source.definition.type === 'loop') return ['item', 'index', 'last']
  }
  return []
}

/** The nodes that run before a node, also around its body. */
function visibleFrom(node: TreeNode): ReadonlyMap<string, TreeNode> {
  const visible = new Map<string, TreeNode>()
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.graph.owner) {
    const before = new Map<TreeNode, TreeNode[]>()
    for (const { from, to } of at.graph.edges) before.set(to, [...(before.get(to) ?? []), from])
    const open: TreeNode[] = [...(before.get(at) ?? [])]
    while (open.length > 0) {
      const next = open.pop() as TreeNode
      if (next === at || visible.get(next.id) === next) continue
      visible.set(next.id, next)
      open.push(...(before.get(next) ?? []))
    }
  }
  return visible
}
