import type { AgentEvent } from '../agents/index.js'
import type { EventError, OpenRequest, OrchestrationEvent } from '../core/index.js'
import type { ChatMessage } from './chat-message.js'

interface EventBase {
  /** The runtime's id, which is also the id of its chat. */
  readonly runtimeId: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A message waits until those before it are answered. */
export interface RuntimeQueuedEvent extends EventBase {
  readonly type: 'runtime.queued'
  readonly message: ChatMessage
}
export interface RuntimeStartedEvent extends EventBase {
  readonly type: 'runtime.started'
  readonly message: ChatMessage
}
/** A turn goes on that an earlier process has left. */
export interface RuntimeResumedEvent extends EventBase {
  readonly type: 'runtime.resumed'
  /** What is being answered. */
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
  /** The message that stays without a reply. */
  readonly message: ChatMessage
  /** Whether the message, and what was said up to then, are in the history: true of a turn that was interrupted. */
  readonly kept: boolean
}
/** The history was emptied. */
export interface RuntimeClearedEvent extends EventBase {
  readonly type: 'runtime.cleared'
}
/** The turn waits for a person: answer with `runtime.approve(event.request)` or `runtime.reject(event.request)`. */
export interface RuntimeApprovalRequestedEvent extends EventBase {
  readonly type: 'runtime.approval.requested'
  readonly request: OpenRequest
}
/** The turn waits for a message from outside: answer with `runtime.signal(event.request, payload)`. */
export interface RuntimeSignalRequestedEvent extends EventBase {
  readonly type: 'runtime.signal.requested'
  readonly request: OpenRequest
}

/** What a configuration reports of the work for a message. */
export type ConfigurationEvent =
  | { readonly type: 'runtime.orchestration'; readonly event: OrchestrationEvent }
  | { readonly type: 'runtime.agent'; readonly event: AgentEvent }
  | {
      /** One of several agents has failed, and the others go on without it. */
      readonly type: 'runtime.agent.failed'
      readonly agent: string
      readonly error: EventError
    }

/** Everything that happens in a chat, as one discriminated union. */
export type ChatRuntimeEvent =
  | RuntimeQueuedEvent
  | RuntimeStartedEvent
  | RuntimeResumedEvent
  | RuntimeCompletedEvent
  | RuntimeFailedEvent
  | RuntimeCancelledEvent
  | RuntimeClearedEvent
  | RuntimeApprovalRequestedEvent
  | RuntimeSignalRequestedEvent
  | (ConfigurationEvent & EventBase)

/** The `type` of an event. */
export type ChatRuntimeEventName = ChatRuntimeEvent['type']

/** An event without what every event has. */
export type OwnEvent = ChatRuntimeEvent extends infer E
  ? E extends unknown
    ? Omit<E, 'runtimeId' | 'at'>
    : never
  : never
