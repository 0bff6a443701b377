import type { NodeType } from '../definition/node-type.js'

/** Where a node is in an execution (S2-40). */
export type NodeState = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped'

/** What is known of a node in an execution (S2-29). Times are milliseconds since 1970. */
export interface NodeStatus {
  readonly nodeId: string
  readonly nodeType: NodeType
  /** The node whose body it is in. */
  readonly parent?: string
  readonly status: NodeState
  readonly input?: unknown
  readonly output?: unknown
  /** What it has cost as far as that is known, what is inside it included. */
  readonly cost: number
  readonly startedAt?: number
  readonly completedAt?: number
  readonly errorMessage?: string
  /** How many attempts there were; in a loop's body, of its latest turn. 0 if it was not started. */
  readonly attempts: number
}
