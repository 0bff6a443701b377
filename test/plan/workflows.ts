import {
  type AgentTask,
  ExecutionPlan,
  type ExecutionPlanInit,
  MemoryRegistryClient,
  type TaskFunction,
  type WorkflowFailedError,
} from '../../src/plan/index.js'

/** A step in few words: `a`, or `c < a b` for one that depends on others. The agent has the name of the step. */
export function steps(...texts: readonly string[]): ExecutionPlanInit['steps'] {
  return texts.map(text => {
    const [stepId = '', dependencies = ''] = text.split('<').map(part => part.trim())
    return {
      stepId,
      agentId: stepId,
      taskType: 'work',
      dependencies: dependencies === '' ? [] : dependencies.split(' '),
    }
  })
}

export function planOf(
  strategy: ExecutionPlan['strategy'],
  given: ExecutionPlanInit['steps'],
  more: Partial<ExecutionPlanInit> = {},
) {
  return new ExecutionPlan({ planId: 'plan', intent: 'Work', steps: given, strategy, ...more })
}

/** Agents that keep a list of the tasks they were given; those that are not named say their own name. */
export class Crew {
  readonly tasks: AgentTask[] = []
  readonly registry = new MemoryRegistryClient()

  constructor(names: string, workers: Readonly<Record<string, TaskFunction>> = {}) {
    for (const name of new Set([...names.split(' ').filter(name => name !== ''), ...Object.keys(workers)])) {
      const work = workers[name] ?? (() => name.toUpperCase())
      this.registry.register(name, (task, context) => {
        this.tasks.push(task)
        return work(task, context)
      })
    }
  }

  /** The steps whose agents were asked, in that order. */
  get asked(): readonly string[] {
    return this.tasks.map(task => task.context.stepId)
  }
}

/** How an engine rejects. */
type Rejection = Omit<WorkflowFailedError, 'cause'> & { readonly cause: Error }

/** What a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<Rejection> {
  return promise.then(
    value => {
      throw new Error(`It did not reject, but came to ${JSON.stringify(value)}.`)
    },
    (error: unknown) => error as Rejection,
  )
}
