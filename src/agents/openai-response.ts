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
  if (!choice || !message) throw notACompletion(completion, request.model)
  const calls = (message.tool_calls ?? []).filter(call => call.type === 'function')
  return modelResponse(request, {
    content: textOf(message.content),
    refusal: message.refusal ?? '',
    calls: calls.map(call => ({ id: call.id, name: call.function.name, arguments: jsonOf(call.function.arguments) })),
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
  #begun = false
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
    this.#begun = true
    this.#finishReason = choice.finish_reason ?? this.#finishReason
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta | undefined
    this.#refusal += delta?.refusal ?? ''
    for (const call of delta?.tool_calls ?? []) this.#addCall(call)
    const text = textOf(delta?.content)
    this.#content += text
    return text
  }

  /** The whole answer. @throws MODEL_STREAM_CUT if the stream ended before the model had, MODEL_FAILED if it was no such stream. */
  finish(request: ModelRequest): ModelResponse {
    if (!this.#begun) throw notAStream(request.model)
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
    call.arguments += jsonOf(delta.function?.arguments)
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
  const inputTokens = countOf(usage.prompt_tokens) ?? 0
  const outputTokens = countOf(usage.completion_tokens) ?? 0
  return { inputTokens, outputTokens, totalTokens: countOf(usage.total_tokens) ?? inputTokens + outputTokens }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** The text of a message; some servers send it in parts. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : ''
  return content.map(part => textOf((part as { text?: unknown } | null)?.text)).join('')
}

/** The arguments of a call as text; some servers send them as the object itself, or `null` where there are none. */
function jsonOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
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

function notAStream(model: string): ModelError {
  return new ModelError(
    `The server of model "${model}" did not answer with a stream of a chat completion, but with something that has none of its ` +
      'chunks. Trying again can help if a gateway is in between; else check `baseURL`, or turn `streaming` off.',
    { code: 'MODEL_FAILED', model, retryable: true },
  )
}
