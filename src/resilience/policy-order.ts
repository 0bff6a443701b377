/**
 * Where each kind of policy stands; a lower place is outside a higher one.
 *
 * A fallback answers what everything else could not put right. A retry repeats all that is inside it. A budget is asked
 * before every attempt, and its refusal is no failure of what a breaker watches. The breaker hears of every attempt,
 * and an open one refuses before a turn or a slot is taken. Whoever waits for a turn of the rate limit holds no slot of
 * the bulkhead, and the time limit is for the work alone, not for the waiting.
 */
export const policyPlaces = {
  fallback: 100,
  retry: 200,
  budget: 250,
  circuitBreaker: 300,
  rateLimit: 400,
  bulkhead: 500,
  timeout: 600,
} as const

/** A kind of policy. */
export type PolicyKind = keyof typeof policyPlaces
