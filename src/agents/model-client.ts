import type { JsonSchema } from '../schema/index.js'
import type { ModelMessage, ToolCall } from './model-message.js'

/** A tool as the model sees it. */
export interface ModelTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments; an object. */
  readonly parameters: JsonSchema
  /** Whether the server shall hold the model to the schema; the schema is then written for OpenAI's strict mode. */
  readonly strict: boolean
}

/** What the answer must look like. */
export interface ModelOutputSchema {
  /**
   * What the server is told of it: the schema; only that the answer is a JSON object; nothing. In the last two cases the messages tell
   * the model. @default 'schema'
   */
  readonly mode?: 'schema' | 'json' | 'prompt'
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string
  /** JSON Schema with an object at its root. */
  readonly schema: JsonSchema
  /** Whether the server shall hold the model to the schema; the schema is then written for OpenAI's strict mode. */
  readonly strict: boolean
}

/** Whether and which tools the model calls: as it likes, never, at least one, or this one. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/**
 * How the model generates. What is left out is left to the server. What an API does not know is refused with OPTION_INVALID, never
 * dropped: the responses API knows neither `seed` nor `stop`.
 */
export interface ModelSettings {
  readonly temperature?: number
  readonly topP?: number
  /** How many tokens the answer may have, reasoning included. */
  readonly maxTokens?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'
  /** Whether the model may call several tools at once. Plays no part in a request without tools. */
  readonly parallelToolCalls?: boolean
  /** Goes into the request's body as it is, over everything else: what only this server knows. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** One call to a model. Plain data. */
export interface ModelRequest {
  readonly model: string
  readonly messages: readonly ModelMessage[]
  /** @default none */
  readonly tools?: readonly ModelTool[]
  /** Plays no part in a request without tools. */
  readonly toolChoice?: ToolChoice
  /** @default free text */
  readonly output?: ModelOutputSchema
  readonly settings?: ModelSettings
}

/** What a call used, in tokens. */
export interface ModelUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/** Why the model stopped: done, token limit, to call tools, content filter, anything else. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other'

/** What a model answered. Plain data. */
export interface ModelResponse {
  /** The empty string if there is no text. */
  readonly content: string
  /** What the model let be seen of its reasoning; missing if nothing. */
  readonly reasoning?: string
  /** In the model's order; empty if it calls none. */
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason: FinishReason
  /** Missing if the server does not say, and if nothing was used because the answer was at hand. */
  readonly usage?: ModelUsage
  /** The model that answered, as the server calls it. */
  readonly model: string
  /** The model's words if it declined to answer. */
  readonly refusal?: string
  /** What the server calls the request; its support asks for it. */
  readonly requestId?: string
}

/** What goes with a {@link ModelRequest} but is no data. */
export interface ModelCallOptions {
  /** Aborts the call, down to the connection. */
  readonly signal?: AbortSignal
  /** Wants the text as it comes. Called in order, never after `complete` has settled; must not throw. */
  readonly onDelta?: (text: string) => void
  /** Wants what is shown of the reasoning as it comes; the same rules. */
  readonly onReasoning?: (text: string) => void
  /**
   * Whether the client may try a failed call again by itself. False where somebody around the call does: tries that nobody sees
   * would multiply his. What a model was told explicitly goes before it. @default true
   */
  readonly ownRetries?: boolean
}

/**
 * The port to a language model: one request, one answer. Agents know nothing else of a model.
 *
 * An implementation
 * - keeps nothing between calls, and may be called any number of times at once;
 * - resolves only with a complete answer: one that was cut off on its way is `MODEL_STREAM_CUT`. A refusal, a hit token limit
 *   and a content filter are answers too; the caller decides what they mean;
 * - rejects with a {@link ModelError}, whose `retryable` says whether the same call may succeed later; it does not retry
 *   after a first delta was delivered;
 * - when `signal` aborts, gives up at once and rejects with the signal's reason;
 * - does not change the request, and owns no connection that would have to be closed.
 */
export interface ModelClient {
  complete(request: ModelRequest, options?: ModelCallOptions): Promise<ModelResponse>
}
