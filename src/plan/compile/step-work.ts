import type { RunContext } from '../../core/index.js'
import type { AgentStep } from '../agent-step.js'
import type { AgentTask } from '../agent-task.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { RegistryClient } from '../registry-client.js'
import type { TaskResult } from '../task-result.js'
import { taskResultOf } from '../task-result-of.js'
import { TaskFailedError } from '../workflow/task-failed-error.js'
import { type RecordedRun, RunRecord } from './run-record.js'

/** What the steps of a plan need for their work. */
export interface StepSurroundings {
  readonly plan: ExecutionPlan
  readonly registry: RegistryClient
}

/**
 * Does a step's task: gets the agent, prepares the task with what came before, and has it done.
 * @param after whose place the step takes, if it is a stand-in
 * @throws TaskFailedError, AGENT_UNKNOWN, and what the agent throws
 */
export async function doStep(
  step: AgentStep,
  context: RunContext,
  surroundings: StepSurroundings,
  after: readonly AgentStep[] = [],
): Promise<TaskResult> {
  return askAgent(step, taskOf(step, context, surroundings.plan, after), context, surroundings)
}

/** Has a step's agent do a task. @throws TaskFailedError, AGENT_UNKNOWN, and what the agent throws */
export async function askAgent(
  { stepId, agentId }: AgentStep,
  task: AgentTask,
  context: RunContext,
  { registry }: StepSurroundings,
): Promise<TaskResult> {
  const agent = await registry.getAgent(agentId)
  const returned = await agent.execute(task, context)
  const { taskId } = (returned as TaskResult | undefined) ?? {}
  // It may come from another program, which may mix up its answers.
  if (taskId !== task.id) {
    throw new TaskFailedError(stepId, agentId, [
      `it has answered with a result of task "${taskId}", not of "${task.id}"`,
    ])
  }
  return successOf(taskResultOf(task, returned), stepId, agentId)
}

/** A result that a step can be said to have. @throws TaskFailedError */
export function successOf(result: TaskResult, stepId: string, agentId: string): TaskResult {
  if (result.status === 'failure') throw new TaskFailedError(stepId, agentId, result.errors ?? [])
  return result
}

/**
 * What an agent is asked for a step. It gets the results of the steps that this one depends on, and of those that the step depends on
 * whose place it takes; in a `while` loop also what the turn before has come to.
 */
export function taskOf(
  step: AgentStep,
  context: RecordedRun & Pick<RunContext, 'idempotencyKey'>,
  plan: ExecutionPlan,
  after: readonly AgentStep[] = [],
): AgentTask {
  const { stepId, taskType, parameters } = step
  const { planId, intent, metadata } = plan
  const record = new RunRecord(plan, context)
  const { turn, workflowId } = record
  const wanted = [step, ...after].flatMap(each => each.dependencies)
  const results = { ...turn?.previous, ...Object.fromEntries(wanted.map(id => [id, record.resultOf(id) ?? null])) }
  return {
    id: context.idempotencyKey,
    type: taskType,
    parameters,
    context: {
      intent,
      planId,
      workflowId,
      stepId,
      results,
      metadata,
      ...(turn === undefined ? {} : { iteration: turn.index }),
      ...(turn?.item === undefined ? {} : { item: turn.item }),
    },
  }
}
