import {
  type Orchestration,
  type OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../core/index.js'
import type { AgentStep } from '../agent-step.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { TaskResult } from '../task-result.js'
import { conditionValues } from './condition-check.js'
import { type RecordedRun, RunRecord } from './run-record.js'
import { standInName, standInsOf } from './stand-ins.js'
import { type StepCall, StepOrchestration } from './step-orchestration.js'
import type { PolicySurroundings } from './step-policies.js'
import { taskOf } from './step-work.js'
import type { PreparedTask } from './step-worker.js'

/** What a run inside a run is started with. */
type StartChild = SubOrchestrationRunnable<string, TaskResult | null>['startChild']

/** A step whose agent, or one that may stand in for it, is an orchestration: it runs as part of the plan's run. */
export class OrchestratedStep extends SubOrchestrationRunnable<string, TaskResult | null> {
  readonly #step: AgentStep
  readonly #plan: ExecutionPlan

  constructor(step: AgentStep, surroundings: PolicySurroundings) {
    super(new StepOrchestration(step, surroundings) as unknown as Orchestration<string, TaskResult | null>)
    this.#step = step
    this.#plan = surroundings.plan
    ;(this as OrchestrationRunnable<string, TaskResult | null>).configure({ name: step.stepId })
  }

  /** The input is made now, when all that comes before the step is done; the state that leads here may have been done earlier. @internal */
  override startChild(...[, parent, stateName, token]: Parameters<StartChild>): ReturnType<StartChild> {
    const { state: run, directory, options } = parent
    const source: RecordedRun & Pick<RunContext, 'idempotencyKey'> = {
      runId: run.runId,
      idempotencyKey: `${run.runId}/${token}`,
      now: () => options.rules.clock.now(),
      properties: { get: <T>(key: string) => run.properties?.get(key)?.value as T | undefined, set: () => undefined },
      outputOf: name => run.outputs[directory.resolve(name, `step "${stateName}"`).node.index],
    }
    return super.startChild(this.#callOf(source), parent, stateName, token)
  }

  #callOf(source: RecordedRun & Pick<RunContext, 'idempotencyKey'>): StepCall {
    const step = this.#step
    const plan = this.#plan
    const record = new RunRecord(plan, source)
    const ofStandIns = standInsOf(step, plan).map((standIn): PreparedTask => {
      const worker = standInName(standIn, step)
      const idempotencyKey = `${source.idempotencyKey}/${worker}`
      const task = taskOf(standIn, { ...source, idempotencyKey }, plan, [step])
      return { worker, task, missing: record.missingOf(standIn) }
    })
    const own = { worker: step.stepId, task: taskOf(step, source, plan), missing: record.missingOf(step) }
    return {
      tasks: [own, ...ofStandIns],
      values: step.condition === undefined ? null : conditionValues(record.state, record.turn),
    }
  }
}
