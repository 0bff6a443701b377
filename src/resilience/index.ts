export type { CircuitBreakerOptions } from './breaker.js'
export { Budget, budget } from './budget.js'
export type { BudgetAccountSnapshot, BudgetSpending } from './budget-account.js'
export { type BudgetExceededDetails, BudgetExceededError } from './budget-exceeded-error.js'
export type { BudgetLimit, BudgetLimits, BudgetQuantity } from './budget-limits.js'
export type { BudgetAmounts, BudgetKey, BudgetOptions, BudgetScope, BudgetSnapshot } from './budget-options.js'
export { Bulkhead, type BulkheadOptions, bulkhead } from './bulkhead.js'
export { BulkheadFullError } from './bulkhead-full-error.js'
export { CircuitBreaker, type CircuitBreakerPolicyOptions, circuitBreaker } from './circuit-breaker.js'
export {
  type CircuitBreakerRules,
  type CircuitBreakerSettings,
  circuitBreakerOptionsFrom,
} from './circuit-breaker-options.js'
export type {
  CircuitBreakerChange,
  CircuitBreakerSnapshot,
  CircuitBreakerState,
  SampledCalls,
} from './circuit-breaker-state.js'
export type { CircuitBreakerSharing, CircuitBreakerStorage, StoredCircuitBreaker } from './circuit-breaker-storage.js'
export { CircuitOpenError } from './circuit-open-error.js'
export { ConcurrencyLimiter, type ConcurrencyLimiterOptions, type ConcurrencyLimits } from './concurrency-limiter.js'
export { type CostLine, type CostReport, CostTracker, costOf, costReports } from './cost-report.js'
export type { SamplingOptions } from './failure-count.js'
export { Fallback, type FallbackAnswer, type FallbackDecorator, type FallbackOptions, fallback } from './fallback.js'
export { costOfUsage, type ModelPrice, type PriceTable } from './price-table.js'
export { RateLimit, type RateLimitOptions, rateLimit } from './rate-limit.js'
export { RateLimitError } from './rate-limit-error.js'
export { RateLimiter, type RateLimiterOptions, type RateLimits } from './rate-limiter.js'
export { Retry, type RetryOptions, retry } from './retry.js'
export { type Backoff, type RetryDelayOptions, retryDelay } from './retry-delay.js'
export { RetryError } from './retry-error.js'
export { type RetryStrategy, retryOptionsFrom } from './retry-strategy.js'
export type { StateDecorator } from './state-decorator.js'
export { StateTimeoutError } from './state-timeout-error.js'
export { Timeout, type TimeoutOptions, timeout } from './timeout.js'
