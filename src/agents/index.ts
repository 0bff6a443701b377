export { Agent, type AgentConstructor, type AgentOptions } from './agent.js'
export type { AgentEvent, AgentEventHandler } from './agent-event.js'
export type { AgentResult } from './agent-result.js'
export { AgentRunnable } from './agent-runnable.js'
export { AgentRunner, type AgentRunOptions } from './agent-runner.js'
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
export { OpenAIChatModel, type OpenAIChatModelOptions } from './openai-chat-model.js'
export type { OutputFormat, ReadOutput } from './output-format.js'
export {
  type AgentTool,
  type ToolBehaviour,
  type ToolContext,
  type ToolDefinition,
  type ToolErrorMode,
  tool,
} from './tool.js'
export { Tool, type ToolDecorator, type ToolDecoratorOptions, toolsOf } from './tool-decorator.js'
export type { ToolPermissionHandler, ToolPermissionRequest } from './tool-permission.js'
