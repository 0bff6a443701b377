import type { ChatMessage } from '../../chat/index.js'
import type { JournalStore } from '../../durability/index.js'
import type { Json } from '../../schema/index.js'
import { ApiError } from './api-error.js'
import { messageOf, plainMessage } from './said-messages.js'

/** A response that is kept, with what it answers. */
export interface StoredResponse {
  readonly tenant: string
  /** The response before it in its conversation. */
  readonly previous?: string
  /** What was said since then, as plain JSON. */
  readonly input: readonly Json[]
  /** What was answered; missing if there was no answer. */
  readonly output?: string
  /** As clients get it. */
  readonly response: Readonly<Record<string, unknown>>
}

const collection = 'serving/openai/responses'

/** How many responses a conversation may have. */
const longest = 1000

/** Responses that can be asked for again, and gone on with. Those of other tenants are not there. */
export class StoredResponses {
  readonly #store: JournalStore

  constructor(store: JournalStore) {
    this.#store = store
  }

  /** Keeps a response. */
  async keep(
    id: string,
    kept: Omit<StoredResponse, 'input'> & { readonly input: readonly ChatMessage[] },
  ): Promise<void> {
    const data = JSON.stringify({ ...kept, input: kept.input.map(plainMessage) })
    await this.#store.write([{ collection, id, data }])
  }

  async find(id: string, tenant: string): Promise<StoredResponse | undefined> {
    const found = await this.#store.document(collection, id)
    if (found === undefined) return undefined
    const kept = JSON.parse(found.data) as StoredResponse
    return kept.tenant === tenant ? kept : undefined
  }

  /** Forgets a response; false if it is not there. */
  async forget(id: string, tenant: string): Promise<boolean> {
    if ((await this.find(id, tenant)) === undefined) return false
    await this.#store.write([{ collection, id, data: undefined }])
    return true
  }

  /**
   * What was said up to a response and with it, the oldest first.
   * @param mostChars how long all of it may be
   * @throws ApiError 400 if one of them is not there, or if they are too long together
   */
  async conversation(id: string, tenant: string, mostChars: number): Promise<readonly ChatMessage[]> {
    const said: ChatMessage[][] = []
    let chars = 0
    for (let at: string | undefined = id; at !== undefined; ) {
      const kept: StoredResponse | undefined = await this.find(at, tenant)
      if (kept === undefined) throw unknown(at)
      const { input, output } = kept
      const messages = [...input, ...(output === undefined ? [] : [{ role: 'assistant', content: output }])]
      chars += JSON.stringify(messages).length
      if (said.length >= longest || chars > mostChars) throw tooLong()
      said.unshift(messages.map(messageOf))
      at = kept.previous
    }
    return said.flat()
  }
}

function unknown(id: string): ApiError {
  const message = `There is no response "${id}" to go on with.`
  return new ApiError(400, { message, param: 'previous_response_id', code: 'previous_response_not_found' })
}

function tooLong(): ApiError {
  const message = 'The conversation has become too long. Begin a new one, or send the part of it that counts as input.'
  return new ApiError(400, { message, param: 'previous_response_id', code: 'context_length_exceeded' })
}
