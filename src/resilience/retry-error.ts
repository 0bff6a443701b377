import { OrchestrationError } from '../errors/index.js'

/** A retry has given up. `cause` is the error of the last attempt, `retryable` is what that error says of itself. */
export class RetryError extends OrchestrationError {
  readonly stateName: string
  /** How many attempts there were. */
  readonly attempts: number

  constructor(stateName: string, attempts: number, error: Error, why: string) {
    super(`State "${stateName}" failed, and ${why}: ${error.message}`, {
      code: 'RETRIES_EXHAUSTED',
      retryable: saysRetryable(error),
      details: { stateName, attempts },
      cause: error,
    })
    this.stateName = stateName
    this.attempts = attempts
  }
}

/** Whether trying again can help: errors of this package say so themselves, of any other it is taken for granted. */
export function saysRetryable(error: Error): boolean {
  return !OrchestrationError.isInstance(error) || error.retryable
}
