import { OrchestrationError } from '../errors/index.js'

/** An attempt of a state took too long, or was silent for too long. */
export class StateTimeoutError extends OrchestrationError {
  readonly stateName: string
  /** Which attempt, from 1. */
  readonly attempt: number
  /** Which limit was reached. */
  readonly limit: 'timeoutMs' | 'idleMs'

  constructor(stateName: string, attempt: number, limit: 'timeoutMs' | 'idleMs', ms: number) {
    const what = limit === 'timeoutMs' ? `took longer than ${ms} ms` : `has given no sign of life for ${ms} ms`
    super(`Attempt ${attempt} of state "${stateName}" ${what} (\`${limit}\`) and was aborted.`, {
      code: 'STATE_TIMED_OUT',
      retryable: true,
      details: { stateName, attempt, limit, ms },
    })
    this.stateName = stateName
    this.attempt = attempt
    this.limit = limit
  }
}
