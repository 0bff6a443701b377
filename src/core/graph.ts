import type { Schema, TypeRef } from '../schema/index.js'
import type { OrchestrationAdvancer } from './advancer.js'
import type { Interceptor } from './interceptor.js'
import type { ResolvedJoinOptions } from './join.js'
import type { AnyRunnable } from './runnable.js'

/** What the engine does when a token reaches a state. */
export type NodeKind = 'work' | 'join' | 'approval' | 'signal' | 'delay' | 'orchestration'

/** One way on from a state. */
export interface GraphAdvancer {
  readonly name: string
  readonly advancer: OrchestrationAdvancer<never, unknown>
  /** Where it may lead, or `undefined` if it does not say. */
  readonly targets: readonly GraphNode[] | undefined
  /** Whether it changes the value on its way. */
  readonly converts: boolean
}

/** One state of a graph. */
export interface GraphNode {
  /** Position in {@link OrchestrationGraph.nodes}. */
  readonly index: number
  readonly name: string
  readonly kind: NodeKind
  readonly runnable: AnyRunnable
  /** What is declared for the input; for a join, of one item. */
  readonly input: Schema | undefined
  readonly output: Schema | undefined
  /** In the order in which they are asked. None: the state is terminal. */
  readonly advancers: readonly GraphAdvancer[]
  readonly errorAdvancers: readonly GraphAdvancer[]
  readonly parallelAdvances: boolean
  readonly reruns: number
  readonly allowDeadEnd: boolean
  readonly interceptors: readonly Interceptor[]
  /** Set for a join. */
  readonly join: ResolvedJoinOptions | undefined
}

/**
 * A definition as plain, frozen data: what the engine runs, and what checks, diagrams and builders read and write.
 */
export interface OrchestrationGraph {
  readonly name: string
  readonly nodes: readonly GraphNode[]
  readonly byName: ReadonlyMap<string, GraphNode>
  readonly entry: GraphNode
  /** The state whose output is the result; if undefined, that of any terminal state is. */
  readonly result: GraphNode | undefined
  readonly input: Schema | undefined
  readonly output: Schema | undefined
  /** Classes of values that no state declares, and that a store has to know. */
  readonly classes: readonly TypeRef[]
}
