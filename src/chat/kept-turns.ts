import type { Decision, OpenRequest } from '../core/index.js'
import type { ChatMessage } from './chat-message.js'
import type { ChatConversation, RuntimeEventHandler } from './runtime-configuration.js'

/** A turn that has begun and whose reply is not known to be in the history. */
export interface UnfinishedTurn {
  readonly id: string
  /** What is being answered. */
  readonly message: ChatMessage
  /** What it waits for from outside, without what has been answered already. */
  readonly requests: readonly OpenRequest[]
}

/** A turn that goes on. */
export interface ResumedTurn {
  readonly reply: Promise<ChatMessage>
}

/** An answer to what a turn waits for. */
export type TurnAnswer =
  | { readonly kind: 'decision'; readonly approved: boolean; readonly decision: Decision }
  | { readonly kind: 'signal'; readonly payload: unknown }

/**
 * The turns of a configuration that outlive their process. A chat has one at a time; it is kept from before its work begins until
 * the runtime says that it is settled, so that a crash at any moment leaves a turn that can be taken up again.
 */
export interface KeptTurns {
  /** The turn of a chat that is kept; undefined if there is none. */
  unfinished(chatId: string): Promise<UnfinishedTurn | undefined>
  /**
   * Takes a turn up and resolves when that is done, before anything else happens; of one whose work is done the reply is that reply.
   * Rejects, and leaves everything as it is, if it cannot be taken up: RUN_BUSY if somebody else is at work on it.
   */
  resume(
    turn: UnfinishedTurn,
    conversation: ChatConversation,
    onRuntimeEvent: RuntimeEventHandler,
    signal: AbortSignal,
  ): Promise<ResumedTurn>
  /**
   * Answers a turn, whoever is at work on it. `request` is whatever `runtime.approve()` or `runtime.signal()` was given. Rejects with
   * REQUEST_UNKNOWN, PAYLOAD_INVALID.
   */
  answer(turn: UnfinishedTurn, request: unknown, answer: TurnAnswer): Promise<void>
  /**
   * Enters a reply: calls `write` while no other process enters the reply of this turn, unless the turn has been settled meanwhile. Two
   * may have the reply, if one of them has taken up a turn whose work was just done.
   */
  enter(chatId: string, turnId: string, write: () => Promise<void>): Promise<void>
  /**
   * Lets the turn of a chat rest that this process is at work on: its work stops where it can go on, and the turn stays kept, for an
   * answer and for whoever resumes it next, in this process or another one. Resolves, once nothing works any more, to whether it rests;
   * it does not if its work has ended, or is another process's. Whoever waits for the reply here is told RUN_BUSY.
   * @default turns cannot be put aside
   */
  putAside?(chatId: string): Promise<boolean>
  /** Ends the work on a turn without a reply; it is still to be settled. */
  abandon(turn: UnfinishedTurn): Promise<void>
  /** Ends and forgets the turn of a chat, if it has one, also one that cannot be read or taken up any more. */
  clear(chatId: string): Promise<void>
  /**
   * Forgets a turn: its reply is in the history, it has failed, or nobody wants it. One that has `failed` only because its work could
   * not be written down stays, and can be resumed. No effect if another turn is kept by now.
   */
  settle(chatId: string, turnId: string, outcome: 'completed' | 'failed' | 'cancelled'): Promise<void>
}
