import type { Edge } from '../edge.js'
import type { MaxTurnsRule } from '../rules/max-turns-rule.js'
import type { ParallelRule } from '../rules/parallel-rule.js'

/** One way of an edge. */
export interface TopologyWay {
  readonly from: string
  readonly to: string
  readonly edge: Edge
  /** `back` if the edge is gone from its target to its source. */
  readonly direction: 'forth' | 'back'
  /** Whether there also is a way from `to` to `from`, over this edge or another. */
  readonly reciprocal: boolean
}

/** Two agents that may address each other. */
export interface Conversation {
  /** Source and target of the edge; with a rule on their turns, in the order of the rule. */
  readonly agents: readonly [first: string, second: string]
  /** One two-way edge, or two one-way edges. */
  readonly edges: readonly Edge[]
  readonly maxTurns: MaxTurnsRule | undefined
}

/** Where branches come together. */
export interface ConvergencePoint {
  readonly agent: string
  /** Who is waited for. */
  readonly sources: readonly string[]
  /** Whether a rule says so. */
  readonly explicit: boolean
}

/** Agents that begin at once. */
export interface ParallelGroup {
  readonly agents: readonly string[]
  /** The nodes whose output each of them gets: the trigger of the rule, else every node that leads to all of them. */
  readonly triggers: readonly string[]
  readonly waitForAll: boolean
  readonly rule: ParallelRule
}
