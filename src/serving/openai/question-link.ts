import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ChatMessage } from '../../chat/index.js'
import type { JournalStore } from '../../durability/index.js'
import { OrchestrationError } from '../../errors/index.js'

/** What a question to a person belongs to. */
export interface QuestionLink {
  /** `execution`: a run; `conversation`: a chat, which is kept in its store, or held in this process. */
  readonly kind: 'execution' | 'conversation'
  readonly id: string
  readonly requestId: string
  /** Of a run, the number of the first event that has not been told yet; of a chat, how many messages came before that which it answers. */
  readonly from: number
}

const collection = 'serving/openai'
const pattern = /^\[(execution|conversation) (\S+) request (\S+) at (\d{1,15}) seal ([\w-]{22})\]$/m

/**
 * Ties the answer of a person to the question, for clients which send nothing but messages: the question ends with a line that names
 * what waits. The line is sealed for its tenant and model, so that no text of an agent or a document can lead a decision somewhere else.
 */
export class QuestionLinks {
  readonly #store: JournalStore
  #key: Promise<Buffer> | undefined

  constructor(store: JournalStore) {
    this.#store = store
  }

  /** The line that a question ends with. */
  async write(link: QuestionLink, tenant: string, model: string): Promise<string> {
    const { kind, id, requestId, from } = link
    const seal = await this.#seal(link, tenant, model)
    return `[${kind} ${encodeURIComponent(id)} request ${encodeURIComponent(requestId)} at ${from} seal ${seal}]`
  }

  /** What a message of the assistant asks about: `undefined` if it asks nothing, `'foreign'` if its line is not of this server. */
  async read(text: string, tenant: string, model: string): Promise<QuestionLink | 'foreign' | undefined> {
    // Only where a question has it: at the end.
    const line = text.trimEnd().split('\n').at(-1)?.trim() ?? ''
    const [, kind, id = '', requestId = '', from, seal = ''] = pattern.exec(line) ?? []
    if (kind === undefined) return undefined
    const link: QuestionLink = {
      kind: kind as QuestionLink['kind'],
      id: decoded(id),
      requestId: decoded(requestId),
      from: Number(from),
    }
    const expected = Buffer.from(await this.#seal(link, tenant, model))
    const given = Buffer.from(seal)
    return given.length === expected.length && timingSafeEqual(given, expected) ? link : 'foreign'
  }

  async #seal({ kind, id, requestId, from }: QuestionLink, tenant: string, model: string): Promise<string> {
    this.#key ??= this.#loadKey()
    const hmac = createHmac('sha256', await this.#key)
    return hmac
      .update(JSON.stringify([tenant, model, kind, id, requestId, from]))
      .digest('base64url')
      .slice(0, 22)
  }

  /** In the store, so that a question outlives the process, and any server of the store takes its answer. */
  async #loadKey(): Promise<Buffer> {
    try {
      const found = await this.#store.document(collection, 'seal')
      if (found !== undefined) return Buffer.from((JSON.parse(found.data) as { readonly key: string }).key, 'base64')
      const key = randomBytes(32)
      const data = JSON.stringify({ key: key.toString('base64') })
      await this.#store.write([{ collection, id: 'seal', data, revision: 0 }])
      return key
    } catch (thrown) {
      this.#key = undefined
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'DOCUMENT_CONFLICT') throw thrown
      // Another server of the store was quicker.
      return this.#loadKey()
    }
  }
}

/** Messages without the lines that questions end with: models have no use for them. */
export function withoutLinks(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map(message => {
    const { role, content } = message
    return role === 'assistant' && pattern.test(content)
      ? new ChatMessage(role, content.replace(pattern, '').trimEnd())
      : message
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
