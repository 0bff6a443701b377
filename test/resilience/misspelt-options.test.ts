import { describe, expect, it } from 'vitest'
import {
  Budget,
  Bulkhead,
  budget,
  bulkhead,
  CircuitBreaker,
  ConcurrencyLimiter,
  circuitBreaker,
  Fallback,
  fallback,
  RateLimit,
  RateLimiter,
  Retry,
  rateLimit,
  retry,
  Timeout,
  timeout,
} from '../../src/resilience/index.js'

type Loose = any // any: plain JavaScript gives what the compiler would refuse

/** What is made with options of which one is misspelt, and the name that is meant. */
const misspelt: Readonly<Record<string, readonly [make: (options: Loose) => unknown, options: object, meant: string]>> =
  {
    'retry()': [retry, { max_attempts: 5 }, 'maxAttempts'],
    '@Retry()': [Retry, { maxDelay: 5 }, 'maxDelayMs'],
    'timeout()': [timeout, { timeoutMs: 5, idle_ms: 5 }, 'idleMs'],
    '@Timeout()': [Timeout, { timeout_ms: 5 }, 'timeoutMs'],
    'fallback()': [options => fallback('x', options), { wen: () => true }, 'when'],
    '@Fallback()': [options => Fallback('x', options), { When: () => true }, 'when'],
    'bulkhead()': [bulkhead, { maxConcurrent: 1, max_queue: 0 }, 'maxQueue'],
    '@Bulkhead()': [Bulkhead, { maxConcurrent: 1, maxQueu: 0, key: 'k' }, 'maxQueue'],
    'rateLimit()': [rateLimit, { limit: 1, intervalMs: 5, maxWait: 0 }, 'maxWaitMs'],
    '@RateLimit()': [RateLimit, { limit: 1, interval: 5 }, 'intervalMs'],
    'circuitBreaker()': [circuitBreaker, { failure_threshold: 2 }, 'failureThreshold'],
    '@CircuitBreaker()': [CircuitBreaker, { recoveryTimeout: 2 }, 'recoveryTimeoutMs'],
    'the sampling of a breaker': [circuitBreaker, { sampling: { window: 5 } }, 'windowMs'],
    'budget()': [budget, { limits: { tokens: 5 }, at_limit: 'start' }, 'atLimit'],
    '@Budget()': [Budget, { limits: { tokens: 5 }, unprized: 'allow' }, 'unpriced'],
    'new ConcurrencyLimiter()': [o => new ConcurrencyLimiter(o), { maxConcurrent: 1, nam: 'x' }, 'name'],
    'new RateLimiter()': [o => new RateLimiter(o), { limit: 1, intervalMs: 5, clok: undefined }, 'clock'],
    'new CircuitBreaker()': [o => new CircuitBreaker(o), { on_change: () => undefined }, 'onChange'],
  }

describe('a misspelt option of a policy limits nothing, so it is refused', () => {
  it.each(Object.entries(misspelt))('%s', (_what, [make, options, meant]) => {
    expect(() => make(options)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(`Did you mean "${meant}"?`) }),
    )
  })
})
