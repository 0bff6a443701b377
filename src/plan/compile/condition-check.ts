import type { RunContext } from '../../core/index.js'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { Condition } from '../../graph/internal.js'
import type { WorkflowState } from '../workflow/workflow-state.js'
import type { LoopTurn } from './loop-turn.js'

/**
 * Whether a condition holds. One that cannot be computed, because a path is not there or a value has the wrong type, does not hold
 * (S3-13); why is told by an event, `custom` with the name `plan.condition`.
 */
export function holds(
  condition: Condition,
  values: Readonly<Record<string, unknown>>,
  context: RunContext,
  stepId?: string,
): boolean {
  const tell = (problem: string): void => {
    const where = stepId === undefined ? {} : { stepId }
    context.emit({ type: 'custom', name: 'plan.condition', data: { ...where, condition: condition.text, problem } })
  }
  try {
    const { value, missing } = condition.evaluate(values)
    if (missing !== undefined) tell(`There is no ${missing}.`)
    return value
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'CONDITION_FAILED') throw thrown
    tell(ensureError(thrown).message)
    return false
  }
}

/** What a condition can read: the state as plain data, in either spelling, and in a loop the item and the number of the turn. */
export function conditionValues(
  state: WorkflowState,
  turn?: Pick<LoopTurn, 'index' | 'item'>,
): Record<string, unknown> {
  const data = state.toJSON()
  return {
    ...data,
    workflow_id: data.workflowId,
    plan_id: data.planId,
    steps_completed: data.stepsCompleted,
    start_time: data.startTime,
    ...(turn === undefined ? {} : { iteration: turn.index }),
    ...(turn?.item === undefined ? {} : { item: turn.item }),
  }
}
