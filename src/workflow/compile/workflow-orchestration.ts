import type { Orchestration } from '../../core/index.js'
import { checkedBudget } from '../max-budget.js'
import type { Workflow } from '../workflow.js'
import { planOf } from '../workflow.js'
import type { GraphInput } from './graph-input.js'
import { GraphOrchestration, type StatesOf } from './graph-orchestration.js'
import type { RunEnds } from './run-ends.js'
import { maxBudgetKey } from './state-names.js'
import type { WorkflowBudget } from './workflow-budget.js'

type Drive = Orchestration<unknown, unknown>['drive']

/** What the runs of a workflow go by. */
export interface WorkflowSetup {
  readonly maxBudget: number | undefined
  readonly budget: WorkflowBudget
  readonly ends: RunEnds
}

const workflows = new WeakMap<object, Workflow>()

/** A workflow as an orchestration. Each run has its own limit of cost, and can be ended from inside. */
export class WorkflowOrchestration extends GraphOrchestration {
  readonly #setup: WorkflowSetup

  constructor(workflow: Workflow, setup: WorkflowSetup, statesOf: StatesOf) {
    super(
      planOf(workflow),
      {
        name: workflow.name,
        begin: beginning,
        finish: record => ({ ...record.completed(), output: record.lastOutput() }),
      },
      statesOf,
    )
    this.#setup = setup
    this.configure({ interceptors: [setup.budget] })
    workflows.set(this, workflow)
  }

  /** @internal */
  override drive(...[options, around, ledger]: Parameters<Drive>): ReturnType<Drive> {
    // A run that is only gone through again has ended, or is under way elsewhere under the same id.
    if (around.unheard === true) return super.drive(options, around, ledger)
    const { budget, ends, maxBudget } = this.#setup
    const kept = ledger?.restored?.state.properties?.get(maxBudgetKey)?.value
    const given = kept ?? options.properties?.[maxBudgetKey]
    const limit = given === undefined ? maxBudget : checkedBudget(given)
    const runId = options.runId ?? globalThis.crypto.randomUUID()
    const ending = ends.signalFor(runId)
    const signal = options.signal === undefined ? ending : AbortSignal.any([options.signal, ending])
    if (limit !== undefined) budget.limit(runId, limit)
    const driver = super.drive({ ...options, runId, signal }, around, ledger)
    const drop = (): void => ends.drop(runId)
    driver.result.then(drop, drop)
    return driver
  }
}

/** The workflow that an orchestration was compiled of. */
export function compiledOf(orchestration: object): Workflow | undefined {
  return workflows.get(orchestration)
}

function beginning(input: unknown): GraphInput {
  return { input: input ?? {}, vars: {}, outputs: {}, before: [] }
}
