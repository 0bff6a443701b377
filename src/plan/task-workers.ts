import { type Agent, AgentRunner } from '../agents/index.js'
import type { Orchestration, RunContext } from '../core/index.js'
import type { AgentTask } from './agent-task.js'
import type { RegisteredAgent } from './registry-client.js'
import { taskResultOf } from './task-result-of.js'

/** What does the work of a registered agent. */
type AtWork = Pick<RegisteredAgent, 'execute' | 'orchestration'>

/** Asks a function. */
export function functionAtWork(work: (task: AgentTask, context: RunContext) => unknown): AtWork {
  return { execute: async (task, context) => taskResultOf(task, await work(task, context)) }
}

/** Asks a model, with the task in words. What it used is in the result's metadata. */
export function agentAtWork(agent: Agent<unknown>): AtWork {
  return {
    execute: async (task, context) => {
      // A task is the same whenever it is asked again, whatever its context says of the time that has passed.
      const { output, usage } = await AgentRunner.run(agent, taskInWords(task), { context, key: task.id })
      const result = taskResultOf(task, output)
      return { ...result, metadata: { model: agent.model, usage: { ...usage }, ...result.metadata } }
    },
  }
}

/** Runs an orchestration, which takes the task as its input. */
export function orchestrationAtWork(orchestration: Orchestration<AgentTask, unknown>): AtWork {
  return {
    orchestration,
    execute: async (task, context) => taskResultOf(task, await orchestration.run(task, { signal: context.signal })),
  }
}

/** A task as a model is asked it. */
function taskInWords({ type, parameters, context }: AgentTask): string {
  const { intent, results, item } = context
  const given = Object.entries(results).map(([stepId, result]) => [stepId, result?.data ?? null])
  const parts = [
    `Task: ${type}`,
    `It is part of: ${intent}`,
    Object.keys(parameters).length === 0 ? '' : `Parameters: ${JSON.stringify(parameters)}`,
    item === undefined ? '' : `Item: ${JSON.stringify(item)}`,
    given.length === 0 ? '' : `Results of earlier steps: ${JSON.stringify(Object.fromEntries(given))}`,
  ]
  return parts.filter(part => part !== '').join('\n')
}
