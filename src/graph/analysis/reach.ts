import type { GraphNode, OrchestrationGraph } from '../../core/index.js'
import {
  alwaysMatches,
  askedAdvancers,
  cycleGroups,
  hasFixedTarget,
  isCycle,
  leadingTo,
  reachableFrom,
  resultStates,
  waysOn,
} from '../../core/internal.js'
import { findingAt, quoted, type VerificationFinding } from './finding.js'

/** States that no run can come to. */
export function findUnreachable(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const reachable = reachableFrom(graph, [graph.entry])
  return graph.nodes
    .filter(node => !reachable.has(node))
    .map(node =>
      findingAt(
        node,
        'warning',
        'UNREACHABLE_STATE',
        `no advancer leads from the initial state "${graph.entry.name}" to "${node.name}"`,
        'lead to it, or take it out; a target that an advancer decides on belongs in the `to` of its @Advancer',
      ),
    )
}

/** States from which a run that comes to them cannot get to a result any more, nor end a branch beside others. */
export function findDeadEnds(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const results = resultStates(graph)
  const toResult = leadingTo(graph, results)
  if (!toResult.has(graph.entry)) return []
  const ends = canFork(graph) ? graph.nodes.filter(mayEndQuietly) : []
  const forgiven = leadingTo(graph, ends)
  // From a state that has the result nothing more is owed, so nothing is lost where it leads.
  const paid = reachableFrom(graph, results)
  const reachable = [...reachableFrom(graph, [graph.entry])]
  const lost = new Set(reachable.filter(node => !toResult.has(node) && !paid.has(node) && !forgiven.has(node)))
  const next = (node: GraphNode): readonly GraphNode[] =>
    waysOn(node).flatMap(({ targets = [] }) => targets.filter(target => lost.has(target)))
  return cycleGroups(lost, next).flatMap(group => {
    const leadsOn = group.some(node => next(node).some(target => !group.includes(target)))
    return leadsOn || isEndless(group) ? [] : [deadEnd(graph, group, isCycle(group, next))]
  })
}

function deadEnd(graph: OrchestrationGraph, group: readonly GraphNode[], cycle: boolean): VerificationFinding {
  const states = [...group].sort((a, b) => a.index - b.index)
  const [first] = states as [GraphNode]
  const where = cycle && states.length > 1 ? `the cycle of ${quoted(states)}` : `"${first.name}"`
  const what = graph.result === undefined ? 'a terminal state' : `"${graph.result.name}", which has the result`
  return findingAt(
    first,
    'warning',
    'DEAD_END',
    `no way leads from ${where} to ${what}`,
    'lead on from there; a branch that may end beside others needs allowDeadEnd',
  )
}

/** Unconditional cycles are errors and reported as such. */
function isEndless(group: readonly GraphNode[]): boolean {
  return group.every(node => waysOn(node).every(hasFixedTarget) && askedAdvancers(node).some(alwaysMatches))
}

function canFork({ nodes }: OrchestrationGraph): boolean {
  return nodes.some(
    node =>
      (node.parallelAdvances && node.advancers.length > 1) || waysOn(node).some(advancer => !hasFixedTarget(advancer)),
  )
}

function mayEndQuietly(node: GraphNode): boolean {
  // A join that lets the rest go on ends those of them that come to it later.
  const ends = node.allowDeadEnd || node.advancers.length === 0 || node.join?.cancelRest === false
  return ends || waysOn(node).some(advancer => !hasFixedTarget(advancer))
}
