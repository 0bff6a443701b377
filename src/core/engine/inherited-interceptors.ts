import type { GraphNode } from '../graph.js'
import type { Interceptor } from '../interceptor.js'

/** An interceptor of an outer orchestration that wraps the states inside as well. */
export interface InheritedInterceptor {
  readonly interceptor: Interceptor
  /** The run it was given for. */
  readonly runId: string
  /** The names of the states between that run and this one. */
  readonly path: readonly string[]
}

/** What a run that is part of no other inherits. */
export const nothingInherited: readonly InheritedInterceptor[] = []

/** What wraps a state, the outermost first: what is inherited, what is its own, what wraps each attempt. */
export function interceptorsInForce(
  node: GraphNode,
  inherited: readonly InheritedInterceptor[],
  attempts: readonly Interceptor[],
): readonly Interceptor[] {
  if (inherited.length === 0 && attempts.length === 0) return node.interceptors
  return [...inherited.map(({ interceptor }) => interceptor), ...ownOf(node, inherited), ...attempts]
}

/** What the run of a sub-orchestration inherits from the run that has it as its state `node`. */
export function inheritedThrough(
  node: GraphNode,
  runId: string,
  inherited: readonly InheritedInterceptor[],
): readonly InheritedInterceptor[] {
  const own = ownOf(node, inherited).filter(({ nested }) => nested === true)
  if (own.length === 0 && inherited.length === 0) return nothingInherited
  return [
    ...inherited.map(each => ({ ...each, path: [...each.path, node.name] })),
    ...own.map(interceptor => ({ interceptor, runId, path: [node.name] })),
  ]
}

function ownOf(node: GraphNode, inherited: readonly InheritedInterceptor[]): readonly Interceptor[] {
  if (inherited.length === 0) return node.interceptors
  return node.interceptors.filter(own => !inherited.some(({ interceptor }) => interceptor === own))
}
