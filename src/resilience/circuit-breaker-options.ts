import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { CircuitBreakerSnapshot, SampledCalls } from './circuit-breaker-state.js'
import { ConsecutiveFailures, type FailureCount, SampledFailures, type SamplingOptions } from './failure-count.js'
import {
  duration,
  fieldsOf,
  finiteCount,
  listOf,
  numberBetween,
  optionalFunction,
  wholeNumber,
} from './option-checks.js'

/** When a circuit breaker opens, and how it closes again. */
export interface CircuitBreakerRules {
  /** After how many failures in a row it opens. Not together with `sampling`. @default 5 */
  readonly failureThreshold?: number
  /** Opens by the share of failures in a window of time instead. @default failures in a row */
  readonly sampling?: SamplingOptions
  /** How long it stays open before it lets trial calls through, in milliseconds. @default 30_000 */
  readonly recoveryTimeoutMs?: number
  /**
   * How many trial calls it lets through then, and how many of them have to succeed for it to close; all others are
   * refused meanwhile. One that fails opens it again. @default 1
   */
  readonly halfOpenMaxCalls?: number
  /**
   * Whether a failure counts. One that does not is neither a failure nor a success. @default all count but those that
   * say nothing about what was called: refusals by a limit, a budget or another breaker
   */
  readonly countOn?: (error: Error) => boolean
}

/** Every key of {@link CircuitBreakerRules}. */
export const breakerRuleNames: OptionNames<CircuitBreakerRules> = {
  failureThreshold: true,
  sampling: true,
  recoveryTimeoutMs: true,
  halfOpenMaxCalls: true,
  countOn: true,
}

const samplingNames: OptionNames<SamplingOptions> = { windowMs: true, failureRatio: true, minimumCalls: true }

/** {@link CircuitBreakerRules} with nothing left open. */
export interface ResolvedBreakerRules {
  readonly recoveryTimeoutMs: number
  readonly halfOpenMaxCalls: number
  readonly countOn: (error: Error) => boolean
  /** A new count, or one that goes on from a snapshot. */
  startCount(snapshot?: CircuitBreakerSnapshot): FailureCount
}

/** Fills in the defaults. @throws OPTION_INVALID */
export function resolveBreakerRules(rules: CircuitBreakerRules): ResolvedBreakerRules {
  const { failureThreshold, sampling, recoveryTimeoutMs = 30_000, halfOpenMaxCalls = 1, countOn } = rules
  if (failureThreshold !== undefined && sampling !== undefined) {
    throw new OptionError('failureThreshold', 'left out where `sampling` is given', failureThreshold)
  }
  return {
    recoveryTimeoutMs: duration('recoveryTimeoutMs', recoveryTimeoutMs),
    halfOpenMaxCalls: finiteCount('halfOpenMaxCalls', 1, halfOpenMaxCalls),
    countOn: optionalFunction('countOn', countOn) ?? countedByDefault,
    startCount: sampling === undefined ? countingInARow(failureThreshold) : countingSamples(sampling),
  }
}

type StartCount = ResolvedBreakerRules['startCount']

function countingInARow(failureThreshold = 5): StartCount {
  const threshold = wholeNumber('failureThreshold', 1, failureThreshold)
  return snapshot => {
    const failures = snapshot?.kind === 'closed' ? snapshot.failures : 0
    return new ConsecutiveFailures(threshold, wholeNumber('snapshot.failures', 0, failures))
  }
}

function countingSamples(sampling: SamplingOptions): StartCount {
  checkOptionNames('`sampling`', fieldsOf('sampling', sampling), samplingNames)
  const { windowMs = 60_000, failureRatio = 0.5, minimumCalls = 10 } = sampling
  const ratio = numberBetween('sampling.failureRatio', 0, 1, failureRatio)
  if (ratio === 0) throw new OptionError('sampling.failureRatio', 'above 0', failureRatio)
  const options = {
    windowMs: duration('sampling.windowMs', windowMs),
    failureRatio: ratio,
    minimumCalls: wholeNumber('sampling.minimumCalls', 1, minimumCalls),
  }
  return snapshot => {
    const samples = snapshot?.kind === 'closed' ? (snapshot.samples ?? []) : []
    return new SampledFailures(options, checkSamples(samples))
  }
}

function checkSamples(samples: readonly SampledCalls[]): readonly SampledCalls[] {
  for (const [index, sample] of listOf('snapshot.samples', samples).entries()) {
    const option = `snapshot.samples[${index}]`
    const { since, calls, failures } = fieldsOf(option, sample)
    numberBetween(`${option}.since`, 0, Infinity, since)
    wholeNumber(`${option}.calls`, 0, calls)
    wholeNumber(`${option}.failures`, 0, failures)
  }
  return samples
}

/** Refusals of policies: what was to be called has not been called. */
const refusals: ReadonlySet<string> = new Set([
  'CIRCUIT_OPEN',
  'BULKHEAD_FULL',
  'RATE_LIMITED',
  'BUDGET_EXCEEDED',
  'PRICE_UNKNOWN',
])

function countedByDefault(error: Error): boolean {
  return !(OrchestrationError.isInstance(error) && refusals.has(error.code))
}

/** A circuit breaker as workflows and plans write it (S2-33, S3-18): other names, and seconds. */
export interface CircuitBreakerSettings {
  /** @default 5 */
  readonly failure_threshold?: number
  /** How long it stays open, in seconds. @default 30 */
  readonly recovery_timeout?: number
  /** Another name for `recovery_timeout`; only one of the two may be given. */
  readonly reset_timeout?: number
  /** @default 1 */
  readonly half_open_max_calls?: number
}

/**
 * Makes {@link CircuitBreakerRules} of {@link CircuitBreakerSettings}:
 * `new CircuitBreaker(circuitBreakerOptionsFrom({ failure_threshold: 5, reset_timeout: 60 }))`.
 * @throws OPTION_INVALID if both names of the time are given
 */
export function circuitBreakerOptionsFrom(settings: CircuitBreakerSettings): CircuitBreakerRules {
  const { failure_threshold, recovery_timeout, reset_timeout, half_open_max_calls } = settings
  if (recovery_timeout !== undefined && reset_timeout !== undefined) {
    throw new OptionError('reset_timeout', 'left out where `recovery_timeout` is given', reset_timeout)
  }
  const seconds = recovery_timeout ?? reset_timeout
  return {
    ...(failure_threshold === undefined ? {} : { failureThreshold: failure_threshold }),
    ...(seconds === undefined ? {} : { recoveryTimeoutMs: seconds * 1000 }),
    ...(half_open_max_calls === undefined ? {} : { halfOpenMaxCalls: half_open_max_calls }),
  }
}
