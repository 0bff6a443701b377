import {
  Orchestration,
  type OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
  sendTo,
} from '../../core/index.js'
import { state } from '../../graph/index.js'
import { type Condition, parseCondition, plannedAdvancer } from '../../graph/internal.js'
import type { AgentStep } from '../agent-step.js'
import type { AgentTask } from '../agent-task.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { TaskResult } from '../task-result.js'
import { taskResultOf } from '../task-result-of.js'
import { DependencyError } from '../workflow/dependency-error.js'
import { conditionValues, holds } from './condition-check.js'
import { type RecordedRun, RunRecord } from './run-record.js'
import type { PolicySurroundings } from './step-policies.js'
import { successOf, taskOf } from './step-work.js'

/** What the run of a step begins with: everything that it has to know of the run around it. Plain JSON. */
interface StepCall {
  readonly task: AgentTask
  /** The dependencies that have not completed. */
  readonly missing: readonly string[]
  /** What the condition can read; `null` if there is none. */
  readonly values: Readonly<Record<string, unknown>> | null
}

/** What a run inside a run is started with. */
type StartChild = SubOrchestrationRunnable<string, TaskResult | null>['startChild']

/**
 * A step whose agent is an orchestration, which runs as part of the plan's run. What stands around other steps as policies is part of
 * this run: the check of dependencies and condition is its first state, the timeout its time limit.
 */
export class OrchestratedStep extends SubOrchestrationRunnable<string, TaskResult | null> {
  readonly #step: AgentStep
  readonly #plan: ExecutionPlan

  constructor(step: AgentStep, agent: Orchestration<AgentTask, unknown>, { plan }: PolicySurroundings) {
    super(new StepOrchestration(step, agent) as unknown as Orchestration<string, TaskResult | null>)
    this.#step = step
    this.#plan = plan
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
    const record = new RunRecord(this.#plan, source)
    const { dependencies, condition } = this.#step
    return {
      task: taskOf(this.#step, source, this.#plan),
      missing: dependencies.filter(id => record.resultOf(id) === undefined),
      values: condition === undefined ? null : conditionValues(record.state, record.turn),
    }
  }
}

class StepOrchestration extends Orchestration<StepCall, TaskResult | null> {
  constructor(step: AgentStep, agent: Orchestration<AgentTask, unknown>) {
    super()
    const { stepId, agentId, timeout } = step
    this.configure({ name: `step ${stepId}`, ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }) })
    const condition = step.condition === undefined ? undefined : parseCondition(step.condition)
    const check = state('check', (call: StepCall, context) => checkedCall(call, step, condition, context))
    const leftOut = state('left out', (): null => null)
    const work = state('work', agent)
    const result = state('result', (output: unknown, context): TaskResult => {
      const { task } = context.outputOf(check) as StepCall
      return successOf(taskResultOf(task, output), stepId, agentId)
    })
    check.addAdvancer(
      plannedAdvancer<StepCall | null>('task', { sends: [work, leftOut] }, call =>
        call === null ? sendTo(leftOut, null as never) : sendTo(work, call.task),
      ),
    )
    work.addAdvancer(result)
    this.initialRunnable = check
    this.register(leftOut, work, result)
  }
}

/** The call, `null` if the condition does not hold. @throws DependencyError */
function checkedCall(
  call: StepCall,
  { stepId }: AgentStep,
  condition: Condition | undefined,
  context: RunContext,
): StepCall | null {
  const { missing, values } = call
  if (missing.length > 0) throw new DependencyError(stepId, missing)
  return condition === undefined || holds(condition, values ?? {}, context, stepId) ? call : null
}
