import type { RetryOptions } from './retry.js'
import type { Backoff } from './retry-delay.js'

/** A retry as execution plans write it (S3-17): other names, and seconds. */
export interface RetryStrategy {
  /** How many attempts there may be, the first included. @default 3 */
  readonly max_retries?: number
  /** @default 'exponential' */
  readonly backoff_type?: Backoff
  /** The wait after the first attempt, in seconds. @default 1 */
  readonly initial_delay?: number
  /** The longest wait, in seconds. @default 60 */
  readonly max_delay?: number
  /** @default 2 */
  readonly backoff_multiplier?: number
}

/**
 * Makes {@link RetryOptions} of a {@link RetryStrategy}: `retry(retryOptionsFrom({ max_retries: 5, initial_delay: 2
 * }))`.
 */
export function retryOptionsFrom(strategy: RetryStrategy): RetryOptions {
  const { max_retries, backoff_type, initial_delay, max_delay, backoff_multiplier } = strategy
  return {
    ...(max_retries === undefined ? {} : { maxAttempts: max_retries }),
    ...(backoff_type === undefined ? {} : { backoff: backoff_type }),
    ...(initial_delay === undefined ? {} : { initialDelayMs: initial_delay * 1000 }),
    ...(max_delay === undefined ? {} : { maxDelayMs: max_delay * 1000 }),
    ...(backoff_multiplier === undefined ? {} : { multiplier: backoff_multiplier }),
  }
}
