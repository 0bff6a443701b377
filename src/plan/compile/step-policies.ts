import type { Interceptor, Orchestration, RunContext, StateCall } from '../../core/index.js'
import {
  type CircuitBreaker,
  circuitBreaker,
  fallback,
  type RetryOptions,
  retry,
  timeout,
} from '../../resilience/index.js'
import type { AgentStep } from '../agent-step.js'
import type { AgentTask } from '../agent-task.js'
import { type RetryPolicy, retryOptionsOf } from '../retry-policy.js'
import { DependencyError } from '../workflow/dependency-error.js'
import { lastErrorOnly } from './last-error.js'
import { RunRecord } from './run-record.js'
import { StandInContext } from './stand-in-context.js'
import { standInName, standInsOf } from './stand-ins.js'
import { stepGuard } from './step-guard.js'
import { doStep, type StepSurroundings } from './step-work.js'

/** What the policies of a plan's steps are made of. */
export interface PolicySurroundings extends StepSurroundings {
  /** For steps that say nothing of retries themselves; `undefined` for one attempt. */
  readonly retryPolicy: RetryPolicy | undefined
  /** What wraps each state of the plan's run, those of the runs inside it that the plan is compiled to included. */
  readonly interceptors: readonly Interceptor[]
  /** The orchestration behind an agent, if it is one and that is known. */
  orchestrationOf(agentId: string): Orchestration<AgentTask, unknown> | undefined
  /** The circuit breaker of an agent; `undefined` for none. */
  breakerOf(agentId: string): CircuitBreaker | undefined
}

/** Everything that stands around a step, the outermost first. */
export function interceptorsOf(step: AgentStep, surroundings: PolicySurroundings): readonly Interceptor[] {
  const { plan } = surroundings
  // The first to be asked is the innermost.
  const standIns = standInsOf(step, plan).map(standIn => standInPolicy(standIn, step, surroundings))
  return [stepGuard(step, plan), lastErrorOnly, ...standIns.reverse(), ...policiesOf(step, surroundings)]
}

/** How often an agent is asked for a step; `undefined` for once. */
export function retryPolicyOf(step: AgentStep, { retryPolicy: usual }: PolicySurroundings): RetryOptions | undefined {
  const { retryPolicy = usual } = step
  return retryPolicy === undefined ? undefined : retryOptionsOf(retryPolicy)
}

/** How often and how long an agent is asked for a step. */
export function policiesOf(step: AgentStep, surroundings: PolicySurroundings): readonly Interceptor[] {
  const retries = retryPolicyOf(step, surroundings)
  const breaker = surroundings.breakerOf(step.agentId)
  return [
    ...(retries === undefined ? [] : [retry(retries)]),
    ...(breaker === undefined ? [] : [circuitBreaker({ breaker })]),
    ...(step.timeout === undefined ? [] : [timeout({ timeoutMs: step.timeout * 1000 })]),
  ]
}

/** Has a failed step's task done by somebody else, under the policies that are due to that one (S3-36). */
function standInPolicy(standIn: AgentStep, failed: AgentStep, surroundings: PolicySurroundings): Interceptor {
  const policies = policiesOf(standIn, surroundings)
  const name = standInName(standIn, failed)
  return fallback<unknown>((_error: Error, call: StateCall) => {
    const record = new RunRecord(surroundings.plan, call.context)
    const missing = record.missingOf(standIn)
    if (missing.length > 0) throw new DependencyError(standIn.stepId, missing)
    const context = new StandInContext(call.context, name)
    return through(policies, { ...call, context }, context, inner => doStep(standIn, inner, surroundings, [failed]))
  })
}

/** Does something inside of policies. */
async function through(
  [policy, ...inner]: readonly Interceptor[],
  call: StateCall,
  context: StandInContext,
  work: (context: RunContext) => Promise<unknown>,
): Promise<unknown> {
  if (policy === undefined) return work(context)
  return policy.around({ ...call, context }, attempt => through(inner, call, context.forAttempt(attempt ?? {}), work))
}
