import type { ModelMessage } from '../agents/index.js'
import type { BranchOutcome } from '../core/index.js'
import type { ExecutionStep } from './execution-trace.js'

/** What is known of a branch besides what it did. */
export interface BranchMetadata {
  /** What the events of the run call it. */
  readonly branch: string
  /** The agents that were at work in it, each once, in the order of their first step. */
  readonly agents: readonly string[]
  /** The branch whose agent opened it; missing for those that the task begins in. */
  readonly parent?: string
  /** How it ended; `running` if it has not. */
  readonly outcome: BranchOutcome | 'running'
  /** Whether it ended where branches come together: another one has gone on with what it had found. */
  readonly endedAtConvergence: boolean
  /** The agents for which branches came together in this one, in order. */
  readonly convergences: readonly string[]
}

/** What one branch of a run came to (S1-55). */
export interface BranchResult {
  /** For reading, such as `main_planner_a1b2c3`; the same each time the run is looked at. */
  readonly branchId: string
  /** Whether it came to its end, and its last step did not fail. */
  readonly success: boolean
  /** What its last agent said; `undefined` if none has said anything. */
  readonly finalResponse: unknown
  /** Steps of agents. */
  readonly totalSteps: number
  readonly executionTrace: readonly ExecutionStep[]
  /** What each of its agents remembers, by name. */
  readonly branchMemory: Readonly<Record<string, readonly ModelMessage[]>>
  readonly metadata: BranchMetadata
}
