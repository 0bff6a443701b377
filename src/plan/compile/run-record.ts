import type { RunContext, RunProperties } from '../../core/index.js'
import { eventError } from '../../core/internal.js'
import type { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { TaskResult } from '../task-result.js'
import { WorkflowState, type WorkflowStepError } from '../workflow/workflow-state.js'
import type { LoopTurn } from './loop-turn.js'
import { originalError } from './original-error.js'
import { idsThatRun } from './stand-ins.js'

/** Where a {@link RunRecord} is read from, and kept: the context of a state. */
export interface RecordedRun extends Pick<RunContext, 'runId' | 'now'> {
  readonly properties: Pick<RunProperties, 'get' | 'set'>
  outputOf(state: string): unknown
}

/**
 * What the states of a plan's run know of it: outputs are results, `null` where a condition has left a step out; why a step has failed,
 * when the run began and which turn of a loop it is are among its properties.
 */
export class RunRecord {
  readonly #plan: ExecutionPlan
  readonly #context: RecordedRun
  readonly #stepIds: ReadonlySet<string>

  constructor(plan: ExecutionPlan, context: RecordedRun) {
    this.#plan = plan
    this.#context = context
    // The steps of a loop are states of its turns only.
    const areHere = plan.strategy !== 'loop' || this.turn !== undefined
    this.#stepIds = areHere ? idsThatRun(plan) : new Set()
  }

  /** Notes when the run, or the turn, has begun, and returns it. */
  begin(turn?: LoopTurn): number {
    const { properties } = this.#context
    const startedAt = this.#context.now()
    properties.set('startedAt', startedAt)
    if (turn !== undefined) properties.set('turn', turn)
    return startedAt
  }

  /** The turn of the loop; `undefined` outside of one. */
  get turn(): LoopTurn | undefined {
    return this.#context.properties.get<LoopTurn>('turn')
  }

  get workflowId(): string {
    return this.turn?.workflowId ?? this.#context.runId
  }

  /** What a step has come to; `undefined` if it has not, or has failed. */
  resultOf(stepId: string): TaskResult | null | undefined {
    return this.#stepIds.has(stepId) ? (this.#context.outputOf(stepId) as TaskResult | null | undefined) : undefined
  }

  /** What a step depends on and that has not completed. */
  missingOf({ dependencies }: AgentStep): readonly string[] {
    return dependencies.filter(id => this.resultOf(id) === undefined)
  }

  /** What steps have come to so far, in this turn if it is one. */
  get results(): Record<string, TaskResult | null> {
    return Object.fromEntries(
      [...this.#stepIds].flatMap(id => {
        const result = this.resultOf(id)
        return result === undefined ? [] : [[id, result]]
      }),
    )
  }

  fail(stepId: string, error: Error): void {
    this.#context.properties.set(`error:${stepId}`, stepErrorOf(stepId, eventError(originalError(error))))
  }

  /** How far the workflow has come. In a turn of a loop, of the turns before only what `while` loops have from the last. */
  get state(): WorkflowState {
    const { planId, metadata } = this.#plan
    const startedAt = this.#context.properties.get<number>('startedAt') ?? this.#context.now()
    const state = new WorkflowState({ workflowId: this.workflowId, planId, startedAt, metadata })
    Object.assign(state.results, this.turn?.previous)
    for (const stepId of this.#stepIds) {
      const result = this.resultOf(stepId)
      if (result !== undefined) state.addResult(stepId, result)
      const error = this.#context.properties.get<WorkflowStepError>(`error:${stepId}`)
      if (error !== undefined) state.addError(error)
    }
    return state
  }
}

/** An error as a workflow's state has it. */
export function stepErrorOf(
  stepId: string | undefined,
  { name, message, code }: Pick<WorkflowStepError, 'name' | 'message' | 'code'>,
): WorkflowStepError {
  return { ...(stepId === undefined ? {} : { stepId }), name, message, ...(code === undefined ? {} : { code }) }
}
