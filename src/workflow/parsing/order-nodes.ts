import { type FaultList, quoted } from './fault-list.js'
import type { TreeGraph, TreeNode } from './node-tree.js'

/** Nodes by dependency layers (S2-13): each in the first layer in which all before it are done. */
export function orderNodes({ nodes, edges, source }: TreeGraph, faults: FaultList): readonly (readonly TreeNode[])[] {
  const waitsFor = new Map(nodes.map(node => [node, new Set<TreeNode>()]))
  const leadsTo = new Map(nodes.map(node => [node, new Set<TreeNode>()]))
  for (const { from, to } of edges) {
    waitsFor.get(to)?.add(from)
    leadsTo.get(from)?.add(to)
  }
  const layers: TreeNode[][] = []
  let layer = nodes.filter(node => waitsFor.get(node)?.size === 0)
  const ordered = new Set(layer)
  while (layer.length > 0) {
    layers.push(layer)
    const next = new Set<TreeNode>()
    for (const node of layer) {
      for (const after of leadsTo.get(node) ?? []) {
        const rest = waitsFor.get(after)
        rest?.delete(node)
        if (rest?.size === 0) next.add(after)
      }
    }
    layer = nodes.filter(node => next.has(node))
    for (const node of layer) ordered.add(node)
  }
  const rest = nodes.filter(node => !ordered.has(node))
  if (rest.length > 0) tellCycles(rest, leadsTo, source.path, faults)
  return layers
}

/** What is not ordered is on a cycle, between cycles, or only comes after one, and then never runs. */
function tellCycles(
  rest: readonly TreeNode[],
  leadsTo: ReadonlyMap<TreeNode, ReadonlySet<TreeNode>>,
  path: string,
  faults: FaultList,
): void {
  const left = new Set(rest)
  const onCycles = new Set<TreeNode>()
  for (const node of rest) {
    if (onCycles.has(node)) continue
    const cycle = cycleThrough(node, leadsTo, left)
    if (cycle === undefined) continue
    for (const each of cycle) onCycles.add(each)
    const names = [...cycle, cycle[0] as TreeNode].map(({ id }) => id).join(' → ')
    faults.add(path, `The nodes form a cycle: ${names}.`, 'Repeat nodes with a loop node.')
  }
  for (const node of rest) {
    if (onCycles.has(node)) continue
    faults.add(node.source.path, `Node ${quoted(node.id)} is never reached: it comes after a cycle.`, 'Open the cycle.')
  }
}

/** The shortest cycle that a node is on. */
function cycleThrough(
  start: TreeNode,
  leadsTo: ReadonlyMap<TreeNode, ReadonlySet<TreeNode>>,
  within: ReadonlySet<TreeNode>,
): readonly TreeNode[] | undefined {
  const cameFrom = new Map<TreeNode, TreeNode>()
  let front = [start]
  while (front.length > 0) {
    const next: TreeNode[] = []
    for (const node of front) {
      for (const after of leadsTo.get(node) ?? []) {
        if (after === start) return wayTo(node, start, cameFrom)
        if (!within.has(after) || cameFrom.has(after)) continue
        cameFrom.set(after, node)
        next.push(after)
      }
    }
    front = next
  }
  return undefined
}

function wayTo(end: TreeNode, start: TreeNode, cameFrom: ReadonlyMap<TreeNode, TreeNode>): readonly TreeNode[] {
  const way = [end]
  for (let node = end; node !== start; way.unshift(node)) node = cameFrom.get(node) as TreeNode
  return way
}
