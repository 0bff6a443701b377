import { didYouMean } from '../../errors/internal.js'
import { isPlainObject, kindOf } from '../field-checks.js'
import { TopologyError } from '../topology-error.js'
import { AgentTimeoutRule } from './agent-timeout-rule.js'
import { ConvergencePointRule } from './convergence-point-rule.js'
import { MaxAgentsRule } from './max-agents-rule.js'
import { MaxStepsRule } from './max-steps-rule.js'
import { MaxTurnsRule } from './max-turns-rule.js'
import { ParallelRule } from './parallel-rule.js'
import { RateLimitRule } from './rate-limit-rule.js'
import type { Rule, RuleType } from './rule.js'
import { acceptedRules, ruleOf } from './rule-notation.js'
import { TimeoutRule } from './timeout-rule.js'
import { WaitAllRule } from './wait-all-rule.js'

const classOf: { readonly [T in RuleType]: new (options: never) => Extract<Rule, { type: T }> } = {
  parallel: ParallelRule,
  timeout: TimeoutRule,
  maxTurns: MaxTurnsRule,
  maxSteps: MaxStepsRule,
  maxAgents: MaxAgentsRule,
  agentTimeout: AgentTimeoutRule,
  waitAll: WaitAllRule,
  convergencePoint: ConvergencePointRule,
  rateLimit: RateLimitRule,
}

const types = Object.keys(classOf) as readonly RuleType[]

/** Reads a rule in any notation. @throws TOPOLOGY_INVALID */
export function readRule(input: unknown): Rule {
  if (typeof input === 'string') return ruleOf(input)
  if (isRule(input)) return input
  if (!isPlainObject(input)) {
    const advice = `Accepted are texts and objects of the classes of rules. As a text: ${acceptedRules}`
    throw new TopologyError([{ place: '', message: `Is ${kindOf(input)}, no rule.`, advice }])
  }
  const { type, ...options } = input
  const known = types.find(each => each === type)
  if (known === undefined) {
    const advice = typeof type === 'string' ? didYouMean(type, types, '') : `Expected is ${types.join(', ')}.`
    throw new TopologyError([{ place: 'type', message: `Is ${kindOf(type)}.`, advice }])
  }
  return new classOf[known](options as never)
}

function isRule(value: unknown): value is Rule {
  return Object.values(classOf).some(each => value instanceof each)
}
