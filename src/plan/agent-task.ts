import type { TaskResult } from './task-result.js'

/** What an agent is asked to do for a step (S3-41). Plain JSON. */
export interface AgentTask {
  /** The same for every attempt of a step, another one for each turn of a loop. */
  readonly id: string
  /** The step's `taskType`. */
  readonly type: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly context: TaskContext
}

/** What an agent is told besides its task. */
export interface TaskContext {
  /** What the plan as a whole is for. */
  readonly intent: string
  readonly planId: string
  readonly workflowId: string
  readonly stepId: string
  /** By step id, what the steps have come to that this one depends on; `null` of one that was left out or has failed. */
  readonly results: Readonly<Record<string, TaskResult | null>>
  /** The plan's metadata. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** The item of this turn, in a `for_each` loop. */
  readonly item?: unknown
  /** The number of this turn of the loop, from 0. */
  readonly iteration?: number
}
