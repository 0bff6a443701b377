import type OpenAI from 'openai'
import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from './model-client.js'
import { modelErrorOf } from './openai-error.js'
import { openAiRequest } from './openai-request.js'
import { OpenAiAnswer, openAiResponse } from './openai-response.js'

/** How an {@link OpenAIChatModel} uses the client. */
export interface OpenAIChatModelOptions {
  /** How often the client itself tries again; 0 where a retry policy is in place. @default the client's own setting */
  readonly maxRetries?: number
  /** How long the server may take to begin its answer, in milliseconds. @default the client's own setting */
  readonly timeoutMs?: number
}

/**
 * Language models behind the chat completions API, over the official client: of OpenAI, or with `baseURL` of any compatible
 * server. Streams when deltas are wanted.
 *
 * ```ts
 * const model = new OpenAIChatModel(new OpenAI(), { maxRetries: 0 })
 * ```
 */
export class OpenAIChatModel implements ModelClient {
  readonly #client: OpenAI
  readonly #options: OpenAIChatModelOptions

  constructor(client: OpenAI, options: OpenAIChatModelOptions = {}) {
    this.#client = client
    this.#options = options
  }

  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const { signal, onDelta } = options
    signal?.throwIfAborted()
    let streaming = false
    try {
      const body = openAiRequest(request)
      if (onDelta === undefined) {
        const completion = await this.#client.chat.completions.create(body, this.#callOptions(signal))
        return openAiResponse(completion, request)
      }
      const chunks = await this.#client.chat.completions.create(
        { ...body, stream: true, stream_options: { include_usage: true } },
        this.#callOptions(signal),
      )
      streaming = true
      return await assemble(chunks, request, onDelta)
    } catch (thrown) {
      // An aborted stream ends as if it were cut; whatever an abort makes the client throw, its reason is what happened.
      signal?.throwIfAborted()
      throw modelErrorOf(thrown, request.model, streaming)
    }
  }

  #callOptions(signal: AbortSignal | undefined): OpenAI.RequestOptions {
    const { maxRetries, timeoutMs } = this.#options
    return {
      ...(signal === undefined ? {} : { signal }),
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    }
  }
}

async function assemble(
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
  request: ModelRequest,
  onDelta: (text: string) => void,
): Promise<ModelResponse> {
  const answer = new OpenAiAnswer()
  for await (const chunk of chunks) {
    const text = answer.add(chunk)
    if (text !== '') onDelta(text)
  }
  return answer.finish(request)
}
