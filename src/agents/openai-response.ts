import type OpenAI from 'openai'
import type { FinishReason, ModelRequest, ModelResponse } from './model-client.js'
import type { ModelError } from './model-error.js'
import {
  jsonOf,
  type Loose,
  type ModelAnswer,
  notWhatWasAsked,
  responseOf,
  streamCut,
  usageOf,
} from './openai-answer.js'
import { type ReportedError, ServerReport } from './openai-error.js'

/** Where compatible servers show the reasoning: the API itself has no place for it. */
interface ShownReasoning {
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
}

/** An answer of the chat completions API in one piece. @throws MODEL_FAILED if it is none */
export function openAiResponse(
  completion: OpenAI.ChatCompletion,
  request: ModelRequest,
  requestId: string | undefined,
): ModelResponse {
  const choice = (completion as Loose<OpenAI.ChatCompletion> | null)?.choices?.[0]
  const message = choice?.message
  if (!choice || !message) throw notACompletion(completion, request.model, requestId)
  const calls = (message.tool_calls ?? []).filter(call => call.type === 'function')
  return modelResponse(request, {
    content: textOf(message.content),
    reasoning: reasoningOf(message),
    refusal: message.refusal ?? '',
    calls: calls.map(call => ({ id: call.id, name: call.function.name, arguments: jsonOf(call.function.arguments) })),
    finishReason: choice.finish_reason,
    usage: completion.usage,
    model: completion.model,
    requestId,
  })
}

/** Puts a streamed answer together. */
export class OpenAiAnswer {
  readonly #calls = new Map<number | string, { id: string; name: string; arguments: string }>()
  #content = ''
  #reasoning = ''
  #refusal = ''
  #begun = false
  #finishReason: string | undefined
  #usage: OpenAI.CompletionUsage | null | undefined
  #model: string | undefined

  /** Takes up a chunk. Returns the text and the reasoning in it. */
  add(chunk: OpenAI.ChatCompletionChunk): { readonly text: string; readonly reasoning: string } {
    this.#model ??= chunk.model
    this.#usage = chunk.usage ?? this.#usage
    // The last chunk, with the usage, has no choices.
    const choice = (chunk as Loose<OpenAI.ChatCompletionChunk>).choices?.[0]
    if (!choice) return { text: '', reasoning: '' }
    this.#begun = true
    this.#finishReason = choice.finish_reason ?? this.#finishReason
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta | undefined
    this.#refusal += delta?.refusal ?? ''
    for (const call of delta?.tool_calls ?? []) this.#addCall(call)
    const text = textOf(delta?.content)
    const reasoning = reasoningOf(delta)
    this.#content += text
    this.#reasoning += reasoning
    return { text, reasoning }
  }

  /** The whole answer. @throws MODEL_STREAM_CUT if the stream ended before the model had, MODEL_FAILED if it was no such stream. */
  finish(request: ModelRequest, requestId: string | undefined): ModelResponse {
    if (!this.#begun) throw notAStream(request.model, requestId)
    if (this.#finishReason === undefined) throw streamCut(request.model, requestId)
    return modelResponse(request, {
      content: this.#content,
      reasoning: this.#reasoning,
      refusal: this.#refusal,
      calls: [...this.#calls.values()],
      finishReason: this.#finishReason,
      usage: this.#usage,
      model: this.#model,
      requestId,
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

const finishReasons: ReadonlySet<FinishReason> = new Set(['stop', 'length', 'tool_calls', 'content_filter'])

interface Parts extends Pick<ModelAnswer, 'content' | 'reasoning' | 'refusal' | 'calls' | 'model' | 'requestId'> {
  readonly finishReason: string | null | undefined
  readonly usage: OpenAI.CompletionUsage | null | undefined
}

function modelResponse(request: ModelRequest, { finishReason, usage, ...parts }: Parts): ModelResponse {
  return responseOf(request, {
    ...parts,
    finishReason: finishReasons.has(finishReason as FinishReason) ? (finishReason as FinishReason) : 'other',
    usage: usage ? usageOf(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) : undefined,
  })
}

function reasoningOf(shown: unknown): string {
  const { reasoning_content, reasoning } = (shown ?? {}) as ShownReasoning
  // Some servers fill both, with the same.
  return textOf(reasoning_content) || textOf(reasoning)
}

/** The text of a message; some servers send it in parts. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : ''
  return content.map(part => textOf((part as { text?: unknown } | null)?.text)).join('')
}

function notACompletion(answer: unknown, model: string, requestId: string | undefined): Error {
  const error = (answer as { error?: Partial<ReportedError> | null } | null)?.error
  const { message } = error ?? {}
  if (typeof message === 'string') return new ServerReport({ ...error, message })
  return notWhatWasAsked('a chat completion, but with something without choices', model, requestId)
}

function notAStream(model: string, requestId: string | undefined): ModelError {
  const what = 'a stream of a chat completion, but with something that has none of its chunks'
  return notWhatWasAsked(what, model, requestId, ', or turn `streaming` off')
}
