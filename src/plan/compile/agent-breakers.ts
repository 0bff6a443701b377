import { CircuitBreaker, type CircuitBreakerRules } from '../../resilience/index.js'

/** How long the breaker of an agent stays open unless it is told otherwise, in milliseconds (S3-18). */
const usualRecoveryTimeoutMs = 60_000

/** A circuit breaker for each agent, made when it is first asked for. */
export function agentBreakers(
  rules: CircuitBreakerRules = {},
  breakers: Map<string, CircuitBreaker> = new Map(),
): (agentId: string) => CircuitBreaker {
  const resolved = { recoveryTimeoutMs: usualRecoveryTimeoutMs, ...rules }
  return agentId => {
    let breaker = breakers.get(agentId)
    if (breaker === undefined) {
      breaker = new CircuitBreaker({ ...resolved, name: agentId })
      breakers.set(agentId, breaker)
    }
    return breaker
  }
}
