import type { EventError, OrchestrationEvent } from '../../core/index.js'
import type { LoopTurn } from '../compile/loop-turn.js'
import { stepErrorOf } from '../compile/run-record.js'
import { stepsThatRun } from '../compile/stand-ins.js'
import { type StateNames, stateNamesOf } from '../compile/state-names.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { TaskResult } from '../task-result.js'
import type { WorkflowResult } from './workflow-result.js'
import { WorkflowState } from './workflow-state.js'

/** A turn of a loop that has begun. */
interface OpenTurn {
  readonly index: number
  readonly iteration: { results: Record<string, TaskResult | null> }
}

/** Keeps a {@link WorkflowState} as far as the events of its run have come. */
export class StateProjection {
  readonly state: WorkflowState
  readonly #names: StateNames
  readonly #stepIds: ReadonlySet<string>
  readonly #loops: boolean
  /** By step id, what went wrong inside of steps that are runs themselves. */
  readonly #causes = new Map<string, EventError>()
  /** By the ids of their runs. */
  readonly #turns = new Map<string, OpenTurn>()
  /** The number of the event that comes next. */
  #next = 0

  constructor(workflowId: string, plan: ExecutionPlan, startedAt: number) {
    const { planId, metadata } = plan
    this.state = new WorkflowState({ workflowId, planId, startedAt, metadata })
    this.#names = stateNamesOf(plan)
    this.#loops = plan.strategy === 'loop'
    this.#stepIds = new Set(stepsThatRun(plan).map(step => step.stepId))
  }

  /** Takes an event in; one that has been taken in already changes nothing. */
  apply(event: OrchestrationEvent): void {
    if (event.seq < this.#next) return
    this.#next = event.seq + 1
    if (event.path !== undefined) this.#applyInner(event)
    else this.#applyOuter(event)
  }

  #applyOuter(event: OrchestrationEvent): void {
    const { state } = this
    switch (event.type) {
      case 'orchestration.started':
        state.startTime = new Date(event.at)
        break
      case 'orchestration.paused':
        state.status = 'paused'
        break
      case 'orchestration.resumed':
        state.status = 'running'
        break
      case 'orchestration.completed':
        state.status = (event.output as WorkflowResult).status
        break
      case 'orchestration.cancelled':
        state.status = 'cancelled'
        state.addError({ name: 'OrchestrationCancelledError', message: event.reason, code: 'RUN_CANCELLED' })
        break
      case 'orchestration.failed':
        state.status = 'failed'
        if (state.errors.length === 0) state.addError(stepErrorOf(undefined, event.error))
        break
      default:
        this.#applyStep(event, undefined)
    }
  }

  #applyInner(event: OrchestrationEvent): void {
    const { innerRunId = '' } = event
    if (event.type === 'orchestration.started' && event.orchestration === this.#names.turn) {
      const { index, item } = event.input as LoopTurn
      this.#turns.set(innerRunId, { index, iteration: this.state.createLoopIteration(index, item) })
      return
    }
    const turn = this.#turns.get(innerRunId)
    if (turn !== undefined) this.#applyStep(event, turn)
    else if (event.type === 'state.failed') {
      // In a loop the step is behind the loop and its turn.
      const stepId = event.path?.[this.#loops ? 2 : 0] ?? ''
      if (event.handled) this.#causes.delete(stepId)
      else if (!this.#causes.has(stepId)) this.#causes.set(stepId, event.error)
    }
  }

  #applyStep(event: OrchestrationEvent, turn: OpenTurn | undefined): void {
    if (event.type !== 'state.completed' && event.type !== 'state.failed') return
    const { stateName: stepId } = event
    if (!this.#stepIds.has(stepId)) return
    if (event.type === 'state.completed') {
      const result = event.output as TaskResult | null
      this.state.addResult(stepId, result)
      if (turn !== undefined) turn.iteration.results[stepId] = result
      return
    }
    const cause = event.error.code === 'RUN_FAILED' ? this.#causes.get(stepId) : undefined
    this.#causes.delete(stepId)
    const error = stepErrorOf(stepId, cause ?? event.error)
    this.state.addError(turn === undefined ? error : { ...error, iteration: turn.index })
  }
}
