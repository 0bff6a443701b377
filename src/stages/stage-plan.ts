import type { AnyRunnable, RunContext } from '../core/index.js'
import type { BaseGraphState } from './base-graph-state.js'
import type { StateReducer } from './parallel-group.js'
import type { StageFunction } from './stage-function.js'
import type { FunctionStageOptions, StageOptions } from './stage-options.js'

/** A stage that is a function, as it was added. */
export interface FunctionStagePlan<S extends BaseGraphState> {
  readonly kind: 'function'
  readonly name: string
  readonly work: StageFunction<S>
  readonly options: FunctionStageOptions
}

/** Any other stage, as it was added. */
export interface WorkStagePlan<S extends BaseGraphState> {
  readonly kind: 'work'
  readonly name: string
  /** Makes the state that does the work. Called once, when the definition is compiled. */
  readonly make: () => AnyRunnable
  readonly input: (state: S, context: RunContext) => unknown
  /** Puts the output into the state; returns where the run goes on, if that is not for the edges to say. */
  readonly write: (state: S, output: unknown, context: RunContext) => string | undefined | Promise<string | undefined>
  /** Where it may say that the run goes on. */
  readonly routes: readonly string[]
  readonly options: StageOptions
}

export type StagePlan<S extends BaseGraphState> = FunctionStagePlan<S> | WorkStagePlan<S>

/** A parallel group, as it was added. */
export interface GroupPlan {
  readonly name: string
  readonly members: readonly string[]
  readonly merge: Readonly<Record<string, StateReducer<never> | undefined>>
  readonly proceeds: boolean
}

/** A plain edge, as it was added. */
export interface EdgePlan {
  readonly from: string
  readonly to: string
}

/** What a conditional edge goes by: a key of its map. */
export type EdgeKey = string | number | boolean | null | undefined

/** Decides from the state, a copy of which it gets, where a conditional edge leads. */
export type EdgeCondition<S extends BaseGraphState> = (state: S, context: RunContext) => EdgeKey | Promise<EdgeKey>

/** A conditional edge, as it was added. */
export interface ConditionalEdgePlan<S extends BaseGraphState> {
  readonly from: string
  readonly condition: EdgeCondition<S>
  readonly targets: Readonly<Record<string, string>>
}

/** All that an orchestrator was told. */
export interface OrchestratorPlan<S extends BaseGraphState> {
  readonly name: string
  readonly stages: readonly StagePlan<S>[]
  readonly groups: readonly GroupPlan[]
  readonly edges: readonly EdgePlan[]
  readonly conditionalEdges: readonly ConditionalEdgePlan<S>[]
  readonly entryPoint: string | undefined
}
