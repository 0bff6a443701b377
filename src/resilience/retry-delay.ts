import type { OptionNames } from '../errors/internal.js'
import { duration, numberBetween, oneOf, optionalFunction } from './option-checks.js'

/** How the waits between attempts grow. */
export type Backoff = 'fixed' | 'linear' | 'exponential'

/** How long a retry waits between attempts. */
export interface RetryDelayOptions {
  /**
   * `fixed`: always `initialDelayMs`; `linear`: that times the number of the attempt that failed; `exponential`: that,
   * times `multiplier` for each further attempt. @default 'exponential'
   */
  readonly backoff?: Backoff
  /** The wait after the first attempt, in milliseconds; 0 for none. @default 1000 */
  readonly initialDelayMs?: number
  /** What exponential backoff multiplies by; at least 1. @default 2 */
  readonly multiplier?: number
  /** The longest wait that backoff may come to, in milliseconds. @default 60_000 */
  readonly maxDelayMs?: number
  /**
   * Which share of a wait is left to chance, from 0 to 1: with 0.2 a wait is between 80 and 100 % of its length.
   * Spreads out those who failed together. @default 0
   */
  readonly jitter?: number
  /** A number from 0 up to 1, for the jitter. @default Math.random */
  readonly random?: () => number
}

/** Every key of {@link RetryDelayOptions}. */
export const retryDelayNames: OptionNames<RetryDelayOptions> = {
  backoff: true,
  initialDelayMs: true,
  multiplier: true,
  maxDelayMs: true,
  jitter: true,
  random: true,
}

/** Fills in the defaults. @throws OPTION_INVALID */
export function resolveRetryDelay(options: RetryDelayOptions): Required<RetryDelayOptions> {
  const { backoff = 'exponential', initialDelayMs = 1000, multiplier = 2, maxDelayMs = 60_000 } = options
  const { jitter = 0, random } = options
  return {
    backoff: oneOf('backoff', ['fixed', 'linear', 'exponential'], backoff),
    initialDelayMs: numberBetween('initialDelayMs', 0, Infinity, initialDelayMs),
    multiplier: numberBetween('multiplier', 1, Infinity, multiplier),
    maxDelayMs: duration('maxDelayMs', maxDelayMs),
    jitter: numberBetween('jitter', 0, 1, jitter),
    random: optionalFunction('random', random) ?? Math.random,
  }
}

/** How long backoff waits after attempt number `attempt`, from 1, has failed, in milliseconds. */
export function retryDelay(attempt: number, options: RetryDelayOptions = {}): number {
  return backoffDelay(attempt, resolveRetryDelay(options))
}

/** {@link retryDelay} by options that are resolved already. */
export function backoffDelay(attempt: number, options: Required<RetryDelayOptions>): number {
  const { backoff, initialDelayMs, multiplier, maxDelayMs, jitter, random } = options
  const factor = backoff === 'fixed' ? 1 : backoff === 'linear' ? attempt : multiplier ** (attempt - 1)
  // Nothing times infinity would be no number.
  const full = initialDelayMs === 0 ? 0 : Math.min(initialDelayMs * factor, maxDelayMs)
  return jitter === 0 ? full : Math.round(full * (1 - jitter * random()))
}
