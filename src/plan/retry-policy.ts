import { IsIn, IsInt, IsNumber, IsOptional, IsPositive, Min } from 'class-validator'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { type Backoff, type RetryOptions, retryOptionsFrom } from '../resilience/index.js'

/** How often a step is tried, and how long is waited in between. Lengths of time are seconds. */
export class RetryPolicy {
  /** How many attempts there may be, the first included. @default 3 */
  maxRetries?: number
  /** How the wait grows. @default 'exponential' */
  backoffType?: Backoff
  /** The wait after the first attempt, in seconds. @default 1 */
  initialDelay?: number
  /** The longest wait, in seconds. @default 60 */
  maxDelay?: number
  /** By what the wait grows each time, where it grows exponentially. @default 2 */
  backoffMultiplier?: number

  constructor(init: Readonly<Partial<RetryPolicy>> = {}) {
    Object.assign(this, init)
  }
}
// Not as decorators: those of properties work in one of TypeScript's two modes only, and sources may be run in either.
for (const property of ['maxRetries', 'backoffType', 'initialDelay', 'maxDelay', 'backoffMultiplier']) {
  IsOptional()(RetryPolicy.prototype, property)
}
IsInt()(RetryPolicy.prototype, 'maxRetries')
Min(1)(RetryPolicy.prototype, 'maxRetries')
IsIn(['exponential', 'fixed', 'linear'])(RetryPolicy.prototype, 'backoffType')
for (const property of ['initialDelay', 'maxDelay', 'backoffMultiplier']) {
  IsNumber()(RetryPolicy.prototype, property)
}
Min(0)(RetryPolicy.prototype, 'initialDelay')
IsPositive()(RetryPolicy.prototype, 'maxDelay')
Min(1)(RetryPolicy.prototype, 'backoffMultiplier')

const policyNames: OptionNames<RetryPolicy> = {
  maxRetries: true,
  backoffType: true,
  initialDelay: true,
  maxDelay: true,
  backoffMultiplier: true,
}

/** Refuses what a policy does not have. Policies of plans are told of with the plan's other faults. @throws OPTION_INVALID */
export function checkRetryPolicyNames(policy: object): void {
  checkOptionNames('a retry policy', policy, policyNames)
}

/** The options of `retry()` that a policy stands for: in milliseconds. */
export function retryOptionsOf(policy: RetryPolicy): RetryOptions {
  const { maxRetries, backoffType, initialDelay, maxDelay, backoffMultiplier } = policy
  return retryOptionsFrom({
    ...(maxRetries === undefined ? {} : { max_retries: maxRetries }),
    ...(backoffType === undefined ? {} : { backoff_type: backoffType }),
    ...(initialDelay === undefined ? {} : { initial_delay: initialDelay }),
    ...(maxDelay === undefined ? {} : { max_delay: maxDelay }),
    ...(backoffMultiplier === undefined ? {} : { backoff_multiplier: backoffMultiplier }),
  })
}
