export { publicAddress } from './agents/public-address.js'
export { compileWorkflow, type WorkflowInput, type WorkflowOutput } from './compile-workflow.js'
export { type NodeType, nodeTypes } from './definition/node-type.js'
export {
  WorkflowDefinition,
  WorkflowEdgeDefinition,
  WorkflowNodeDefinition,
  type WorkflowRetry,
} from './definition/workflow-definition.js'
export type { Unsaid } from './export/unsaid.js'
export { type ExportedWorkflow, workflowOf } from './export/workflow-of.js'
export { layersOf } from './layers-of.js'
export { withMaxBudget } from './max-budget.js'
export { nodeTraceOf } from './nodes/node-trace.js'
export { outlineOf } from './nodes/outline-of.js'
export { parseWorkflow } from './parse-workflow.js'
export type {
  ExecutionCost,
  ExecutionStatus,
  PendingApproval,
  PreparedExecution,
  StartedExecution,
  WorkflowExecution,
} from './service/workflow-execution.js'
export type { ExecutableWorkflow } from './service/workflow-library.js'
export {
  type DefinitionStatus,
  definitionStatuses,
  type WorkflowPage,
  type WorkflowRecord,
  type WorkflowSummary,
  type WorkflowValidation,
  type WorkflowVersion,
  type WorkflowVersionPage,
  type WorkflowVersionSummary,
} from './service/workflow-record.js'
export { WorkflowService } from './service/workflow-service.js'
export type {
  ArchiveOptions,
  CancelExecutionOptions,
  CreateOptions,
  ExecuteWorkflowOptions,
  ListOptions,
  ResumeExecutionOptions,
  ServiceEnvironment,
  StartRun,
  TenantOptions,
  UpdateOptions,
  VersionListOptions,
  WorkflowServiceLimits,
  WorkflowServiceOptions,
  WorkflowServiceSettings,
} from './service/workflow-service-options.js'
export type { NodeState, NodeStatus } from './status/node-status.js'
export { nodeStatuses } from './status/node-statuses.js'
export { Workflow } from './workflow.js'
export type {
  AgentCallInput,
  AgentFunction,
  AllowUrl,
  WorkflowAgent,
  WorkflowEnvironment,
} from './workflow-environment.js'
export { WorkflowError, type WorkflowFault } from './workflow-error.js'
export { workflowJsonSchema } from './workflow-json-schema.js'
export { workflowLimits } from './workflow-limits.js'
export { referencesOf, type WorkflowReferences } from './workflow-references.js'
export { type WorkflowTemplate, workflowTemplates } from './workflow-templates.js'
