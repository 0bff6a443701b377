import { checkStore } from '../core/internal.js'
import type { JournalStore } from '../durability/index.js'
import { checkName } from '../durability/internal.js'
import { OrchestrationError } from '../errors/index.js'
import { PayloadCodec } from '../schema/index.js'
import type { ChatHistory } from './chat-history.js'
import { ChatMessage, ChatMessageRoles, checkMessages } from './chat-message.js'

const codec = new PayloadCodec([ChatMessage])

const roles: ReadonlySet<unknown> = new Set(Object.values(ChatMessageRoles))

/** How many turns each chat has had; whoever adds one moves it on, so that of two at once one has to try again. */
const counts = 'chats'

/**
 * Keeps chats in a journal store: they outlive the process, and any number of processes may use them at once. What is appended
 * together stays together. Chat ids are texts of 1 to 200 characters without slashes and control characters, else NAME_INVALID.
 *
 * ```ts
 * const history = new StoredChatHistory(new SqliteJournalStore('chats.db'))
 * const runtime = new ChatRuntime(configuration, { id: 'user-1', history })
 * ```
 *
 * The history does not close the store.
 */
export class StoredChatHistory implements ChatHistory {
  readonly #store: JournalStore

  /** @throws OPTION_INVALID */
  constructor(store: JournalStore) {
    this.#store = checkStore(store)
  }

  /** @throws NAME_INVALID; PAYLOAD_NOT_SERIALIZABLE if what is stored is no chat */
  async load(chatId: string): Promise<readonly ChatMessage[]> {
    const turns = await this.#store.documents(turnsOf(chatId))
    return turns.flatMap(({ data }) => readMessages(chatId, data))
  }

  /**
   * @throws NAME_INVALID; OPTION_INVALID, naming index and field, for what is no message; PAYLOAD_NOT_SERIALIZABLE if a message is
   * neither a ChatMessage nor plain data
   */
  async append(chatId: string, messages: readonly ChatMessage[]): Promise<void> {
    const turns = turnsOf(chatId)
    checkMessages(messages)
    if (messages.length === 0) return
    const data = writeMessages(messages)
    await untilNobodyInterferes(async () => {
      const count = await this.#store.document(counts, chatId)
      const turn = (count?.revision ?? 0) + 1
      await this.#store.write([
        { collection: counts, id: chatId, data: '{}', revision: turn - 1 },
        { collection: turns, id: String(turn).padStart(12, '0'), data, revision: 0 },
      ])
    })
  }

  /** @throws NAME_INVALID */
  async clear(chatId: string): Promise<void> {
    const collection = turnsOf(chatId)
    await untilNobodyInterferes(async () => {
      const count = await this.#store.document(counts, chatId)
      if (count === undefined) return
      const said = await this.#store.documents(collection)
      await this.#store.write([
        { collection: counts, id: chatId, data: undefined, revision: count.revision },
        ...said.map(({ id }) => ({ collection, id, data: undefined })),
      ])
    })
  }
}

function turnsOf(chatId: string): string {
  checkName('The id of a chat', chatId)
  return `chats/${chatId}`
}

function writeMessages(messages: readonly ChatMessage[]): string {
  return JSON.stringify(codec.encode(messages))
}

function readMessages(chatId: string, data: string): readonly ChatMessage[] {
  const messages = decoded(chatId, data)
  if (!Array.isArray(messages) || !messages.every(isMessage)) throw unreadable(chatId, undefined)
  return messages
}

function decoded(chatId: string, data: string): unknown {
  try {
    return codec.decode(JSON.parse(data))
  } catch (thrown) {
    throw unreadable(chatId, thrown)
  }
}

function isMessage(value: unknown): value is ChatMessage {
  const { role, content } = (value ?? {}) as Partial<ChatMessage>
  return roles.has(role) && typeof content === 'string'
}

function unreadable(chatId: string, cause: unknown): OrchestrationError {
  return new OrchestrationError(
    `What is stored of chat "${chatId}" are no messages. Restore it from a backup, or forget the chat with clear().`,
    { code: 'PAYLOAD_NOT_SERIALIZABLE', details: { chatId }, cause },
  )
}

/** Somebody who interferes has got something done, so this ends. */
async function untilNobodyInterferes(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write()
    } catch (thrown) {
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'DOCUMENT_CONFLICT') throw thrown
    }
  }
}
