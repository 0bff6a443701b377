import type { Artifact } from './artifact.js'
import type { WorkflowStepError } from './workflow-state.js'

/** What a workflow has come to (S3-19). Plain JSON. */
export interface WorkflowResult {
  readonly workflowId: string
  readonly planId: string
  /**
   * `completed`; `partial`: something has failed or is only done in part; `failed`: nothing has completed. A plan whose strategy stops at
   * the first failure has no result: it rejects.
   */
  readonly status: 'completed' | 'partial' | 'failed'
  /** A few sentences on what has been done. */
  readonly summary: string
  /** By step id, the data of the step's result, `null` where there is none; in a loop, a list with one entry for each turn. */
  readonly data: Readonly<Record<string, unknown>>
  readonly artifacts: readonly Artifact[]
  /** How long it took, in seconds. */
  readonly executionTime: number
  /** How many steps have completed; in a loop, counted in each turn. */
  readonly stepsExecuted: number
  readonly errors: readonly WorkflowStepError[]
}
