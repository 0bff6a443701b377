import {
  type FinishReason,
  type ModelCallOptions,
  type ModelClient,
  type ModelRequest,
  type ModelResponse,
  type ModelUsage,
  textOf,
} from '../agents/index.js'
import { OrchestrationError } from '../errors/index.js'

/** A tool call of a {@link ScriptedAnswer}. */
export interface ScriptedToolCall {
  readonly name: string
  /** A string goes out as it is, so that broken JSON can be scripted too. @default {} */
  readonly arguments?: unknown
  /** @default `call_<number>`, counted over the model's life from 1 */
  readonly id?: string
}

/** An answer, part by part. */
export interface ScriptedAnswer {
  /** @default '' */
  readonly text?: string
  /** A structured output; becomes the text. What is no object is wrapped as the request's schema asks. */
  readonly object?: unknown
  /** @default none */
  readonly toolCalls?: readonly ScriptedToolCall[]
  /** @default 'tool_calls' if there are some, else 'stop' */
  readonly finishReason?: FinishReason
  readonly refusal?: string
  /** @default none is shown */
  readonly reasoning?: string
  /** @default one token a word */
  readonly usage?: ModelUsage
}

/**
 * What a {@link ScriptedModel} answers a call with: a text, an answer, an error to fail with, or a function that decides when the
 * call comes.
 */
export type ScriptedReply =
  | string
  | ScriptedAnswer
  | Error
  | ((request: ModelRequest, options: ModelCallOptions) => ScriptedReply | Promise<ScriptedReply>)

/**
 * A model that answers from a script, for tests: the first call with the first reply, and so on. It fails on a call for which there
 * is no reply left, and {@link ScriptedModel.assertDone} on replies nobody asked for.
 *
 * ```ts
 * const model = new ScriptedModel([{ toolCalls: [{ name: 'search', arguments: { query: 'x' } }] }, 'Found it.'])
 * const result = await AgentRunner.run(new Agent({ client: model, model: 'scripted', tools: [search] }), 'Find x')
 * model.assertDone()
 * ```
 *
 * Text is streamed word by word where deltas are wanted.
 */
export class ScriptedModel implements ModelClient {
  /** Every request so far, in order. */
  readonly requests: ModelRequest[] = []
  readonly #replies: readonly ScriptedReply[]
  #used = 0
  #toolCalls = 0

  constructor(replies: readonly ScriptedReply[]) {
    this.#replies = [...replies]
  }

  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const { signal, onDelta, onReasoning } = options
    signal?.throwIfAborted()
    this.requests.push(request)
    const reply = this.#replies[this.#used]
    if (reply === undefined) throw unexpected(request, this.#replies.length)
    this.#used++
    const answer = await decided(reply, request, options)
    signal?.throwIfAborted()
    const response = this.#response(request, answer)
    if (response.reasoning !== undefined) onReasoning?.(response.reasoning)
    if (onDelta !== undefined) {
      for (const word of response.content.match(/\S+\s*|\s+/g) ?? []) {
        // Words do not come all at once from a real stream either, so an abort can come in between.
        await Promise.resolve()
        signal?.throwIfAborted()
        onDelta(word)
      }
    }
    return response
  }

  /** @throws if replies are left over: fewer calls came than the script expects */
  assertDone(): void {
    const left = this.#replies.length - this.#used
    if (left === 0) return
    throw new Error(`The script has ${left} of ${this.#replies.length} replies left that no call has asked for.`)
  }

  #response(request: ModelRequest, answer: ScriptedAnswer): ModelResponse {
    const { text = '', object, toolCalls = [], refusal, reasoning } = answer
    const content = object === undefined ? text : JSON.stringify(asAsked(object, request))
    return {
      content,
      ...(reasoning === undefined ? {} : { reasoning }),
      toolCalls: toolCalls.map(({ name, arguments: given = {}, id }) => ({
        id: id ?? `call_${++this.#toolCalls}`,
        name,
        arguments: typeof given === 'string' ? given : JSON.stringify(given),
      })),
      finishReason: answer.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
      usage: answer.usage ?? countedUsage(request, content),
      model: request.model,
      ...(refusal === undefined ? {} : { refusal }),
    }
  }
}

async function decided(
  reply: ScriptedReply,
  request: ModelRequest,
  options: ModelCallOptions,
): Promise<ScriptedAnswer> {
  if (typeof reply === 'function') return decided(await reply(request, options), request, options)
  if (reply instanceof Error) throw reply
  return typeof reply === 'string' ? { text: reply } : reply
}

function asAsked(object: unknown, { output }: ModelRequest): unknown {
  const properties = Object.keys(output?.schema.properties ?? {})
  const isObject = typeof object === 'object' && object !== null && !Array.isArray(object)
  const [only] = properties
  return isObject || only === undefined || properties.length > 1 ? object : { [only]: object }
}

function countedUsage({ messages }: ModelRequest, content: string): ModelUsage {
  const inputTokens = messages.reduce((words, message) => words + countWords(textOf(message)), 0)
  const outputTokens = countWords(content)
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}

function unexpected({ messages }: ModelRequest, replies: number): OrchestrationError {
  const last = messages.at(-1)
  const said =
    last === undefined ? 'without messages' : `whose last message is ${last.role}: ${JSON.stringify(last.content)}`
  return new OrchestrationError(
    `The script has ${replies === 1 ? 'one reply' : `${replies} replies`}, all used, but another call came, ${said}`,
    { code: 'MODEL_FAILED', details: { replies } },
  )
}
