import type { Interceptor, NextCall, StateCall } from '../core/index.js'
import { afterOthers, eventError } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { numberBetween, optionalFunction, wholeNumber } from './option-checks.js'
import { policyPlaces } from './policy-order.js'
import { enterRetry } from './retried-steps.js'
import { retryAfterOf } from './retry-after.js'
import { backoffDelay, type RetryDelayOptions, resolveRetryDelay, retryDelayNames } from './retry-delay.js'
import { RetryError, saysRetryable } from './retry-error.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'

/** When and how often to try again. */
export interface RetryOptions extends RetryDelayOptions {
  /** How many attempts there may be, the first included. @default 3 */
  readonly maxAttempts?: number
  /**
   * Whether to try again after this error, the one of attempt number `attempt`, from 1. @default errors of this package
   * if they are `retryable`, but not when a retry inside has given up; all others
   */
  readonly retryOn?: (error: Error, attempt: number) => boolean
  /**
   * The longest wait, in milliseconds, that an error may ask for with `retryAfterMs`; if it asks for more, there is no
   * other attempt. @default 300_000, five minutes
   */
  readonly maxRetryAfterMs?: number
}

type Resolved = Required<RetryOptions>

const optionNames: OptionNames<RetryOptions> = {
  ...retryDelayNames,
  maxAttempts: true,
  retryOn: true,
  maxRetryAfterMs: true,
}

/**
 * Tries a state again when it fails. Every attempt has a context of its own: `attempt` counts from 1, the idempotency
 * key stays, and properties that a failed attempt wrote are dropped.
 *
 * The wait is what backoff says, or what the error asks for with `retryAfterMs` if that is more. It ends at once when
 * the run is cancelled, and there is no other attempt then. Each retry is an event, `state.retrying`. An error that is
 * not to be retried goes through as it is; when the attempts are used up, the state fails with a {@link RetryError}
 * whose `cause` is the last error.
 *
 * ```ts
 * orchestration.configure({ interceptors: [retry({ maxAttempts: 5, jitter: 0.5 })] })
 * ```
 * @throws OPTION_INVALID
 */
export function retry(options: RetryOptions = {}): Interceptor {
  const resolved = resolveRetry(options)
  return { kind: 'retry', place: policyPlaces.retry, around: (call, next) => retried(call, next, resolved) }
}

/** {@link retry} for a class of states: `@Retry({ maxAttempts: 5 })`. */
export function Retry(options: RetryOptions = {}): StateDecorator {
  const interceptor = retry(options)
  return target => declarePolicy(target, 'retry', () => interceptor)
}

/** How many attempts may follow each other without a wait before others get their turn. */
const attemptsInOneTurn = 50

async function retried(call: StateCall, next: NextCall, options: Resolved): Promise<unknown> {
  const leave = enterRetry(call.context)
  try {
    return await attempts(call, next, options)
  } finally {
    leave()
  }
}

async function attempts(call: StateCall, next: NextCall, options: Resolved): Promise<unknown> {
  for (let number = 1; ; number++) {
    try {
      return await next({ number })
    } catch (thrown) {
      const error = ensureError(thrown)
      const delayMs = delayAfter(call, number, error, options)
      call.context.emit({
        type: 'state.retrying',
        attempt: number,
        delayMs,
        error: eventError(error),
        errorMessage: error.message,
      })
      // A timer of no length would still let everything else go first.
      if (delayMs > 0) await call.context.sleep(delayMs)
      // Yet whoever never waits would keep everything else, cancelling included, from happening at all.
      else if (number % attemptsInOneTurn === 0) await new Promise<void>(resolve => afterOthers(resolve))
      call.context.signal.throwIfAborted()
    }
  }
}

/** How long to wait for the next attempt. @throws what the state is to fail with if there is none */
function delayAfter({ context, stateName }: StateCall, attempt: number, error: Error, options: Resolved): number {
  const { maxAttempts, retryOn, maxRetryAfterMs } = options
  if (context.signal.aborted || !retryOn(error, attempt)) throw error
  if (attempt >= maxAttempts) {
    const why = attempt === 1 ? 'there is only one attempt' : `the last of ${attempt} attempts failed like this`
    throw new RetryError(stateName, attempt, error, why)
  }
  const retryAfterMs = retryAfterOf(error) ?? 0
  if (retryAfterMs > maxRetryAfterMs) {
    const why = `it asks to wait ${retryAfterMs} ms, more than \`maxRetryAfterMs\` (${maxRetryAfterMs}) allows`
    throw new RetryError(stateName, attempt, error, why)
  }
  return Math.max(backoffDelay(attempt, options), retryAfterMs)
}

function resolveRetry(options: RetryOptions): Resolved {
  checkOptionNames('a retry', options, optionNames)
  const { maxAttempts = 3, retryOn, maxRetryAfterMs = 300_000 } = options
  return {
    ...resolveRetryDelay(options),
    maxAttempts: wholeNumber('maxAttempts', 1, maxAttempts),
    retryOn: optionalFunction('retryOn', retryOn) ?? retriedByDefault,
    maxRetryAfterMs: numberBetween('maxRetryAfterMs', 0, Infinity, maxRetryAfterMs),
  }
}

function retriedByDefault(error: Error): boolean {
  const hasGivenUp = OrchestrationError.isInstance(error) && error.code === 'RETRIES_EXHAUSTED'
  return saysRetryable(error) && !hasGivenUp
}
