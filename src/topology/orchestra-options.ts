import type { AgentRegistry } from '../agents/index.js'
import type { Clock, Logger } from '../core/index.js'
import type { StateManager } from '../durability/index.js'
import type { OptionNames } from '../errors/internal.js'
import type { PriceTable } from '../resilience/index.js'
import type { TopologyInput } from './ensure-topology.js'
import type { RuleInput } from './rules/rule.js'

/** What an {@link Orchestra} is made of, besides the agents (S1-09). */
export interface OrchestraOptions {
  /**
   * Rules for topologies that have none of the kind: `['timeout(300)', 'max_agents(10)']`. Those that name agents are for topologies
   * that have these agents.
   * @default none
   */
  readonly rules?: readonly RuleInput[]
  /** Keeps every run, as a session, so that it can be paused, resumed and taken back to checkpoints. @default nothing is kept */
  readonly stateManager?: StateManager
  /** What models cost, for `result.metadata.usage`. @default costs are known as far as agents report them */
  readonly prices?: PriceTable
  /** Where time comes from. @default the system's clock */
  readonly clock?: Clock
  /** Where listeners are reported that throw. @default the console */
  readonly logger?: Logger
}

/** How one run goes, whatever it is about. */
export interface OrchestraLimits {
  /** How many steps agents may make, over all branches. A rule of the topology can set a lower limit. @default 100 */
  readonly maxSteps?: number
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal
}

/** One piece of work for an {@link Orchestra} (S1-25). */
export interface OrchestraTask extends OrchestraLimits {
  /** What is to be done: a text, or data, which agents get as JSON. */
  readonly task: unknown
  /** Who does it and how: any of the three notations, or a `Topology`. */
  readonly topology: TopologyInput
  /** What all agents are to know besides. It is read, never written. @default nothing */
  readonly context?: Readonly<Record<string, unknown>>
  /** @default the `sessionId` of the context, else its `session_id`, else a random UUID */
  readonly sessionId?: string
  /** With a state manager: whether other processes can pause it. @default false */
  readonly enablePause?: boolean
}

/** How a session goes on (S1-36, S1-60). */
export interface OrchestraResumeOptions {
  /** Another topology than the one it was started with; every agent that is at work or about to be must be in it. @default that one */
  readonly topology?: TopologyInput
  /** With another topology, how many steps agents may make. @default as before */
  readonly maxSteps?: number
  /** Whether to go on although the run was started under another definition. @default whether a topology is given */
  readonly allowModified?: boolean
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal
}

/** What {@link Orchestra.run} takes: the work, and what an orchestra is made of (S1-01). */
export interface OrchestraRunOptions extends OrchestraTask, OrchestraOptions {
  /** @default AgentRegistry.global */
  readonly agentRegistry?: AgentRegistry
}

/** Every key of {@link OrchestraOptions}. */
export const orchestraOptionNames: OptionNames<OrchestraOptions> = {
  rules: true,
  stateManager: true,
  prices: true,
  clock: true,
  logger: true,
}

/** Every key of {@link OrchestraLimits}. */
export const orchestraLimitNames: OptionNames<OrchestraLimits> = { maxSteps: true, signal: true }

/** Every key of {@link OrchestraTask}. */
export const orchestraTaskNames: OptionNames<OrchestraTask> = {
  task: true,
  topology: true,
  context: true,
  sessionId: true,
  enablePause: true,
  ...orchestraLimitNames,
}

/** Every key of {@link OrchestraResumeOptions}. */
export const orchestraResumeNames: OptionNames<OrchestraResumeOptions> = {
  topology: true,
  allowModified: true,
  ...orchestraLimitNames,
}

/** Every key of {@link OrchestraRunOptions}. */
export const orchestraRunNames: OptionNames<OrchestraRunOptions> = {
  ...orchestraTaskNames,
  ...orchestraOptionNames,
  agentRegistry: true,
}
