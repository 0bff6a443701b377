import { OrchestrationError } from '../../errors/index.js'

/** An agent has answered a task with the status `failure`, or with a result of another task. `code` is TASK_FAILED. */
export class TaskFailedError extends OrchestrationError {
  readonly stepId: string
  readonly agentId: string
  /** What the agent says went wrong. */
  readonly errors: readonly string[]

  constructor(stepId: string, agentId: string, errors: readonly string[]) {
    const why = errors.length === 0 ? 'it does not say why' : errors.join('; ')
    super(`Agent "${agentId}" failed at step "${stepId}": ${why}`, {
      code: 'TASK_FAILED',
      retryable: true,
      details: { stepId, agentId, errors },
    })
    this.stepId = stepId
    this.agentId = agentId
    this.errors = errors
  }
}
