import type { OrchestrationBehaviour } from '../core/index.js'
import { behaviourNames } from '../core/internal.js'
import type { OptionNames } from '../errors/internal.js'
import type { BaseGraphState, StateClassOf } from './base-graph-state.js'
import type { ProgressReporter } from './progress.js'

/**
 * What an `Orchestrator` is made with. What `OrchestrationBehaviour` offers besides (a store, interceptors, time limits, a logger …)
 * holds for the orchestration that it compiles to.
 */
export interface OrchestratorOptions<S extends BaseGraphState> extends OrchestrationBehaviour {
  /** The class of the state; its decorators validate the state after every stage. */
  readonly state: StateClassOf<S>
  /** What events, errors and diagrams call it. @default 'Orchestrator' */
  readonly name?: string
  /** The stage or group that a run starts with. @default the only one that no edge leads to */
  readonly entryPoint?: string
  /**
   * How many stages a run may visit, members of groups included; one more fails the run with `NEVER_COMPLETES`, and what there is of the
   * state is in the error's `details.state`. A state that has a `maxCycles` of its own goes by that. @default 100
   */
  readonly maxCycles?: number
  /** Whether each state gets its hash and that of the state before. @default false */
  readonly hash?: boolean
  /** Hears of the progress that stages report, of all runs; what it throws goes to the logger. @default nobody */
  readonly onProgress?: ProgressReporter
}

/** Every key of {@link OrchestratorOptions}. */
export const orchestratorOptionNames: OptionNames<OrchestratorOptions<BaseGraphState>> = {
  state: true,
  entryPoint: true,
  maxCycles: true,
  hash: true,
  onProgress: true,
  ...behaviourNames,
}
