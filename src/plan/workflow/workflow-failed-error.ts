import { OrchestrationError } from '../../errors/index.js'
import { originalError } from '../compile/original-error.js'
import type { WorkflowState } from './workflow-state.js'

/**
 * A workflow has failed, or was cancelled. `cause` is the original error: what the agent threw, a {@link DependencyError}, a
 * `CircuitOpenError`. `code` is RUN_FAILED or RUN_CANCELLED.
 */
export class WorkflowFailedError extends OrchestrationError {
  readonly workflowId: string
  /** How far it has come: the results of the steps that have completed, and all errors. */
  readonly state: WorkflowState

  constructor(state: WorkflowState, thrown: unknown) {
    const cause = originalError(thrown)
    const code = OrchestrationError.isInstance(thrown) && thrown.code === 'RUN_CANCELLED' ? thrown.code : 'RUN_FAILED'
    const { workflowId, planId } = state
    const stepId = state.errors.find(each => each.stepId !== undefined)?.stepId
    const where = stepId === undefined ? '' : ` at step "${stepId}"`
    super(`Plan "${planId}" failed${where}: ${cause.message}`, {
      code,
      retryable: OrchestrationError.isInstance(cause) && cause.retryable,
      details: { workflowId, planId, stepId, stepsCompleted: [...state.stepsCompleted] },
      cause,
    })
    this.workflowId = workflowId
    this.state = state
  }
}
