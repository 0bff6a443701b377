import { Orchestration, type RunContext, type StateFailure, sendTo } from '../../core/index.js'
import { eventError } from '../../core/internal.js'
import { state } from '../../graph/index.js'
import { parseCondition, plannedAdvancer } from '../../graph/internal.js'
import type { AgentStep } from '../agent-step.js'
import type { TaskResult } from '../task-result.js'
import { DependencyError } from '../workflow/dependency-error.js'
import { holds } from './condition-check.js'
import { standInName, standInsOf } from './stand-ins.js'
import type { PolicySurroundings } from './step-policies.js'
import { type PreparedTask, type StepWorker, stepWorker } from './step-worker.js'

/** What the run of a step begins with: everything that it has to know of the run around it. Plain JSON. */
export interface StepCall {
  /** For the step's agent, then for those that stand in for it. */
  readonly tasks: readonly PreparedTask[]
  /** What the condition can read; `null` if there is none. */
  readonly values: Readonly<Record<string, unknown>> | null
}

/**
 * The run of a step that is a run. What stands around other steps as policies is part of this graph, so that it is stored with it: the
 * check of dependencies and condition is its first state, a time limit that of the agent's run, the next attempt and the stand-in are where
 * a failure leads.
 */
export class StepOrchestration extends Orchestration<StepCall, TaskResult | null> {
  constructor(step: AgentStep, surroundings: PolicySurroundings) {
    super()
    const { plan, interceptors } = surroundings
    const { stepId } = step
    // What bounds it are the attempts.
    this.configure({ name: `step ${stepId}`, interceptors, maxSteps: Infinity })
    const condition = step.condition === undefined ? undefined : parseCondition(step.condition)
    const check = state('check', (call: StepCall) => {
      const { missing } = call.tasks[0] as PreparedTask
      if (missing.length > 0) throw new DependencyError(stepId, missing)
      return call
    })
    const leftOut = state('left out', (): null => null)
    const preparedIn = (context: RunContext, name: string): PreparedTask | undefined =>
      (context.outputOf(check) as StepCall).tasks.find(({ worker }) => worker === name)
    const workers = [step, ...standInsOf(step, plan)].map((worker, at) => {
      const name = at === 0 ? stepId : standInName(worker, step)
      const prepared = (context: RunContext): PreparedTask => preparedIn(context, name) as PreparedTask
      return { name, ...stepWorker(worker, { number: at + 1, surroundings, preparedIn: prepared }) }
    })
    const { begin } = workers[0] as StepWorker
    check.addAdvancer(
      plannedAdvancer<StepCall>('condition', { sends: [begin, leftOut] }, ({ values }, context) => {
        const isDue = condition === undefined || holds(condition, values ?? {}, context, stepId)
        return sendTo(isDue ? begin : leftOut, null as never)
      }),
    )
    workers.forEach(({ failing }, at) => {
      const standIn = workers[at + 1]
      if (standIn === undefined) return
      // A plan that was changed while the step was under way may have others.
      const isPrepared = (_failure: unknown, context: RunContext): boolean =>
        preparedIn(context, standIn.name) !== undefined
      for (const each of failing) each.onError(isPrepared, standIn.begin, toldFailure)
    })
    this.initialRunnable = check
    this.register(leftOut, ...workers.flatMap(({ all }) => all))
  }
}

/** Somebody else does a task that has failed (S3-36). */
function toldFailure({ error }: StateFailure, context: RunContext): null {
  context.emit({ type: 'custom', name: 'fallback.used', data: { error: eventError(error) } })
  return null
}
