export type { AgentChatOptions } from './agent-speaker.js'
export { type ChatHistory, InMemoryChatHistory } from './chat-history.js'
export {
  ChatMessage,
  type ChatMessageDetails,
  type ChatMessageRole,
  ChatMessageRoles,
  toModelMessage,
} from './chat-message.js'
export { type ChatInvokeOptions, ChatRuntime, type ChatRuntimeOptions } from './chat-runtime.js'
export type {
  ChatRuntimeEvent,
  ChatRuntimeEventName,
  ConfigurationEvent,
  RuntimeApprovalRequestedEvent,
  RuntimeCancelledEvent,
  RuntimeClearedEvent,
  RuntimeCompletedEvent,
  RuntimeFailedEvent,
  RuntimeQueuedEvent,
  RuntimeResumedEvent,
  RuntimeSignalRequestedEvent,
  RuntimeStartedEvent,
} from './chat-runtime-event.js'
export { ConcurrentRuntimeConfiguration, type ConcurrentRuntimeOptions } from './concurrent-runtime-configuration.js'
export type { HandoffRouter } from './handoff-router.js'
export {
  type HandoffAgent,
  HandoffRuntimeConfiguration,
  type HandoffRuntimeOptions,
} from './handoff-runtime-configuration.js'
export type { KeptTurns, ResumedTurn, TurnAnswer, UnfinishedTurn } from './kept-turns.js'
export {
  OrchestrationRuntimeConfiguration,
  type OrchestrationRuntimeOptions,
} from './orchestration-runtime-configuration.js'
export type { Spoken } from './partial-reply.js'
export { type ReplyPiece, ReplyStream } from './reply-stream.js'
export type {
  AnswerDesk,
  ChatConversation,
  RuntimeConfiguration,
  RuntimeEventHandler,
} from './runtime-configuration.js'
export { type SequentialAgent, SequentialRuntimeConfiguration } from './sequential-runtime-configuration.js'
export { SingletonRuntimeConfiguration } from './singleton-runtime-configuration.js'
export { StoredChatHistory } from './stored-chat-history.js'
export type { WhenBusy } from './when-busy.js'
