export { type ChatHistory, InMemoryChatHistory } from './chat-history.js'
export { ChatMessage, type ChatMessageDetails, type ChatMessageRole, ChatMessageRoles } from './chat-message.js'
export { type ChatInvokeOptions, ChatRuntime, type ChatRuntimeOptions } from './chat-runtime.js'
export type {
  ChatRuntimeEvent,
  ConfigurationEvent,
  RuntimeCancelledEvent,
  RuntimeClearedEvent,
  RuntimeCompletedEvent,
  RuntimeFailedEvent,
  RuntimeStartedEvent,
} from './chat-runtime-event.js'
export {
  OrchestrationRuntimeConfiguration,
  type OrchestrationRuntimeOptions,
} from './orchestration-runtime-configuration.js'
export type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'
export { SingletonRuntimeConfiguration } from './singleton-runtime-configuration.js'
export { StoredChatHistory } from './stored-chat-history.js'
