import { OrchestrationAdvancer } from './advancer.js'
import { FunctionAdvancer } from './function-advancer.js'
import type { GraphAdvancer, GraphNode, OrchestrationGraph } from './graph.js'

/** Whether an advancer has no condition: nothing overrides the default, which is to advance. */
export function alwaysMatches({ advancer }: GraphAdvancer): boolean {
  return advancer.shouldAdvance === OrchestrationAdvancer.prototype.shouldAdvance
}

/** Whether an advancer that matches leads to its one target, never to several, to none, or to one it decides about. */
export function hasFixedTarget({ advancer, targets }: GraphAdvancer): boolean {
  return (
    advancer instanceof FunctionAdvancer &&
    advancer.getNextRunnable === FunctionAdvancer.prototype.getNextRunnable &&
    targets?.length === 1
  )
}

/** The advancers that can be asked: where the first match is taken, none that comes after one that always matches. */
export function askedAdvancers({ advancers, parallelAdvances }: GraphNode): readonly GraphAdvancer[] {
  return parallelAdvances ? advancers : untilCertain(advancers)
}

/** The `onError` advancers that can be asked. */
export function askedErrorAdvancers({ errorAdvancers }: GraphNode): readonly GraphAdvancer[] {
  return untilCertain(errorAdvancers)
}

/** Every way on that a state can take, after an output and after a failure. */
export function waysOn(node: GraphNode): readonly GraphAdvancer[] {
  return [...askedAdvancers(node), ...askedErrorAdvancers(node)]
}

/** Every state that `starts` may lead to, themselves included. An advancer that does not say where it leads may lead anywhere. */
export function reachableFrom(graph: OrchestrationGraph, starts: readonly GraphNode[]): ReadonlySet<GraphNode> {
  const found = new Set(starts)
  const open = [...starts]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { targets } of waysOn(node)) {
      if (targets === undefined) return new Set(graph.nodes)
      for (const target of targets) {
        if (found.has(target)) continue
        found.add(target)
        open.push(target)
      }
    }
  }
  return found
}

/** Every state that may lead to one of `ends`, themselves included, without passing through one of `closed`. */
export function leadingTo(
  graph: OrchestrationGraph,
  ends: readonly GraphNode[],
  closed: ReadonlySet<GraphNode> = new Set(),
): ReadonlySet<GraphNode> {
  const open = ends.filter(end => !closed.has(end))
  const found = new Set(open)
  if (open.length === 0) return found
  const add = (node: GraphNode): void => {
    if (found.has(node) || closed.has(node)) return
    found.add(node)
    open.push(node)
  }
  const sources = new Map<GraphNode, GraphNode[]>(graph.nodes.map(node => [node, []]))
  for (const node of graph.nodes) {
    for (const { targets } of waysOn(node)) {
      if (targets === undefined) add(node)
      else for (const target of targets) sources.get(target)?.push(node)
    }
  }
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const source of sources.get(node) ?? []) add(source)
  }
  return found
}

/** The states whose output can be the result. */
export function resultStates({ result, nodes }: OrchestrationGraph): readonly GraphNode[] {
  return result === undefined ? nodes.filter(node => node.advancers.length === 0) : [result]
}

function untilCertain(advancers: readonly GraphAdvancer[]): readonly GraphAdvancer[] {
  const certain = advancers.findIndex(alwaysMatches)
  return certain < 0 ? advancers : advancers.slice(0, certain + 1)
}
