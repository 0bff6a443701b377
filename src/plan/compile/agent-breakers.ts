import { checkOptionNames, type OptionNames } from '../../errors/internal.js'
import { CircuitBreaker, type CircuitBreakerRules } from '../../resilience/index.js'

/** How long the breaker of an agent stays open unless it is told otherwise, in milliseconds (S3-18). */
const usualRecoveryTimeoutMs = 60_000

const ruleNames: OptionNames<CircuitBreakerRules> = {
  failureThreshold: true,
  sampling: true,
  recoveryTimeoutMs: true,
  halfOpenMaxCalls: true,
  countOn: true,
}

/** A circuit breaker for each agent, made when it is first asked for. @throws OPTION_INVALID for a rule that there is not */
export function agentBreakers(
  rules: CircuitBreakerRules = {},
  breakers: Map<string, CircuitBreaker> = new Map(),
): (agentId: string) => CircuitBreaker {
  checkOptionNames('the circuit breakers of agents', rules, ruleNames)
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
