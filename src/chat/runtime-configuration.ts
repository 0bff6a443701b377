import type { ChatMessage } from './chat-message.js'
import type { ConfigurationEvent } from './chat-runtime-event.js'

/** Takes what a configuration reports; the runtime adds its id and the time. Never throws. */
export type RuntimeEventHandler = (event: ConfigurationEvent) => void

/** The chat a message belongs to. */
export interface ChatConversation {
  readonly id: string
  /** What was said before the message, the oldest first. */
  readonly messages: readonly ChatMessage[]
  /** Adds to the history what was said between the message and the reply, such as tool calls and their results. */
  record(...messages: readonly ChatMessage[]): void
}

/**
 * Who answers in a chat (S4-26). The one mandatory method takes a message and returns the reply; a class that declares fewer
 * parameters will do.
 *
 * It keeps nothing of a chat itself, so that one configuration can serve many; the {@link ChatRuntime} keeps the history.
 */
export interface RuntimeConfiguration {
  /**
   * Answers a message. What it rejects with fails the turn.
   * @param signal aborts when nobody waits for the reply any more
   * @param conversation what was said before; missing if it is not called by a {@link ChatRuntime}
   */
  invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage>
}
