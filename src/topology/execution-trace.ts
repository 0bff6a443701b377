import type { RoutingAction } from './agent-turn.js'

/** One step of an agent, as it is told afterwards (S1-55). */
export interface ExecutionStep {
  /** Counts the steps of its branch from 1. */
  readonly step: number
  readonly agent: string
  /** What the agent decided, or the topology for it; `failed` and `cancelled` if there is no decision, `running` if it is still at it. */
  readonly action: RoutingAction['type'] | 'failed' | 'cancelled' | 'running'
  /** Who goes on: agents, or the user. */
  readonly targets: readonly string[]
  /** What it said, as plain data; `undefined` as long as there is nothing. */
  readonly response: unknown
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** How long it took, in milliseconds; up to now for a step that is under way. */
  readonly durationMs: number
  /** Why it failed. */
  readonly error?: string
}
