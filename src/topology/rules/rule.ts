import type { AgentTimeoutRule } from './agent-timeout-rule.js'
import type { ConvergencePointRule } from './convergence-point-rule.js'
import type { MaxAgentsRule } from './max-agents-rule.js'
import type { MaxStepsRule } from './max-steps-rule.js'
import type { MaxTurnsRule } from './max-turns-rule.js'
import type { ParallelRule } from './parallel-rule.js'
import type { RateLimitRule } from './rate-limit-rule.js'
import type { TimeoutRule } from './timeout-rule.js'
import type { WaitAllRule } from './wait-all-rule.js'

/** A rule of a topology; its `type` tells which. */
export type Rule =
  | ParallelRule
  | TimeoutRule
  | MaxTurnsRule
  | MaxStepsRule
  | MaxAgentsRule
  | AgentTimeoutRule
  | WaitAllRule
  | ConvergencePointRule
  | RateLimitRule

/** The `type` of a {@link Rule}. */
export type RuleType = Rule['type']

/** How a rule may be written: as in `'max_turns(Writer <-> Reviewer, 3)'`, or as an object of its class. */
export type RuleInput = string | Rule
