export type { AgentTurn, RoutingAction } from './agent-turn.js'
export type { BranchMetadata, BranchResult } from './branch-result.js'
export {
  type CompileTopologyOptions,
  compileTopology,
  type TopologyAnswer,
  type TopologyOutcome,
  type TopologyTask,
} from './compile-topology.js'
export type { Delivery, DeliveryKind, Said } from './delivery.js'
export { Edge, type EdgeInput, type EdgeKind, type EdgeOptions, type EdgeType } from './edge.js'
export { ensureTopology, type TopologyInput } from './ensure-topology.js'
export { EventBus, type OrchestraEventHandler } from './event-bus.js'
export type { OrchestraEventName, OrchestraEvents } from './event-bus-events.js'
export type { ExecutionStep } from './execution-trace.js'
export { type NodeInput, type NodeOptions, TopologyNode, type TopologyNodeType } from './node.js'
export { Orchestra } from './orchestra.js'
export type {
  OrchestraLimits,
  OrchestraOptions,
  OrchestraResumeOptions,
  OrchestraRunOptions,
  OrchestraTask,
} from './orchestra-options.js'
export type { OrchestraMetadata, OrchestraResult } from './orchestra-result.js'
export type { OrchestraRun } from './orchestra-run.js'
export { OrchestraSession } from './orchestra-session.js'
export { PatternConfig } from './patterns/pattern-config.js'
export type { PatternName } from './patterns/pattern-json.js'
export type {
  BroadcastOptions,
  HierarchicalLevels,
  HierarchicalOptions,
  HierarchicalTree,
  HubAndSpokeOptions,
  MeshOptions,
  PatternAgent,
  PipelineGroup,
  PipelineOptions,
  PipelineStage,
  RingOptions,
  StarOptions,
  TopologyPatternOptions,
} from './patterns/pattern-options.js'
export { AgentTimeoutRule } from './rules/agent-timeout-rule.js'
export { ConvergencePointRule } from './rules/convergence-point-rule.js'
export { MaxAgentsRule } from './rules/max-agents-rule.js'
export { MaxStepsRule } from './rules/max-steps-rule.js'
export { MaxTurnsRule } from './rules/max-turns-rule.js'
export { ParallelRule } from './rules/parallel-rule.js'
export { RateLimitRule } from './rules/rate-limit-rule.js'
export type { Rule, RuleInput, RuleType } from './rules/rule.js'
export { TimeoutRule } from './rules/timeout-rule.js'
export { WaitAllRule } from './rules/wait-all-rule.js'
export { Topology } from './topology.js'
export {
  analyzeTopology,
  type ConvergencePoint,
  type Conversation,
  type ParallelGroup,
  type TopologyAnalysis,
  type TopologyWay,
} from './topology-analysis.js'
export type { TopologyDefinition, TopologyMetadata } from './topology-definition.js'
export { TopologyError, type TopologyProblem } from './topology-error.js'
