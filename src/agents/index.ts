export { A2aAgent, type A2aReply, type A2aSendOptions, type A2aUpdate, a2aAgent } from './a2a/a2a-agent.js'
export type { A2aAgentOptions, A2aAgentSettings, A2aByCard, A2aByUrl, A2aToolOptions } from './a2a/a2a-options.js'
export type { A2aTaskState } from './a2a/a2a-task-state.js'
export {
  Agent,
  type AgentConstructor,
  type AgentOptions,
  type Handoff,
  type HandoffContext,
  type HandoffTargets,
} from './agent.js'
export type { AgentEvent, AgentEventHandler } from './agent-event.js'
export type { AgentExit } from './agent-exit.js'
export type { AgentInstructions, InstructionsContext } from './agent-instructions.js'
export { AgentRegistry } from './agent-registry.js'
export type { AgentResult } from './agent-result.js'
export type { AgentRunOptions } from './agent-run-options.js'
export { AgentRunnable } from './agent-runnable.js'
export { AgentRunner } from './agent-runner.js'
export { type AgentToolOptions, agentTool } from './agent-tool.js'
export { type ApprovalInRunOptions, approvalInRun, type ToolApprovalSubject } from './approval-in-run.js'
export { CachedModel, type CachedModelOptions } from './cached-model.js'
export {
  type AskedModel,
  type ContextWindow,
  type ContextWindowCall,
  keepAll,
} from './context-window.js'
export { type DropOldestOptions, dropOldest } from './drop-oldest.js'
export {
  type Guardrail,
  type GuardrailContext,
  type GuardrailVerdict,
  guardrail,
  type ToolGuardrails,
} from './guardrail.js'
export { GuardrailError, type GuardrailErrorDetails, type GuardrailStage } from './guardrail-error.js'
export { type HandoffOptions, handoff } from './handoff.js'
export type {
  McpPrompt,
  McpPromptArgument,
  McpResource,
  McpResourceContent,
  McpResourceTemplate,
  McpToolResult,
} from './mcp/mcp-listing.js'
export type {
  McpAddress,
  McpCustomTransport,
  McpProcess,
  McpServerOptions,
  McpServerSettings,
  McpTransport,
} from './mcp/mcp-options.js'
export { type McpCallOptions, McpServer, mcpServer } from './mcp/mcp-server.js'
export type { McpToolCall, McpToolsOptions } from './mcp/mcp-tools-options.js'
export { MemoryModelCache, type MemoryModelCacheOptions, type ModelCache } from './model-cache.js'
export type {
  FinishReason,
  ModelCallOptions,
  ModelClient,
  ModelOutputSchema,
  ModelRequest,
  ModelResponse,
  ModelSettings,
  ModelTool,
  ModelUsage,
  ToolChoice,
} from './model-client.js'
export { ModelError, type ModelErrorCode, type ModelErrorOptions } from './model-error.js'
export type {
  AssistantMessage,
  FilePart,
  ImagePart,
  MessagePart,
  ModelMessage,
  SystemMessage,
  TextPart,
  ToolCall,
  ToolMessage,
  UserMessage,
} from './model-message.js'
export { textOf } from './model-message.js'
export type { OpenAICallOptions } from './openai-call.js'
export { OpenAIChatModel, type OpenAIChatModelOptions } from './openai-chat-model.js'
export { OpenAIResponsesModel, type OpenAIResponsesModelOptions } from './openai-responses-model.js'
export type { ReasoningSummary } from './openai-responses-request.js'
export type { OutputFormat, ReadOutput } from './output-format.js'
export type { OutputMode } from './output-mode.js'
export type { PartialOutput } from './partial-output.js'
export { type SummariseOptions, summarise } from './summarise.js'
export { estimateTokens, type TokenCounter } from './token-counter.js'
export {
  type AgentNesting,
  type AgentTool,
  type ToolBehaviour,
  type ToolContext,
  type ToolDefinition,
  type ToolErrorMode,
  tool,
} from './tool.js'
export { Tool, type ToolDecorator, type ToolDecoratorOptions, toolsOf } from './tool-decorator.js'
export type { ToolDenial, ToolPermissionHandler, ToolPermissionRequest } from './tool-permission.js'
