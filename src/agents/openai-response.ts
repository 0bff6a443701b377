import type OpenAI from 'openai'
import type { FinishReason, ModelRequest, ModelResponse, ModelUsage } from './model-client.js'
import { ModelError } from './model-error.js'
import type { ToolCall } from './model-message.js'

/** What a server may leave out of the type it promises: compatible ones do. */
type Loose<T> = { [K in keyof T]?: T[K] | null | undefined }

/** An answer of the chat completions API in one piece. */
export function openAiResponse(completion: OpenAI.ChatCompletion, request: ModelRequest): ModelResponse {
  const choice = (completion as Loose<OpenAI.ChatCompletion> | null)?.choices?.[0]
  const message = choice?.message
  if (choice === undefined || message === undefined) throw notACompletion(completion, request.model)
  const calls = (message.tool_calls ?? []).filter(call => call.type === 'function')
  return modelResponse(request, {
    content: message.content ?? '',
    refusal: message.refusal ?? '',
    calls: calls.map(call => ({ id: call.id, name: call.function.name, arguments: call.function.arguments })),
    finishReason: choice.finish_reason,
    usage: completion.usage,
    model: completion.model,
  })
}

/** Puts a streamed answer together. */
export class OpenAiAnswer {
  readonly #calls = new Map<number | string, { id: string; name: string; arguments: string }>()
  #content = ''
  #refusal = ''
  #finishReason: string | undefined
  #usage: OpenAI.CompletionUsage | null | undefined
  #model: string | undefined

  /** Takes up a chunk. Returns the text in it. */
  add(chunk: OpenAI.ChatCompletionChunk): string {
    this.#model ??= chunk.model
    this.#usage = chunk.usage ?? this.#usage
    // The last chunk, with the usage, has no choices.
    const choice = (chunk as Loose<OpenAI.ChatCompletionChunk>).choices?.[0]
    if (choice === undefined) return ''
    this.#finishReason = choice.finish_reason ?? this.#finishReason
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta | undefined
    this.#refusal += delta?.refusal ?? ''
    for (const call of delta?.tool_calls ?? []) this.#addCall(call)
    const text = delta?.content ?? ''
    this.#content += text
    return text
  }

  /** The whole answer. @throws MODEL_STREAM_CUT if the stream ended before the model had. */
  finish(request: ModelRequest): ModelResponse {
    if (this.#finishReason === undefined) {
      throw new ModelError(
        `The answer of model "${request.model}" ended in the middle: the stream closed without a finish reason. ` +
          'Trying again can help.',
        { code: 'MODEL_STREAM_CUT', model: request.model, retryable: true },
      )
    }
    return modelResponse(request, {
      content: this.#content,
      refusal: this.#refusal,
      calls: [...this.#calls.values()],
      finishReason: this.#finishReason,
      usage: this.#usage,
      model: this.#model,
    })
  }

  #addCall(delta: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall): void {
    // Some servers send whole calls without an index.
    const key = (delta.index as number | undefined) ?? delta.id ?? this.#calls.size
    let call = this.#calls.get(key)
    if (call === undefined) this.#calls.set(key, (call = { id: '', name: '', arguments: '' }))
    call.id ||= delta.id ?? ''
    call.name ||= delta.function?.name ?? ''
    call.arguments += delta.function?.arguments ?? ''
  }
}

interface Parts {
  readonly content: string
  readonly refusal: string
  readonly calls: readonly ToolCall[]
  readonly finishReason: string | null | undefined
  readonly usage: OpenAI.CompletionUsage | null | undefined
  readonly model: string | undefined
}

function modelResponse(request: ModelRequest, parts: Parts): ModelResponse {
  const { content, refusal, calls, finishReason, usage, model } = parts
  return {
    content,
    // A call without an id could not be answered.
    toolCalls: calls.map((call, index) => ({ ...call, id: call.id || `call_${request.messages.length}_${index}` })),
    finishReason: finishReasons.has(finishReason as FinishReason) ? (finishReason as FinishReason) : 'other',
    ...(usage ? { usage: modelUsage(usage) } : {}),
    model: model || request.model,
    ...(refusal === '' ? {} : { refusal }),
  }
}

const finishReasons: ReadonlySet<FinishReason> = new Set(['stop', 'length', 'tool_calls', 'content_filter'])

function modelUsage(usage: Loose<OpenAI.CompletionUsage>): ModelUsage {
  const inputTokens = usage.prompt_tokens ?? 0
  const outputTokens = usage.completion_tokens ?? 0
  return { inputTokens, outputTokens, totalTokens: usage.total_tokens ?? inputTokens + outputTokens }
}

function notACompletion(answer: unknown, model: string): ModelError {
  const error = (answer as { error?: { message?: unknown } } | null)?.error
  const said = typeof error?.message === 'string' ? `: ${error.message}` : ', but something without choices'
  return new ModelError(
    `The server of model "${model}" did not answer with a chat completion${said}. Trying again can help if a gateway is in ` +
      'between; else check `baseURL`.',
    { code: 'MODEL_FAILED', model, retryable: true },
  )
}
