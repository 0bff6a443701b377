import type { AgentEvent } from '../agents/index.js'
import type { EventError, OrchestrationEvent } from '../core/index.js'
import type { ChatMessage } from './chat-message.js'

interface EventBase {
  /** The runtime's id, which is also the id of its chat. */
  readonly runtimeId: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface RuntimeStartedEvent extends EventBase {
  readonly type: 'runtime.started'
  readonly message: ChatMessage
}
export interface RuntimeCompletedEvent extends EventBase {
  readonly type: 'runtime.completed'
  /** The reply. */
  readonly message: ChatMessage
}
export interface RuntimeFailedEvent extends EventBase {
  readonly type: 'runtime.failed'
  readonly error: EventError
  readonly errorMessage: string
}
export interface RuntimeCancelledEvent extends EventBase {
  readonly type: 'runtime.cancelled'
  readonly reason: string
}
/** The history was emptied. */
export interface RuntimeClearedEvent extends EventBase {
  readonly type: 'runtime.cleared'
}

/** What a configuration reports of the work for a message. */
export type ConfigurationEvent =
  | { readonly type: 'runtime.orchestration'; readonly event: OrchestrationEvent }
  | { readonly type: 'runtime.agent'; readonly event: AgentEvent }

/** Everything that happens in a chat, as one discriminated union. */
export type ChatRuntimeEvent =
  | RuntimeStartedEvent
  | RuntimeCompletedEvent
  | RuntimeFailedEvent
  | RuntimeCancelledEvent
  | RuntimeClearedEvent
  | (ConfigurationEvent & EventBase)
