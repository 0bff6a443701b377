import type { CostReport } from '../resilience/index.js'
import type { BranchResult } from './branch-result.js'

/** What is known of a run besides what came of it (S1-54, S1-62). */
export interface OrchestraMetadata {
  /** The session that the run belongs to; a run that is not kept has one of its own. */
  readonly sessionId: string
  readonly runId: string
  /** `running` and `paused` where a run is looked at before its end. */
  readonly status: 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'
  readonly topologyNodes: number
  readonly topologyEdges: number
  /** Branches that have ended, whatever came of them. */
  readonly completedBranches: number
  /** Steps that were under way or about to begin when nobody needed them any more. */
  readonly cancelledTasks: number
  /** Tokens and money, by state, agent and model. */
  readonly usage: CostReport
}

/**
 * What came of a run (S1-10). A run that fails has one too: `success` is false, `error` says why, and what there is by then is in
 * `finalResponse` and `branchResults`.
 */
export interface OrchestraResult<TResponse = unknown> {
  /** Whether the run came to its end with no failure that nothing in the topology takes up. */
  readonly success: boolean
  /**
   * What the branches say that came together; else what the branches say that succeeded: of one its response, of several an object by
   * the names of their last agents. If none has, the last response of the branch that came furthest, which may be `undefined`.
   */
  readonly finalResponse: TResponse
  /** In the order of the run's tokens: a branch before those it opened. */
  readonly branchResults: readonly BranchResult[]
  /** Steps of agents, of all branches. */
  readonly totalSteps: number
  /** In seconds, without the time that the run was paused. */
  readonly totalDuration: number
  readonly metadata: OrchestraMetadata
  /** Why there is no success. */
  readonly error?: string
}
