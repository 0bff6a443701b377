import type { ApprovalOutcome, ApprovalQuestion, ApprovalRef, Decision, OpenRequest } from '../core/index.js'
import type { ChatMessage } from './chat-message.js'
import type { ConfigurationEvent } from './chat-runtime-event.js'
import type { KeptTurns } from './kept-turns.js'

/** Takes what a configuration reports; the runtime adds its id and the time. Never throws. */
export type RuntimeEventHandler = (event: ConfigurationEvent) => void

/** What can be answered from outside while it is at work, such as an orchestration's run. */
export interface AnswerDesk {
  readonly requests: readonly OpenRequest[]
  /** Rejects with REQUEST_UNKNOWN if the request is not open here. */
  approve(request: ApprovalRef, decision?: Decision): Promise<void>
  reject(request: ApprovalRef, decision?: Decision): Promise<void>
  signal(request: OpenRequest | string, payload: unknown): Promise<void>
}

/** The chat a message belongs to. */
export interface ChatConversation {
  readonly id: string
  /** Names the turn. The same if the turn is taken up again in another process. */
  readonly turnId: string
  /** What was said before the message, the oldest first. */
  readonly messages: readonly ChatMessage[]
  /**
   * Adds to the history what was said between the message and the reply, such as tool calls and their results. If the turn is
   * interrupted, what was recorded by then stays: record a tool call together with its result.
   */
  record(...messages: readonly ChatMessage[]): void
  /** Lets the runtime answer what this waits for; for the rest of the turn. */
  attend(desk: AnswerDesk): void
  /**
   * Asks the person in the chat, who answers with `runtime.approve()` or `runtime.reject()`, and waits for the decision. Rejects
   * with the signal's reason when the turn ends before. The question does not survive the process; one that must is asked by an
   * orchestration with a store.
   */
  requestApproval<T>(name: string, question: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>>
}

/**
 * Who answers in a chat (S4-26). The one mandatory method takes a message and returns the reply; a class that declares fewer
 * parameters will do.
 *
 * It keeps nothing of a chat itself, so that one configuration can serve many; the `ChatRuntime` keeps the history.
 */
export interface RuntimeConfiguration {
  /**
   * Answers a message. What it rejects with fails the turn.
   * @param signal aborts when nobody waits for the reply any more
   * @param conversation what was said before; missing if it is not called by a `ChatRuntime`
   */
  invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage>
  /** Present if turns outlive the process. @default they do not */
  readonly turns?: KeptTurns | undefined
}
