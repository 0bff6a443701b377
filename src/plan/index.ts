export { AgentStep, type AgentStepInit } from './agent-step.js'
export type { AgentTask, TaskContext } from './agent-task.js'
export type { CompileOptions } from './compile/compile-options.js'
export { compilePlan } from './compile/compile-plan.js'
export { ExecutionPlan, type ExecutionPlanInit } from './execution-plan.js'
export { ExecutionStrategy } from './execution-strategy.js'
export type { ForEachLoop, LoopConfig, WhileLoop } from './loop-config.js'
export {
  MemoryRegistryClient,
  type RegistrationOptions,
  type TaskFunction,
  type TaskWorker,
} from './memory-registry-client.js'
export { type DependencyAnalysis, DependencyAnalyzer } from './planning/dependency-analyzer.js'
export {
  type AgentPlannerOptions,
  LlmPlanner,
  type LlmPlannerBasics,
  type LlmPlannerOptions,
  type ModelPlannerOptions,
  type PlanningOptions,
} from './planning/llm-planner.js'
export { PlanBuilder, type PlanBuilderOptions, type StepOptions } from './planning/plan-builder.js'
export type { PlanFault, PlanFaultKind, PlanHint, PlanReport } from './planning/plan-fault.js'
export { PlanInvalidError } from './planning/plan-invalid-error.js'
export { PlanValidator, type ValidatePlanOptions, validatePlan } from './planning/plan-validator.js'
export { type PlanShape, type StrategyChoice, selectStrategy } from './planning/strategy-selector.js'
export type { AgentCapability, AgentDescription, RegisteredAgent, RegistryClient } from './registry-client.js'
export { RetryPolicy } from './retry-policy.js'
export type { TaskResult, TaskStatus } from './task-result.js'
export { taskResultOf } from './task-result-of.js'
export type { Artifact } from './workflow/artifact.js'
export { DependencyError } from './workflow/dependency-error.js'
export {
  type CompiledWorkflow,
  ResultManager,
  type ResultManagerOptions,
  type Summarizer,
  type SummaryInput,
} from './workflow/result-manager.js'
export { TaskFailedError } from './workflow/task-failed-error.js'
export { type TracedPlanAttributes, tracedPlan } from './workflow/traced-plan.js'
export {
  type ExecuteOptions,
  type ResumeWorkflowOptions,
  WorkflowEngine,
  type WorkflowEngineOptions,
  type WorkflowRecovery,
} from './workflow/workflow-engine.js'
export { WorkflowFailedError } from './workflow/workflow-failed-error.js'
export type { WorkflowResult } from './workflow/workflow-result.js'
export { WorkflowRun } from './workflow/workflow-run.js'
export {
  type LoopIteration,
  type NewWorkflow,
  type StepStatus,
  WorkflowState,
  type WorkflowStateData,
  type WorkflowStatus,
  type WorkflowStepError,
} from './workflow/workflow-state.js'
export { type WorkflowQuery, WorkflowStateManager } from './workflow/workflow-state-manager.js'
