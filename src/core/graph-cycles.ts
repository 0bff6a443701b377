import type { GraphNode } from './graph.js'

/** States each of which leads to all others of the group; a group of one need not lead to itself. */
export type CycleGroup = readonly GraphNode[]

/**
 * Parts states into groups that lead to each other, each group after all groups that it leads to. Without recursion: a
 * definition may be a chain of thousands of states.
 */
export function cycleGroups(
  nodes: Iterable<GraphNode>,
  next: (node: GraphNode) => readonly GraphNode[],
): readonly CycleGroup[] {
  const groups: CycleGroup[] = []
  const visits = new Map<GraphNode, Visit>()
  const stack: Visit[] = []
  const path: Visit[] = []
  const enter = (node: GraphNode): void => {
    const visit: Visit = { node, number: visits.size, lowest: visits.size, targets: next(node), from: 0, done: false }
    visits.set(node, visit)
    stack.push(visit)
    path.push(visit)
  }
  for (const start of nodes) {
    if (!visits.has(start)) enter(start)
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const target = at.targets[at.from++]
      if (target !== undefined) {
        const known = visits.get(target)
        if (known === undefined) enter(target)
        else if (!known.done) at.lowest = Math.min(at.lowest, known.number)
        continue
      }
      path.pop()
      const before = path.at(-1)
      if (before !== undefined) before.lowest = Math.min(before.lowest, at.lowest)
      if (at.lowest === at.number) groups.push(closeGroup(stack, at))
    }
  }
  return groups
}

/** Whether a group is a cycle: several states, or one that leads to itself. */
export function isCycle(group: CycleGroup, next: (node: GraphNode) => readonly GraphNode[]): boolean {
  return group.length > 1 || group.some(node => next(node).includes(node))
}

interface Visit {
  readonly node: GraphNode
  readonly number: number
  lowest: number
  readonly targets: readonly GraphNode[]
  from: number
  done: boolean
}

function closeGroup(stack: Visit[], first: Visit): CycleGroup {
  const visits = stack.splice(stack.lastIndexOf(first))
  for (const visit of visits) visit.done = true
  return visits.map(({ node }) => node)
}
