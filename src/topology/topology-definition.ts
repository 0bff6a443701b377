import type { Json } from '../schema/index.js'
import type { EdgeInput } from './edge.js'
import type { NodeInput } from './node.js'
import type { RuleInput } from './rules/rule.js'

/** What a topology knows of itself besides nodes, edges and rules. Plain data. */
export interface TopologyMetadata {
  /**
   * Where a run begins, whatever the edges say: the name of an agent, or several. @default the successors of the user; without a
   * user the agents that no edge leads to
   */
  readonly entryPoint?: string | readonly string[]
  /** Anything else is kept, and is in the JSON; nothing reads it. */
  readonly [key: string]: Json | undefined
}

/** A topology as it is written: nodes, edges and rules, each as a text or as an object, in any mixture. */
export interface TopologyDefinition {
  /** Every node that edges and rules name, `User` included. */
  readonly nodes: readonly NodeInput[]
  /** @default none */
  readonly edges?: readonly EdgeInput[]
  /** @default none */
  readonly rules?: readonly RuleInput[]
  /** @default {} */
  readonly metadata?: TopologyMetadata
}
