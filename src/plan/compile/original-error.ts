import { ensureError, OrchestrationError } from '../../errors/index.js'

/** What was thrown first, under the errors of the runs that it went through. */
export function originalError(thrown: unknown): Error {
  const error = ensureError(thrown)
  const isRuns = OrchestrationError.isInstance(error) && error.code === 'RUN_FAILED' && error.cause !== undefined
  return isRuns ? originalError(error.cause) : error
}
