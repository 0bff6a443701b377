import type { GraphNode, OrchestrationGraph } from '../../core/index.js'
import {
  alwaysMatches,
  askedAdvancers,
  leadingTo,
  mostArrivals,
  reachableFrom,
  resultStates,
  starvation,
  starvingJoins,
} from '../../core/internal.js'
import { findingAt, type VerificationFinding } from './finding.js'

/** Joins that cannot get, or may not get, what they wait for. Those that make every run fail are errors, found elsewhere. */
export function findHungryJoins(graph: OrchestrationGraph): readonly VerificationFinding[] {
  const starving = new Map(starvingJoins(graph).map(({ join, arrivals }) => [join, arrivals]))
  const reachable = reachableFrom(graph, [graph.entry])
  return graph.nodes
    .filter(node => node.kind === 'join' && reachable.has(node))
    .flatMap(join => {
      const arrivals = starving.get(join)
      const few = arrivals === undefined ? ofOne(graph, join) : [starves(join, arrivals)]
      return [...few, ...maySkip(graph, reachable, join)]
    })
}

function starves(join: GraphNode, arrivals: number): VerificationFinding {
  const then =
    join.join?.onInsufficient === 'proceed' ? 'so it always proceeds with less' : 'so it fails whenever it is reached'
  const advice = 'lower its quorum, or lead more branches to it'
  return findingAt(join, 'warning', 'JOIN_STARVES', `${starvation(join, arrivals)}, ${then}`, advice)
}

function ofOne(graph: OrchestrationGraph, join: GraphNode): readonly VerificationFinding[] {
  if (mostArrivals(graph, join) > 1) return []
  const message = `nothing fans out before join "${join.name}", so it joins a single branch`
  return [findingAt(join, 'hint', 'JOIN_OF_ONE', message, 'fan out before it, or make it an ordinary state')]
}

/** Where every way to a result leads through a join that each of its branches may leave out, a run may end without output. */
function maySkip(
  graph: OrchestrationGraph,
  reachable: ReadonlySet<GraphNode>,
  join: GraphNode,
): readonly VerificationFinding[] {
  const needed = !leadingTo(graph, resultStates(graph), new Set([join])).has(graph.entry)
  const before = graph.nodes.filter(
    node => reachable.has(node) && askedAdvancers(node).some(({ targets }) => targets?.includes(join)),
  )
  const skippable = before.every(node => node.allowDeadEnd && !askedAdvancers(node).some(alwaysMatches))
  if (!needed || before.length === 0 || !skippable) return []
  return [
    findingAt(
      join,
      'hint',
      'JOIN_MAY_BE_SKIPPED',
      `every branch to join "${join.name}" may end before it; if all do, the run ends without output`,
      'lead at least one branch to it without a condition',
    ),
  ]
}
