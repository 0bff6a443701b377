import type OpenAI from 'openai'
import type { FinishReason, ModelRequest, ModelResponse } from './model-client.js'
import { ModelError } from './model-error.js'
import type { ToolCall } from './model-message.js'
import { jsonOf, type Loose, notWhatWasAsked, responseOf, streamCut, usageOf } from './openai-answer.js'
import { ServerReport } from './openai-error.js'

type Response = OpenAI.Responses.Response
type OutputItem = OpenAI.Responses.ResponseOutputItem
type StreamEvent = OpenAI.Responses.ResponseStreamEvent

/** What stands between two parts of a reasoning. */
const partBreak = '\n\n'

/** An answer of the responses API in one piece. @throws ModelError if it is none, ServerReport if it says that it failed */
export function responsesResponse(
  answer: Response,
  request: ModelRequest,
  requestId: string | undefined,
): ModelResponse {
  const response = answer as Loose<Response> | null
  const { model } = request
  if (response?.error) throw new ServerReport(response.error)
  if (!Array.isArray(response?.output)) throw notWhatWasAsked('a response of the responses API', model, requestId)
  if (response.status === 'failed' || response.status === 'cancelled') throw ended(response.status, model, requestId)
  const isWhole = response.status === 'completed' || response.status === 'incomplete' || !response.status
  if (!isWhole) {
    throw notWhatWasAsked(`a complete response (it is ${String(response.status)})`, model, requestId)
  }
  const parts = new OutputParts()
  for (const item of response.output as OutputItem[]) parts.add(item)
  const { usage } = response
  return responseOf(request, {
    content: parts.content,
    reasoning: parts.reasoning.join(partBreak),
    refusal: parts.refusal,
    calls: parts.calls,
    finishReason: finishReasonOf(response, parts.calls.length > 0),
    usage: usage ? usageOf(usage.input_tokens, usage.output_tokens, usage.total_tokens) : undefined,
    model: response.model ?? undefined,
    requestId,
  })
}

/** Puts a streamed answer together. */
export class ResponsesAnswer {
  readonly #items: OutputItem[] = []
  #begun = false
  #end: Response | undefined
  #text = ''
  #reasoningPart: string | undefined

  /**
   * Takes up an event. Returns the text and the reasoning in it.
   * @throws ServerReport if the server reports an error
   */
  add(event: StreamEvent): { text: string; reasoning: string } {
    if (typeof (event as { type?: unknown } | null)?.type !== 'string') return { text: '', reasoning: '' }
    this.#begun ||= event.type.startsWith('response.')
    switch (event.type) {
      case 'response.output_text.delta':
        this.#text += event.delta
        return { text: event.delta, reasoning: '' }
      case 'response.reasoning_summary_text.delta':
        return { text: '', reasoning: this.#inPart(`${event.item_id} ${event.summary_index}`, event.delta) }
      case 'response.reasoning_text.delta':
        return { text: '', reasoning: this.#inPart(`${event.item_id} ${event.content_index}`, event.delta) }
      case 'response.output_item.done':
        this.#items.push(event.item)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#end = event.response
        break
      case 'error':
        throw new ServerReport(event)
      default:
        break
    }
    return { text: '', reasoning: '' }
  }

  /** The whole answer. @throws MODEL_STREAM_CUT if the stream ended before the model had, MODEL_FAILED if it was no such stream */
  finish(request: ModelRequest, requestId: string | undefined): ModelResponse {
    const { model } = request
    if (!this.#begun) {
      const what = 'a stream of the responses API, but with something that has none of its events'
      throw notWhatWasAsked(what, model, requestId, ', or turn `streaming` off')
    }
    if (this.#end === undefined) throw streamCut(model, requestId)
    // Some servers leave out of the last event what they have sent before.
    const isLeftOut = !Array.isArray(this.#end.output) || this.#end.output.length === 0
    const whole = isLeftOut ? { ...this.#end, output: this.#items } : this.#end
    const response = responsesResponse(whole, request, requestId)
    return response.content === '' && this.#text !== '' ? { ...response, content: this.#text } : response
  }

  #inPart(part: string, delta: string): string {
    const isNext = this.#reasoningPart !== undefined && this.#reasoningPart !== part
    this.#reasoningPart = part
    return isNext ? `${partBreak}${delta}` : delta
  }
}

class OutputParts {
  readonly calls: ToolCall[] = []
  readonly reasoning: string[] = []
  content = ''
  refusal = ''

  add(item: OutputItem): void {
    if (item.type === 'message') {
      for (const part of item.content ?? []) {
        if (part.type === 'output_text') this.content += part.text
        else if (part.type === 'refusal') this.refusal += part.refusal
      }
    } else if (item.type === 'function_call') {
      this.calls.push({ id: item.call_id ?? '', name: item.name, arguments: jsonOf(item.arguments) })
    } else if (item.type === 'reasoning') {
      const summary = (item.summary as typeof item.summary | undefined) ?? []
      // The whole reasoning, where a server shows it, makes its summary superfluous.
      const shown = item.content !== undefined && item.content.length > 0 ? item.content : summary
      this.reasoning.push(...shown.map(({ text }) => text))
    }
  }
}

function finishReasonOf({ status, incomplete_details }: Loose<Response>, callsTools: boolean): FinishReason {
  if (status !== 'incomplete') return callsTools ? 'tool_calls' : 'stop'
  if (incomplete_details?.reason === 'content_filter') return 'content_filter'
  // Servers that say no more than "incomplete" mean the token limit, the only other reason there is.
  return 'length'
}

function ended(status: 'failed' | 'cancelled', model: string, requestId: string | undefined): ModelError {
  return new ModelError(
    `The server of model "${model}" says that its answer has ${statusWords[status]}. Trying again can help.`,
    {
      code: 'MODEL_FAILED',
      model,
      retryable: true,
      ...(requestId === undefined ? {} : { requestId }),
    },
  )
}

const statusWords = { failed: 'failed, without a reason', cancelled: 'been cancelled' }
