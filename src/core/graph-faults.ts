import type { GraphNode, OrchestrationGraph } from './graph.js'
import { cycleGroups, isCycle } from './graph-cycles.js'
import {
  alwaysMatches,
  askedAdvancers,
  hasFixedTarget,
  leadingTo,
  reachableFrom,
  resultStates,
  waysOn,
} from './graph-ways.js'
import { mostArrivals } from './join-arrivals.js'
import type { WiringFault } from './wiring-fault.js'

/** A join that needs more branches than can ever arrive. */
export interface StarvingJoin {
  readonly join: GraphNode
  /** How many branches can arrive at most. */
  readonly arrivals: number
  /** Whether a run that comes to it has failed for certain: it neither proceeds, nor has a route for its failure. */
  readonly fails: boolean
}

/**
 * What makes every run fail that comes to it, whatever its states return. Anything that a state, a condition or an advancer may
 * decide is no fault, nor is what the author has allowed.
 */
export function graphFaults(graph: OrchestrationGraph): readonly WiringFault[] {
  const faults = endlessCycles(graph).map(endlessFault)
  const starving = starvingJoins(graph).filter(({ fails }) => fails)
  const blocked = isBlocked(graph, starving)
  for (const each of starving) if (blocked || isFatal(graph, each.join)) faults.push(starvingFault(each))
  const missing = missingResult(graph)
  if (faults.length === 0 && missing !== undefined && !mayEndOtherwise(graph)) faults.push(missing)
  return faults
}

/** The fault of a graph in which nothing that can be the result can be reached. */
export function missingResult(graph: OrchestrationGraph): WiringFault | undefined {
  const { entry, result } = graph
  if (leadingTo(graph, resultStates(graph)).has(entry)) return undefined
  const missing =
    result === undefined ? 'a terminal state, so there can be no result' : `"${result.name}", which has the result`
  return {
    code: 'NO_PATH_TO_RESULT',
    stateName: (result ?? entry).name,
    message: `Orchestration never completes: no way from the initial state "${entry.name}" leads to ${missing}`,
    advice: 'add an advancer that leads there; a state without advancers is terminal',
  }
}

/** The cycles which a branch that enters them never leaves, each in the order in which it is gone through. */
function endlessCycles(graph: OrchestrationGraph): readonly (readonly GraphNode[])[] {
  const endless = endlessStates(graph)
  const next = (node: GraphNode): readonly GraphNode[] =>
    waysOn(node).flatMap(({ targets = [] }) => targets.filter(target => endless.has(target)))
  return cycleGroups(endless, next)
    .filter(group => isCycle(group, next))
    .map(group => aroundCycle(group, next))
}

/** The joins that can be reached, but not by as many branches as they need. */
export function starvingJoins(graph: OrchestrationGraph): readonly StarvingJoin[] {
  const joins = graph.nodes.filter(({ join }) => (join?.quorum ?? 1) > 1)
  if (joins.length === 0) return []
  const reachable = reachableFrom(graph, [graph.entry])
  return joins.flatMap(join => {
    const arrivals = reachable.has(join) ? mostArrivals(graph, join) : Infinity
    if (arrivals >= (join.join?.quorum ?? 1)) return []
    return [{ join, arrivals, fails: join.join?.onInsufficient === 'fail' && join.errorAdvancers.length === 0 }]
  })
}

/** The states from which every way leads on and on, whatever they return, if the initial state is known to lead to them. */
function endlessStates(graph: OrchestrationGraph): ReadonlySet<GraphNode> {
  // A join that lets the rest go on ends those of them that come to it later.
  const escapes = graph.nodes.filter(
    node =>
      !waysOn(node).every(hasFixedTarget) ||
      !askedAdvancers(node).some(alwaysMatches) ||
      node.join?.cancelRest === false,
  )
  const escaping = leadingTo(graph, escapes)
  return new Set([...knownToReach(graph)].filter(node => !escaping.has(node)))
}

/** What the initial state leads to for all that advancers declare; where others might lead is a guess, and no ground for a fault. */
function knownToReach({ entry }: OrchestrationGraph): ReadonlySet<GraphNode> {
  const found = new Set([entry])
  for (const node of found) {
    for (const { targets = [] } of waysOn(node)) for (const target of targets) found.add(target)
  }
  return found
}

/** A shortest way round, so that what is told can be followed. */
function aroundCycle(
  group: readonly GraphNode[],
  next: (node: GraphNode) => readonly GraphNode[],
): readonly GraphNode[] {
  const inside = new Set(group)
  const start = group.reduce((first, node) => (node.index < first.index ? node : first))
  const cameFrom = new Map<GraphNode, GraphNode>()
  const open = [start]
  for (const node of open) {
    for (const target of next(node)) {
      if (target === start) return pathTo(node, cameFrom)
      if (!inside.has(target) || cameFrom.has(target)) continue
      cameFrom.set(target, node)
      open.push(target)
    }
  }
  return group
}

function pathTo(end: GraphNode, cameFrom: ReadonlyMap<GraphNode, GraphNode>): readonly GraphNode[] {
  const path: GraphNode[] = []
  for (let node: GraphNode | undefined = end; node !== undefined; node = cameFrom.get(node)) path.unshift(node)
  return path
}

/** Whether every way to a result leads through a join that starves. */
function isBlocked(graph: OrchestrationGraph, starving: readonly StarvingJoin[]): boolean {
  return !leadingTo(graph, resultStates(graph), new Set(starving.map(({ join }) => join))).has(graph.entry)
}

/** Whether a run may be meant to end without a result, or lead to a state that no advancer declares. */
function mayEndOtherwise(graph: OrchestrationGraph): boolean {
  return [...reachableFrom(graph, [graph.entry])].some(
    node => node.allowDeadEnd || waysOn(node).some(({ targets }) => targets === undefined),
  )
}

/** Whether nothing can make up for the failure of a join: another join that goes on without the failed branch could. */
function isFatal(graph: OrchestrationGraph, join: GraphNode): boolean {
  return [...reachableFrom(graph, [join])].every(node => node === join || node.kind !== 'join')
}

function endlessFault(cycle: readonly GraphNode[]): WiringFault {
  const [first] = cycle as readonly [GraphNode]
  const round = [...cycle, first].map(({ name }) => name).join(' → ')
  return {
    code: 'ENDLESS_CYCLE',
    stateName: first.name,
    message: `Orchestration never completes: the cycle ${round} has no condition and no way out`,
    advice: 'give one of its advancers a condition, and the state a way on for when it does not hold',
  }
}

function starvingFault({ join, arrivals }: StarvingJoin): WiringFault {
  return {
    code: 'JOIN_STARVES',
    stateName: join.name,
    message: starvation(join, arrivals),
    advice: "lower its quorum, lead more branches to it, or set `onInsufficient: 'proceed'`",
  }
}

/** What a starving join lacks, in words. */
export function starvation({ name, join }: GraphNode, arrivals: number): string {
  const branches = arrivals === 1 ? 'only one branch' : `only ${arrivals} branches`
  return `join "${name}" needs ${join?.quorum ?? 1} branches, but ${branches} can arrive`
}
