import type { FinishReason, ModelRequest, ModelResponse, ModelUsage } from './model-client.js'
import { ModelError } from './model-error.js'
import type { ToolCall } from './model-message.js'

/** What a server may leave out of the type it promises: compatible ones do. */
export type Loose<T> = { [K in keyof T]?: T[K] | null | undefined }

/** What both APIs answer, before it is known which parts there are. */
export interface ModelAnswer {
  readonly content: string
  readonly reasoning: string
  readonly refusal: string
  readonly calls: readonly ToolCall[]
  readonly finishReason: FinishReason
  readonly usage: ModelUsage | undefined
  readonly model: string | undefined
  readonly requestId: string | undefined
}

/** An answer of either API as the port wants it. */
export function responseOf(request: ModelRequest, answer: ModelAnswer): ModelResponse {
  const { content, reasoning, refusal, calls, finishReason, usage, model, requestId } = answer
  return {
    content,
    ...(reasoning === '' ? {} : { reasoning }),
    // A call without an id could not be answered.
    toolCalls: calls.map((call, index) => ({ ...call, id: call.id || `call_${request.messages.length}_${index}` })),
    finishReason,
    ...(usage === undefined ? {} : { usage }),
    model: model || request.model,
    ...(refusal === '' ? {} : { refusal }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

/** Counts as the server gives them; what is no count is not known. */
export function usageOf(input: unknown, output: unknown, total: unknown): ModelUsage {
  const inputTokens = countOf(input) ?? 0
  const outputTokens = countOf(output) ?? 0
  return { inputTokens, outputTokens, totalTokens: countOf(total) ?? inputTokens + outputTokens }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** The arguments of a call as text; some servers send them as the object itself, or `null` where there are none. */
export function jsonOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** The stream ended, but the answer had not. */
export function streamCut(model: string, requestId: string | undefined): ModelError {
  return new ModelError(
    `The answer of model "${model}" ended in the middle: the stream closed before the model was done. Trying again can help.`,
    { code: 'MODEL_STREAM_CUT', model, retryable: true, ...(requestId === undefined ? {} : { requestId }) },
  )
}

/** The server answered with success, but with something else. */
export function notWhatWasAsked(what: string, model: string, requestId: string | undefined, or = ''): ModelError {
  return new ModelError(
    `The server of model "${model}" did not answer with ${what}. Trying again can help if a gateway is in between; else check ` +
      `\`baseURL\`${or}.`,
    { code: 'MODEL_FAILED', model, retryable: true, ...(requestId === undefined ? {} : { requestId }) },
  )
}
