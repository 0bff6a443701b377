import { type ChatMessage, checkMessages } from './chat-message.js'

/**
 * The port to where chats are kept. One history may serve any number of chats.
 *
 * An implementation keeps every role and every property of a message, in the order in which they came; `append` adds all of its
 * messages or none, and has stored them when it resolves. Who makes a history closes what it opened.
 */
export interface ChatHistory {
  /** The messages of a chat, the oldest first; none for a chat that is not known. */
  load(chatId: string): Promise<readonly ChatMessage[]>
  /** @throws OPTION_INVALID, naming index and field, for what is no message; nothing is stored then */
  append(chatId: string, messages: readonly ChatMessage[]): Promise<void>
  /** Forgets a chat for good. */
  clear(chatId: string): Promise<void>
}

/** Keeps chats for as long as the process lives. */
export class InMemoryChatHistory implements ChatHistory {
  readonly #chats = new Map<string, readonly ChatMessage[]>()

  async load(chatId: string): Promise<readonly ChatMessage[]> {
    return this.#chats.get(chatId) ?? []
  }

  async append(chatId: string, messages: readonly ChatMessage[]): Promise<void> {
    checkMessages(messages)
    this.#chats.set(chatId, [...(this.#chats.get(chatId) ?? []), ...messages])
  }

  async clear(chatId: string): Promise<void> {
    this.#chats.delete(chatId)
  }
}
