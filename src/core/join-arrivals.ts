import type { GraphAdvancer, GraphNode, OrchestrationGraph } from './graph.js'
import { type CycleGroup, cycleGroups, isCycle } from './graph-cycles.js'
import { askedAdvancers, askedErrorAdvancers, hasFixedTarget, leadingTo, reachableFrom, waysOn } from './graph-ways.js'

/**
 * How many branches can come together at a join at most. `Infinity` if there is no telling: an advancer on the way may fan out
 * as it likes, or a cycle opens new branches.
 */
export function mostArrivals(graph: OrchestrationGraph, join: GraphNode): number {
  const reachable = reachableFrom(graph, [graph.entry])
  const leading = leadingTo(graph, [join])
  const onTheWay = new Set([...reachable].filter(node => leading.has(node)))
  const arriving = ({ targets }: GraphAdvancer): boolean => targets?.some(target => onTheWay.has(target)) ?? true
  const waysOf = (ways: readonly GraphAdvancer[]): readonly GraphAdvancer[] => ways.filter(arriving)
  const next = (node: GraphNode): readonly GraphNode[] =>
    waysOf(waysOn(node)).flatMap(({ targets = [] }) => targets.filter(target => onTheWay.has(target)))
  const forks = (node: GraphNode): boolean => node.parallelAdvances && waysOf(node.advancers).length > 1

  if (![...onTheWay].every(node => waysOf(waysOn(node)).every(hasFixedTarget))) return Infinity
  if (next(join).length > 0) return [...onTheWay].some(forks) ? Infinity : 1

  const arrivals = new Map<GraphNode, number>([[join, 1]])
  const along = ({ targets = [] }: GraphAdvancer): number => arrivals.get(targets[0] as GraphNode) ?? 0
  const ofState = (node: GraphNode): number => {
    const each = waysOf(askedAdvancers(node)).map(along)
    const normal = node.parallelAdvances ? each.reduce((sum, one) => sum + one, 0) : most(each)
    return Math.max(normal, most(waysOf(askedErrorAdvancers(node)).map(along)))
  }
  const ofGroup = (group: CycleGroup): number => {
    const best = most(group.map(ofState))
    return isCycle(group, next) && best > 0 && group.some(forks) ? Infinity : best
  }
  for (const group of cycleGroups(onTheWay, next)) {
    if (group.includes(join)) continue
    const best = ofGroup(group)
    for (const node of group) arrivals.set(node, best)
  }
  return arrivals.get(graph.entry) ?? 0
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((best, each) => Math.max(best, each), 0)
}
