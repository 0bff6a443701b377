import type OpenAI from 'openai'
import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from './model-client.js'
import { checkCallOptions, type OpenAICallOptions, OpenAiCall } from './openai-call.js'
import { openAiRequest } from './openai-request.js'
import { OpenAiAnswer, openAiResponse } from './openai-response.js'

/** How an {@link OpenAIChatModel} uses the client. */
export interface OpenAIChatModelOptions extends OpenAICallOptions {}

/**
 * Language models behind the chat completions API, over the official client: of OpenAI, or with `baseURL` of any compatible
 * server. Streams when deltas are wanted. What a server shows of the reasoning (`reasoning_content`, `reasoning`) is passed on.
 *
 * ```ts
 * const model = new OpenAIChatModel(new OpenAI(), { maxRetries: 0 })
 * ```
 */
export class OpenAIChatModel implements ModelClient {
  readonly #client: OpenAI
  readonly #options: OpenAIChatModelOptions

  /** @throws OPTION_INVALID */
  constructor(client: OpenAI, options: OpenAIChatModelOptions = {}) {
    this.#client = client
    this.#options = checkCallOptions(options)
  }

  /** @throws OPTION_INVALID for settings and messages that the API cannot take; else as {@link ModelClient} says */
  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const call = new OpenAiCall(this.#client, request.model, this.#options, options)
    return call.run(async () => {
      const body = openAiRequest(request)
      const { completions } = this.#client.chat
      if (!call.isStreaming) {
        const completion = await call.answer(completions.create(body, call.requestOptions))
        return openAiResponse(completion, request, call.requestId)
      }
      const streamed = { ...body, stream: true, stream_options: { include_usage: true } } as const
      const chunks = await call.answer(completions.create(streamed, call.requestOptions))
      const answer = new OpenAiAnswer()
      for await (const chunk of call.pieces(chunks)) {
        const { text, reasoning } = answer.add(chunk)
        if (reasoning !== '') options.onReasoning?.(reasoning)
        if (text !== '') options.onDelta?.(text)
      }
      return answer.finish(request, call.requestId)
    })
  }
}
