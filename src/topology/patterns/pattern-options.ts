import type { Agent } from '../../agents/index.js'
import type { RuleInput } from '../rules/rule.js'
import type { TopologyMetadata } from '../topology-definition.js'

/** An agent of a pattern: its name, or itself. */
export type PatternAgent = string | Agent<unknown>

/** What every pattern takes. */
export interface TopologyPatternOptions {
  /** Rules besides those of the pattern. @default none */
  readonly rules?: readonly RuleInput[]
  /** Kept with the topology; `timeout`, in seconds, becomes a rule. The name of the pattern is added as `pattern`. @default {} */
  readonly metadata?: TopologyMetadata
}

/** What {@link PatternConfig.hubAndSpoke} takes. */
export interface HubAndSpokeOptions extends TopologyPatternOptions {
  readonly hub: PatternAgent
  /** One or more. */
  readonly spokes: readonly PatternAgent[]
  /** Whether the hub's plain text goes to all spokes at once, and the hub waits for all of them. @default false */
  readonly parallelSpokes?: boolean
  /** Whether the results of a spoke return to the hub: edges `<=>`; otherwise they are dialogues, `<->`. @default true */
  readonly reflexive?: boolean
}

/** What {@link PatternConfig.hierarchical} takes: a tree, or levels. */
export type HierarchicalOptions = HierarchicalTree | HierarchicalLevels

/** A hierarchy, told by who has whom below. */
export interface HierarchicalTree extends TopologyPatternOptions {
  /** By the name of who leads: the names of those below, or the agents themselves. Nobody is below two. */
  readonly tree: Readonly<Record<string, readonly PatternAgent[]>>
  /** Whether results come back up: edges `<=>`, otherwise `->`. @default true */
  readonly reflexive?: boolean
}

/** A hierarchy, told by levels: everyone of a level leads everyone of the next. */
export interface HierarchicalLevels extends TopologyPatternOptions {
  readonly root: PatternAgent
  /** Below the root, from the top. */
  readonly levels: readonly (readonly PatternAgent[])[]
  /** Whether results come back up: edges `<=>`, otherwise `->`. @default true */
  readonly reflexive?: boolean
}

/** One stage of a pipeline: an agent, or several. */
export type PipelineStage = PatternAgent | PipelineGroup

/** Several agents at one stage of a pipeline. */
export interface PipelineGroup {
  /** For whoever reads it. @default none */
  readonly name?: string
  readonly agents: readonly PatternAgent[]
}

/** What {@link PatternConfig.pipeline} takes. */
export interface PipelineOptions extends TopologyPatternOptions {
  /** In their order; everyone of a stage hands over to everyone of the next. */
  readonly stages: readonly PipelineStage[]
  /** Whether the agents of a stage begin at once, by a rule. @default false */
  readonly parallelWithinStage?: boolean
}

/** What {@link PatternConfig.mesh} takes. */
export interface MeshOptions extends TopologyPatternOptions {
  /** Two or more. */
  readonly agents: readonly PatternAgent[]
  /** Whether everyone talks to everyone; otherwise each to the one before and the one after. @default true */
  readonly fullyConnected?: boolean
  /** Whom the user addresses. @default `metadata.entryPoint`; without it there is no user, and the first agent begins */
  readonly entryPoint?: string
}

/** What {@link PatternConfig.star} takes. */
export interface StarOptions extends TopologyPatternOptions {
  readonly center: PatternAgent
  /** One or more. */
  readonly points: readonly PatternAgent[]
  /** Whether the points answer the center: edges `<->`, otherwise `->`. @default true */
  readonly bidirectional?: boolean
}

/** What {@link PatternConfig.ring} takes. */
export interface RingOptions extends TopologyPatternOptions {
  /** Three or more, in their order; the last leads to the first. */
  readonly agents: readonly PatternAgent[]
  /**
   * Whether neighbours talk to each other; otherwise each hands over to the next. Of a ring that only goes round, plain text never
   * gets out: one of its agents ends it, or the rule `max_steps(100)` does, which is added if `rules` has no such rule.
   * @default false
   */
  readonly bidirectional?: boolean
  /** Whom the user addresses. @default `metadata.entryPoint`; without it there is no user, and a run cannot know where to begin */
  readonly entryPoint?: string
}

/** What {@link PatternConfig.broadcast} takes. */
export interface BroadcastOptions extends TopologyPatternOptions {
  readonly broadcaster: PatternAgent
  /** One or more; they begin at once. */
  readonly receivers: readonly PatternAgent[]
  /** Whether the receivers answer: edges `<->`, otherwise `->`. @default false */
  readonly allowReplies?: boolean
}
