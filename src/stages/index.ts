export {
  BaseGraphState,
  type GraphStateInput,
  type KeptProperty,
  type StateClassOf,
  type StateUsage,
  type TemporalContext,
} from './base-graph-state.js'
export { type BoundStage, bindStage, type StagePart } from './bound-stage.js'
export { END } from './end.js'
export type { GraphConfig } from './graph-config.js'
export { type ComposedStage, Orchestrator, type StageName } from './orchestrator.js'
export type { OrchestratorOptions } from './orchestrator-options.js'
export { concat, type MergeRules, type ParallelGroupOptions, type StateReducer } from './parallel-group.js'
export type { ProgressReport, ProgressReporter } from './progress.js'
export { AsyncRuntime, type TaskGroupOptions } from './runtime/async-runtime.js'
export { BacktestClock } from './runtime/backtest-clock.js'
export type { ProcessPort } from './runtime/process-port.js'
export type { RunMainOptions } from './runtime/run-main.js'
export type { RuntimeTask, SpawnedTask } from './runtime/runtime-task.js'
export { StageConflictError } from './stage-conflict-error.js'
export type { StageFunction, StageReturn } from './stage-function.js'
export type {
  AgentPrompt,
  FunctionStageOptions,
  HumanStageOptions,
  StageOptions,
  StageWork,
  WorkStageOptions,
} from './stage-options.js'
export {
  createDebate,
  createFanOut,
  createRecursiveConsensus,
  type RecursiveConsensusOptions,
  type StagedDebateOptions,
  type StagedFanOutOptions,
  type StagePatternOptions,
} from './stage-patterns.js'
export type { EdgeCondition, EdgeKey } from './stage-plan.js'
export { hashOfState } from './state-hash.js'
export { UnknownStageError } from './unknown-stage-error.js'
