import { randomUUID } from 'node:crypto'
import type { RouteContext } from '../app.js'
import type { Principal } from '../principal.js'
import { readJson } from '../request-body.js'
import type { ServerContext } from '../server-context.js'
import type { Answer, AnswerEnd, AnswerUsage } from './answer.js'
import { ApiError, apiErrorBody } from './api-error.js'
import { type Asked, readAsked, refuseUnsupported } from './asked.js'
import { type AnswerFrames, Delivery } from './delivery.js'
import type { Desk } from './desk.js'
import { fieldsOf } from './fields.js'
import type { ModelCatalogue } from './model-catalogue.js'
import { readMessages } from './said-messages.js'

/** Answers `POST /v1/chat/completions`. */
export async function chatCompletion(
  server: ServerContext,
  models: ModelCatalogue,
  desk: Desk,
  context: RouteContext,
  principal: Principal,
): Promise<Response> {
  const request = context.req.raw
  const body = bodyOf(await readJson(request, server.limits))
  refuseUnsupported(body)
  const asked = readAsked(body, readMessages(body['messages'], 'messages'), 'messages')
  const { include_usage: withUsage } = fieldsOf(body['stream_options'])
  const model = await models.find(principal, asked.model)
  const delivery = new Delivery({ server, request, detached: asked.detached })
  const answer = await delivery.begin(() => desk.begin(principal, model, asked))
  const headers = executionHeader(answer)
  const made = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(server.clock.now() / 1000),
    model: givenModel(body),
  }
  if (asked.stream) {
    const frames = new CompletionFrames(made, answer, asked, withUsage === true)
    return context.body(delivery.stream(answer, frames), 200, { ...eventStreamHeaders, ...headers })
  }
  const end = await delivery.whole(answer)
  const message = { role: 'assistant', content: end.text, refusal: null }
  return context.json(
    {
      ...made,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
      usage: usageOf(end.usage),
      metadata: answerMetadata(answer, asked, end),
    },
    200,
    headers,
  )
}

/** @throws ApiError 400 */
export function bodyOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Readonly<Record<string, unknown>>
  throw new ApiError(400, { message: 'The body has to be a JSON object.', code: 'invalid_type' })
}

/** The model as the client has named it. */
export function givenModel(body: Readonly<Record<string, unknown>>): string {
  return String(body['model'])
}

/** What every stream of answers has. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const

/** The header that names the run of an answer. */
export function executionHeader({ executionId }: Answer): Readonly<Record<string, string>> {
  // Ids may have characters that headers must not.
  return executionId === undefined ? {} : { 'x-execution-id': encodeURIComponent(executionId) }
}

/** What the client has sent, and what the answer belongs to. */
export function answerMetadata(
  { executionId }: Answer,
  { metadata }: Asked,
  { requestId }: Partial<AnswerEnd>,
): Readonly<Record<string, unknown>> {
  return {
    ...metadata,
    ...(executionId === undefined ? {} : { execution_id: executionId }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
  }
}

function usageOf({ input, output }: AnswerUsage): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}

/** The chunks of a chat completion. */
class CompletionFrames implements AnswerFrames {
  readonly #made: object
  readonly #answer: Answer
  readonly #asked: Asked
  readonly #withUsage: boolean

  constructor(made: object, answer: Answer, asked: Asked, withUsage: boolean) {
    this.#made = { ...made, object: 'chat.completion.chunk' }
    this.#answer = answer
    this.#asked = asked
    this.#withUsage = withUsage
  }

  begin(): string {
    return this.#chunk({ role: 'assistant', content: '' })
  }

  piece(piece: Parameters<AnswerFrames['piece']>[0]): string {
    if (piece.type === 'text') return this.#chunk({ content: piece.text })
    // What models think has no place in this API; this is where the clients that show it look for it.
    if (piece.type === 'progress') return this.#chunk({ reasoning_content: piece.text })
    const metadata = answerMetadata(this.#answer, this.#asked, piece)
    const usage = this.#withUsage ? frameOf({ ...this.#made, choices: [], usage: usageOf(piece.usage) }) : ''
    return `${this.#chunk({}, 'stop', { metadata })}${usage}data: [DONE]\n\n`
  }

  failure(thrown: unknown): string {
    return frameOf({ error: apiErrorBody(thrown) })
  }

  #chunk(delta: object, finishReason: 'stop' | null = null, more: object = {}): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }]
    return frameOf({ ...this.#made, choices, ...(this.#withUsage ? { usage: null } : {}), ...more })
  }
}

function frameOf(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}
