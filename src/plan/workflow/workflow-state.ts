import type { ErrorCode } from '../../errors/index.js'
import type { TaskResult } from '../task-result.js'

/** What a workflow is doing, or how it has ended. `partial`: some steps have completed, others have failed. */
export type WorkflowStatus = 'running' | 'paused' | 'completed' | 'partial' | 'failed' | 'cancelled'

/** How a step stands. `skipped`: left out by its condition, or not run because of what it depends on. */
export type StepStatus = 'pending' | 'completed' | 'failed' | 'skipped'

/** An error of a workflow, as plain data. */
export interface WorkflowStepError {
  /** The step; missing if the workflow as a whole has failed, for example because its time was up. */
  readonly stepId?: string
  readonly name: string
  readonly message: string
  /** The code of an `OrchestrationError`. */
  readonly code?: ErrorCode
  /** The turn of the loop, from 0. */
  readonly iteration?: number
}

/** A turn of a loop. */
export interface LoopIteration {
  /** From 0. */
  readonly index: number
  /** The item, in a `for_each` loop. */
  readonly item?: unknown
  /** What the steps have come to in this turn. */
  readonly results: Readonly<Record<string, TaskResult | null>>
}

/** A {@link WorkflowState} as plain JSON. */
export interface WorkflowStateData {
  readonly workflowId: string
  readonly planId: string
  readonly status: WorkflowStatus
  readonly stepsCompleted: readonly string[]
  readonly results: Readonly<Record<string, TaskResult | null>>
  readonly errors: readonly WorkflowStepError[]
  /** ISO 8601. */
  readonly startTime: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** The turns of a loop so far; empty without one. */
  readonly iterations: readonly LoopIteration[]
}

/** What a {@link WorkflowState} begins with. */
export interface NewWorkflow {
  readonly workflowId: string
  readonly planId: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly metadata?: Readonly<Record<string, unknown>>
}

/**
 * How far a workflow has come (S3-12): a view of its run, not a second record of it. That of a handle follows the run's events; in
 * steps, conditions and results it is made of what the run keeps.
 */
export class WorkflowState {
  readonly workflowId: string
  readonly planId: string
  status: WorkflowStatus = 'running'
  /** The steps that have a result, in the order in which they got it; in a loop, of all turns. */
  readonly stepsCompleted: string[] = []
  /** By step id; `null` for a step that its condition has left out. In a loop, what a step came to last. */
  readonly results: Record<string, TaskResult | null> = {}
  /** What has failed, steps that were not run because of it included. */
  readonly errors: WorkflowStepError[] = []
  startTime: Date
  /** The plan's. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** The turns of a loop, in order. */
  readonly iterations: LoopIteration[] = []

  constructor({ workflowId, planId, startedAt, metadata = {} }: NewWorkflow) {
    this.workflowId = workflowId
    this.planId = planId
    this.startTime = new Date(startedAt)
    this.metadata = metadata
  }

  /** Adds what a step has come to; `null` if its condition has left it out, which does not complete it. */
  addResult(stepId: string, result: TaskResult | null): void {
    this.results[stepId] = result
    if (result !== null) this.stepsCompleted.push(stepId)
  }

  addError(error: WorkflowStepError): void {
    this.errors.push(error)
  }

  /** The results of these steps, `null` for those that have none. */
  getPreviousResults(dependencies: readonly string[]): Record<string, TaskResult | null> {
    return Object.fromEntries(dependencies.map(id => [id, resultIn(this.results, id) ?? null]))
  }

  /** Begins a turn of a loop and returns what its steps' results go into. */
  createLoopIteration(index: number, item?: unknown): { results: Record<string, TaskResult | null> } {
    const iteration = { index, ...(item === undefined ? {} : { item }), results: {} }
    this.iterations.push(iteration)
    return iteration
  }

  statusOf(stepId: string): StepStatus {
    const result = resultIn(this.results, stepId)
    if (result !== undefined) return result === null ? 'skipped' : 'completed'
    const error = this.errors.find(each => each.stepId === stepId)
    if (error === undefined) return 'pending'
    return error.code === 'DEPENDENCIES_NOT_MET' ? 'skipped' : 'failed'
  }

  /** How the workflow stands if nothing more happens: `partial` if something has failed, or is only done in part. */
  get outcome(): 'completed' | 'partial' | 'failed' {
    const isWhole = Object.values(this.results).every(result => result?.status !== 'partial')
    if (this.errors.length === 0) return isWhole ? 'completed' : 'partial'
    return this.stepsCompleted.length > 0 ? 'partial' : 'failed'
  }

  /** Plain JSON: what conditions read, and what can be sent elsewhere. */
  toJSON(): WorkflowStateData {
    const { workflowId, planId, status, stepsCompleted, results, errors, startTime, metadata, iterations } = this
    return {
      workflowId,
      planId,
      status,
      stepsCompleted: [...stepsCompleted],
      results: { ...results },
      errors: [...errors],
      startTime: startTime.toISOString(),
      metadata,
      iterations: iterations.map(iteration => ({ ...iteration, results: { ...iteration.results } })),
    }
  }
}

/** The own result of a step: an id may be the name of something that every object has. */
function resultIn(results: WorkflowState['results'], stepId: string): TaskResult | null | undefined {
  return Object.hasOwn(results, stepId) ? results[stepId] : undefined
}
