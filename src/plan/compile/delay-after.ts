import { OrchestrationError } from '../../errors/index.js'
import { type RetryOptions, retryDelay } from '../../resilience/index.js'
import { retryAfterOf, saysRetryable } from '../../resilience/internal.js'
import { originalError } from './original-error.js'

/** The longest wait that an error may ask for, in milliseconds; that of `retry()`. */
const longestAsked = 300_000

/**
 * How long to wait, in milliseconds, until an agent that is a run is asked again; `undefined` if it is not. What counts is the error that its
 * run has ended with.
 */
export function delayAfter(thrown: Error, attempt: number, options: RetryOptions): number | undefined {
  const { maxAttempts = 3 } = options
  const error = originalError(thrown)
  const wasLate = OrchestrationError.isInstance(error) && error.code === 'RUN_TIMED_OUT'
  if (attempt >= maxAttempts || !(wasLate || saysRetryable(error))) return undefined
  const asked = retryAfterOf(error) ?? 0
  return asked > longestAsked ? undefined : Math.max(retryDelay(attempt, options), asked)
}
