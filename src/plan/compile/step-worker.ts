import {
  type AnyRunnable,
  DelayRunnable,
  Orchestration,
  type OrchestrationRunnable,
  type RunContext,
  type StateFailure,
} from '../../core/index.js'
import { eventError } from '../../core/internal.js'
import { state } from '../../graph/index.js'
import type { AgentStep } from '../agent-step.js'
import type { AgentTask } from '../agent-task.js'
import { taskResultOf } from '../task-result-of.js'
import { DependencyError } from '../workflow/dependency-error.js'
import { delayAfter } from './delay-after.js'
import { lastErrorOnly } from './last-error.js'
import { type PolicySurroundings, policiesOf, retryPolicyOf } from './step-policies.js'
import { askAgent, successOf } from './step-work.js'

/** A task as one agent gets it. Plain JSON. */
export interface PreparedTask {
  /** The id of the step; of those that stand in for it, their names. */
  readonly worker: string
  readonly task: AgentTask
  /** The dependencies that have not completed. */
  readonly missing: readonly string[]
}

/** The states in which one agent does, or tries to do, the task of a step. */
interface WorkStates {
  /** Gets the task. */
  readonly work: OrchestrationRunnable<AgentTask, unknown>
  /** Those that fail if the task has, when there is no other attempt. */
  readonly failing: readonly OrchestrationRunnable<never, unknown>[]
  readonly all: readonly AnyRunnable[]
}

/** {@link WorkStates} with the state that leads to them. */
export interface StepWorker extends Omit<WorkStates, 'work'> {
  /** Where the worker begins: looks whether what it depends on has completed, and takes its task. */
  readonly begin: OrchestrationRunnable<null, AgentTask>
}

/** What a {@link stepWorker} works in. */
interface WorkerPlace {
  /** Which of the step's workers it is, from 1. */
  readonly number: number
  readonly surroundings: PolicySurroundings
  /** The task as this worker gets it. */
  readonly preparedIn: (context: RunContext) => PreparedTask
}

/** What waits for its next attempt. */
interface NextAttempt {
  readonly delayMs: number
}

/** The states of whoever does a step's task, under the policies that are due to it. */
export function stepWorker(worker: AgentStep, place: WorkerPlace): StepWorker {
  const { number, surroundings, preparedIn } = place
  const named = (name: string): string => (number === 1 ? name : `${name} (${number})`)
  const agent = surroundings.orchestrationOf(worker.agentId)
  const { work, failing, all } =
    agent === undefined ? askedAgent(worker, surroundings, named) : runAgent(worker, agent, place, named)
  const begin = state(named('task'), (_before: null, context) => {
    const { task, missing } = preparedIn(context)
    if (missing.length > 0) throw new DependencyError(worker.stepId, missing)
    return task
  })
  begin.addAdvancer(work)
  return { begin, failing: [begin, ...failing], all: [begin, ...all] }
}

function askedAgent(worker: AgentStep, surroundings: PolicySurroundings, named: (name: string) => string): WorkStates {
  const interceptors = [lastErrorOnly, ...policiesOf(worker, surroundings)]
  const work = state(named('work'), { interceptors }, (task: AgentTask, context: RunContext) =>
    askAgent(worker, task, context, surroundings),
  )
  return { work, failing: [work], all: [work] }
}

/** What is a run itself is not invoked, so no interceptor can limit or repeat it: its time limit is that of a run, and a failure leads back. */
function runAgent(
  worker: AgentStep,
  agent: Orchestration<AgentTask, unknown>,
  { surroundings, preparedIn }: WorkerPlace,
  named: (name: string) => string,
): WorkStates {
  const { stepId, agentId, timeout } = worker
  const work = state(named('work'), timeout === undefined ? agent : new Attempt(agent, agentId, timeout * 1000))
  const result = state(named('result'), (output: unknown, context) =>
    successOf(taskResultOf(preparedIn(context).task, output), stepId, agentId),
  )
  work.addAdvancer(result)
  const failing: readonly OrchestrationRunnable<never, unknown>[] = [work, result]
  const retryOptions = retryPolicyOf(worker, surroundings)
  if (retryOptions === undefined) return { work, failing, all: [work, result] }
  const again = new DelayRunnable<NextAttempt>(({ delayMs }) => delayMs)
  ;(again as OrchestrationRunnable<NextAttempt, NextAttempt>).configure({ name: named('again') })
  again.addAdvancer(
    () => true,
    work,
    (_waited, context) => preparedIn(context).task,
  )
  const attemptKey = named('attempt')
  const attemptIn = ({ properties }: RunContext): number => properties.get<number>(attemptKey) ?? 1
  const delayOf = (error: Error, context: RunContext): number | undefined =>
    delayAfter(error, attemptIn(context), retryOptions)
  for (const each of failing) {
    each.onError(
      ({ error }, context) => delayOf(error, context) !== undefined,
      again,
      ({ error }: StateFailure, context: RunContext): NextAttempt => {
        const attempt = attemptIn(context)
        const delayMs = delayOf(error, context) as number
        context.properties.set(attemptKey, attempt + 1)
        const told = { error: eventError(error), errorMessage: error.message }
        context.emit({ type: 'state.retrying', attempt, delayMs, ...told })
        return { delayMs }
      },
    )
  }
  return { work, failing, all: [work, result, again] }
}

/** One attempt of an agent that may take only so long. */
class Attempt extends Orchestration<AgentTask, unknown> {
  constructor(agent: Orchestration<AgentTask, unknown>, agentId: string, timeoutMs: number) {
    super()
    this.configure({ name: `${agentId}, one attempt`, timeoutMs })
    this.initialRunnable = state(agentId, agent)
  }
}
