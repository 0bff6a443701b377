import type { OrchestrationRun } from '../../core/index.js'
import type { ExecutionPlan } from '../execution-plan.js'
import type { StateProjection } from './state-projection.js'
import { WorkflowFailedError } from './workflow-failed-error.js'
import type { WorkflowResult } from './workflow-result.js'
import type { WorkflowState } from './workflow-state.js'

/** A plan that is being carried out: its run, how far it has come, and its result. */
export class WorkflowRun {
  readonly plan: ExecutionPlan
  /** The run: its events, and what pauses, cancels and answers it. */
  readonly run: OrchestrationRun<WorkflowResult>
  /** How far it has come; follows the run. */
  readonly state: WorkflowState
  /** Rejects with a {@link WorkflowFailedError}. */
  readonly result: Promise<WorkflowResult>

  /** @internal */
  constructor(plan: ExecutionPlan, run: OrchestrationRun<WorkflowResult>, projection: StateProjection) {
    this.plan = plan
    this.run = run
    this.state = projection.state
    run.events$.subscribe(event => projection.apply(event))
    this.result = run.result.catch(thrown => {
      throw new WorkflowFailedError(this.state, thrown)
    })
    // A failure is an event too; whoever listens to that only must not bring the process down.
    this.result.catch(() => undefined)
  }

  /** The id of the run. */
  get workflowId(): string {
    return this.run.id
  }
}
