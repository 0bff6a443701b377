export type { FindingCode, FindingSeverity, VerificationFinding } from './analysis/finding.js'
export type {
  AdvanceOptions,
  BuilderOptions,
  ConvertingOptions,
  EachOptions,
  EachThroughOptions,
  FailureRoute,
  LoopBackOptions,
  LoopOptions,
  NarrowingOptions,
} from './builder-options.js'
export type { DiagramOptions, DiagramSource } from './diagram/diagram-options.js'
export type { DiagramOutline, OutlineNode, OutlineWay } from './diagram/diagram-outline.js'
export { toDot } from './diagram/dot.js'
export { toMermaid } from './diagram/mermaid.js'
export { toPlantUml } from './diagram/plant-uml.js'
export type { RunTrace, StateTrace, TraceOutcome, TransitionTrace } from './diagram/run-trace.js'
export { summaryOf } from './diagram/summary-of.js'
export { type SvgOptions, toSvg } from './diagram/svg.js'
export { traceOf } from './diagram/trace-of.js'
export { type EachItems, OrchestrationBuilder } from './orchestration-builder.js'
export type { RoutedState } from './outcomes.js'
export { Outlet } from './outlet.js'
export {
  type AggregationTask,
  type AnalysisTask,
  ConsensusDecision,
  type ConsensusOptions,
  type CritiqueTask,
  consensus,
  type SupervisionTask,
} from './patterns/consensus.js'
export { type DebateOptions, type DebateTask, type DebateTurn, debate } from './patterns/debate.js'
export {
  type EvaluatorOptimizerOptions,
  evaluatorOptimizer,
  type GenerationTask,
  type ReviewTask,
} from './patterns/evaluator-optimizer.js'
export { type LoopUntilOptions, loopUntil, type RoundOptions } from './patterns/loop-until.js'
export { type MapReduceOptions, mapReduce } from './patterns/map-reduce.js'
export { type ParallelOptions, parallel } from './patterns/parallel.js'
export { type RouterOptions, router } from './patterns/router.js'
export { type Chained, type Steps, sequence } from './patterns/sequence.js'
export {
  Delegation,
  type DelegationTask,
  type SupervisorOptions,
  supervisor,
  type WorkReport,
} from './patterns/supervisor.js'
export type { AnyWork, PatternOptions, Work, WorkInput, WorkOutput } from './patterns/work.js'
export {
  type JoinFunction,
  joinState,
  type StateBehaviour,
  type StateFunction,
  state,
  type TypedStateOptions,
} from './state.js'
export type { StateClass, StateInput, StateOutput, StateRef } from './state-ref.js'
export { VerificationReport } from './verification-report.js'
export { verify } from './verify.js'
