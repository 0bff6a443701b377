import type OpenAI from 'openai'
import { OptionError } from '../errors/index.js'
import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from './model-client.js'
import { checkCallOptions, type OpenAICallOptions, OpenAiCall } from './openai-call.js'
import { ResponsesAnswer, responsesResponse } from './openai-responses-answer.js'
import { type ReasoningSummary, type ResponsesDefaults, responsesRequest } from './openai-responses-request.js'

/** How an {@link OpenAIResponsesModel} uses the client. */
export interface OpenAIResponsesModelOptions extends OpenAICallOptions {
  /** Whether the server keeps the answers; nothing here needs that. @default false */
  readonly store?: boolean
  /**
   * Asks for a summary of the reasoning, which then comes as `reasoning` and through `onReasoning`. Models that do not reason refuse
   * it. @default none is asked for
   */
  readonly reasoningSummary?: ReasoningSummary
}

/**
 * Language models behind the responses API, over the official client. Every request carries the whole conversation, so nothing is
 * kept on the server, or here.
 *
 * ```ts
 * const agent = new Agent({ client: new OpenAIResponsesModel(new OpenAI(), { reasoningSummary: 'auto' }), model: 'o4-mini' })
 * ```
 *
 * What differs from chat completions: `seed` and `stop` do not exist and are refused. A reasoning is shown, but not sent back with
 * the conversation: the API takes it only as encrypted items, which a conversation here does not hold; so a model reasons anew in
 * every turn. The tools that the server itself has (search, code interpreter) can be switched on with `settings.extra`, yet only
 * their text is read.
 */
export class OpenAIResponsesModel implements ModelClient {
  readonly #client: OpenAI
  readonly #options: OpenAIResponsesModelOptions
  readonly #defaults: ResponsesDefaults

  /** @throws OPTION_INVALID */
  constructor(client: OpenAI, options: OpenAIResponsesModelOptions = {}) {
    if (typeof client !== 'object' || client === null || !('responses' in client)) {
      throw new OptionError('client', 'a client of the `openai` package with the responses API', client)
    }
    const { store = false, reasoningSummary } = options
    this.#client = client
    this.#options = checkCallOptions(options)
    this.#defaults = { store, reasoningSummary }
  }

  /** @throws OPTION_INVALID for settings and messages that the API cannot take; else as {@link ModelClient} says */
  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const call = new OpenAiCall(this.#client, request.model, this.#options, options)
    return call.run(async () => {
      const body = responsesRequest(request, this.#defaults)
      const { responses } = this.#client
      if (!call.isStreaming) {
        const response = await call.answer(responses.create(body, call.requestOptions))
        return responsesResponse(response, request, call.requestId)
      }
      const events = await call.answer(responses.create({ ...body, stream: true }, call.requestOptions))
      const answer = new ResponsesAnswer()
      for await (const event of call.pieces(events)) {
        const { text, reasoning } = answer.add(event)
        if (reasoning !== '') options.onReasoning?.(reasoning)
        if (text !== '') options.onDelta?.(text)
      }
      return answer.finish(request, call.requestId)
    })
  }
}
