import { randomUUID } from 'node:crypto'
import { ChatMessage } from '../../chat/index.js'
import type { RouteContext } from '../app.js'
import type { Principal } from '../principal.js'
import { readJson } from '../request-body.js'
import type { ServerContext } from '../server-context.js'
import type { Answer, AnswerEnd } from './answer.js'
import { ApiError, apiErrorBody, unsupported } from './api-error.js'
import { type Asked, readAsked, refuseUnsupported } from './asked.js'
import { answerMetadata, bodyOf, eventStreamHeaders, executionHeader, givenModel } from './chat-completions.js'
import { Delivery } from './delivery.js'
import type { Desk } from './desk.js'
import { isGiven } from './fields.js'
import type { ModelCatalogue } from './model-catalogue.js'
import { messageItem, ResponseFrames } from './response-frames.js'
import { readMessages } from './said-messages.js'
import type { StoredResponses } from './stored-responses.js'

/** Answers `POST /v1/responses`. */
export async function createResponse(
  server: ServerContext,
  models: ModelCatalogue,
  desk: Desk,
  stored: StoredResponses,
  context: RouteContext,
  principal: Principal,
): Promise<Response> {
  const request = context.req.raw
  const body = bodyOf(await readJson(request, server.limits))
  refuseUnsupported(body)
  refuseUnsupportedHere(body)
  const previous = textField(body, 'previous_response_id')
  const instructions = textField(body, 'instructions')
  const input = readInput(body['input'])
  const before =
    previous === undefined ? [] : await stored.conversation(previous, principal.tenant, 8 * server.limits.maxBodyBytes)
  const told = instructions === undefined ? [] : [new ChatMessage('system', instructions)]
  const asked = readAsked(body, [...told, ...before, ...input], 'input')
  const model = await models.find(principal, asked.model)
  const delivery = new Delivery({ server, request, detached: asked.detached })
  const answer = await delivery.begin(() => desk.begin(principal, model, asked))
  const id = `resp_${randomUUID().replaceAll('-', '')}`
  const isKept = body['store'] !== false
  const shell = responseShell(server, id, body, answer, asked)
  const keep = async (response: Readonly<Record<string, unknown>>, output?: string): Promise<void> => {
    if (!isKept) return
    await stored.keep(id, {
      tenant: principal.tenant,
      input,
      response,
      ...(previous === undefined ? {} : { previous }),
      ...(output === undefined ? {} : { output }),
    })
  }
  const itemId = `msg_${randomUUID().replaceAll('-', '')}`
  const complete = async (end: AnswerEnd, text: string, output: readonly object[]): Promise<object> => {
    const response = completed(shell, answer, asked, end, output)
    await keep(response, text)
    return response
  }
  if (asked.stream) {
    const frames = new ResponseFrames({
      shell,
      itemId,
      complete,
      fail: async thrown => {
        const { code, message } = apiErrorBody(thrown)
        const response = { ...shell, status: 'failed', error: { code: code ?? 'server_error', message } }
        await keep(response)
        return response
      },
    })
    return context.body(delivery.stream(answer, frames), 200, { ...eventStreamHeaders, ...executionHeader(answer) })
  }
  const end = await delivery.whole(answer)
  return context.json(
    (await complete(end, end.text, [messageItem(itemId, end.text)])) as Record<string, never>,
    200,
    executionHeader(answer),
  )
}

/** What a response has from its beginning on. */
function responseShell(
  { clock }: ServerContext,
  id: string,
  body: Readonly<Record<string, unknown>>,
  answer: Answer,
  asked: Asked,
): Readonly<Record<string, unknown>> {
  return {
    id,
    object: 'response',
    created_at: Math.floor(clock.now() / 1000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: null,
    model: givenModel(body),
    output: [],
    parallel_tool_calls: false,
    previous_response_id: body['previous_response_id'] ?? null,
    store: body['store'] !== false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'none',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    usage: null,
    metadata: answerMetadata(answer, asked, {}),
  }
}

function completed(
  shell: Readonly<Record<string, unknown>>,
  answer: Answer,
  asked: Asked,
  end: AnswerEnd,
  output: readonly object[],
): Readonly<Record<string, unknown>> {
  const { input, output: written } = end.usage
  return {
    ...shell,
    status: 'completed',
    output,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: written,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + written,
    },
    metadata: answerMetadata(answer, asked, end),
  }
}

function readInput(input: unknown): readonly ChatMessage[] {
  if (typeof input === 'string') return [new ChatMessage('user', input)]
  return readMessages(input, 'input')
}

function textField(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name]
  if (!isGiven(value)) return undefined
  if (typeof value === 'string') return value
  throw new ApiError(400, { message: `${name} has to be a text.`, param: name, code: 'invalid_type' })
}

function refuseUnsupportedHere(body: Readonly<Record<string, unknown>>): void {
  if (body['background'] === true)
    throw unsupported('background', 'background is not taken: execute the orchestration over the REST API for that.')
  if (isGiven(body['conversation']))
    throw unsupported('conversation', 'conversation is not taken: go on with previous_response_id.')
  if (isGiven(body['prompt'])) throw unsupported('prompt', 'prompt is not taken: there are no stored prompts here.')
}
