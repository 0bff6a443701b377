import OpenAI, { type APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { serveOpenAI, untilRun } from './openai-server.js'
import { tokens } from './served.js'

const ask = (content: string) => [{ role: 'user' as const, content }]

/** An error as it comes. */
interface Refused {
  readonly error: { readonly message: string; readonly errors: readonly { readonly path: string }[] }
}

/** What a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<APIError> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof OpenAI.APIError)) throw new Error(`Not refused: ${String(thrown)}`)
  return thrown
}

describe('what goes wrong, as the official client tells it', () => {
  it('is an AuthenticationError for a key that the server does not know, and a PermissionDeniedError without the scope', async () => {
    const { clientOf } = await serveOpenAI()
    const unknown = await refusal(clientOf('no-such-key-at-all').models.list().asResponse())
    expect(unknown).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(unknown).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' })
    expect(unknown.requestID).toEqual(expect.any(String))
    const reader = clientOf(tokens.read)
    expect((await reader.models.list()).data.length).toBeGreaterThan(0)
    const forbidden = await refusal(reader.chat.completions.create({ model: 'Recall', messages: ask('x') }))
    expect(forbidden).toBeInstanceOf(OpenAI.PermissionDeniedError)
  })

  it('is a NotFoundError with the nearest names for a model that there is not', async () => {
    const { client } = await serveOpenAI()
    const unknown = await refusal(client.chat.completions.create({ model: 'Recal', messages: ask('x') }))
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError)
    expect(unknown).toMatchObject({ code: 'model_not_found', param: 'model', type: 'invalid_request_error' })
    expect(unknown.message).toContain('Did you mean "Recall"?')
    expect(await refusal(client.models.retrieve('workflow/nothing'))).toMatchObject({ status: 404 })
    expect(await refusal(client.embeddings.create({ model: 'x', input: 'y' }))).toMatchObject({
      status: 404,
      code: 'not_found',
    })
  })

  it('is an UnprocessableEntityError that names every place of an input that is not what the model takes', async () => {
    const { client, handler } = await serveOpenAI()
    const noJson = await refusal(client.chat.completions.create({ model: 'Forecast', messages: ask('Oslo please') }))
    expect(noJson).toBeInstanceOf(OpenAI.UnprocessableEntityError)
    expect(noJson.message).toContain('Place')
    const wrong = await refusal(
      client.chat.completions.create({ model: 'Forecast', messages: ask('{"city": 1, "days": 0}') }),
    )
    expect(wrong).toMatchObject({ status: 422, code: 'payload_invalid', param: 'city' })
    expect((wrong.error as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(['city', 'days'])
    expect((await handler.server.host.store.list()).runs).toEqual([])
  })

  it.each([
    ['tools', { tools: [{ type: 'function' as const, function: { name: 'f' } }] }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['tool_choice', { tool_choice: 'required' as const }],
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['modalities', { modalities: ['text' as const, 'audio' as const] }],
    ['response_format', { response_format: { type: 'json_object' as const } }],
  ])('is a BadRequestError for %s, which cannot be given', async (param, more) => {
    const { client } = await serveOpenAI()
    const refused = await refusal(client.chat.completions.create({ model: 'Recall', messages: ask('x'), ...more }))
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
    expect(refused).toMatchObject({ param, code: 'unsupported_parameter', type: 'invalid_request_error' })
  })

  it('lets through what clients always send and what has no effect here', async () => {
    const { client } = await serveOpenAI()
    const more = {
      tools: [],
      tool_choice: 'none' as const,
      n: 1,
      logprobs: false,
      stop: ['x'],
      seed: 1,
      top_p: 1,
      session_id: 's',
    }
    const body = { model: 'Recall', messages: ask('x'), response_format: { type: 'text' as const }, ...more }
    expect((await client.chat.completions.create(body)).choices[0]?.message.content).toBe('user: x')
  })

  it('lists everything that is wrong with messages', async () => {
    const { url } = await serveOpenAI()
    const send = async (body: unknown) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return { status: response.status, ...((await response.json()) as Refused) }
    }
    const messages = [
      { role: 'wizard', content: 'x' },
      { role: 'tool', content: 'x', tool_call_id: 'c' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c' }] },
      { role: 'user', content: [{ type: 'input_audio' }, { type: 'text' }] },
      { role: 'user' },
      7,
    ]
    const { status, error } = await send({ model: 'Recall', messages })
    expect(status).toBe(400)
    expect(error.errors.map(({ path }) => path)).toEqual([
      'messages[0].role',
      'messages[1]',
      'messages[2]',
      'messages[3].content[0].type',
      'messages[3].content[1].text',
      'messages[4].content',
      'messages[5].role',
    ])
    for (const body of [
      '{',
      [],
      'null',
      {},
      { model: 'Recall' },
      { model: 'Recall', messages: [] },
      { messages: ask('x') },
    ]) {
      const refused = await send(body)
      expect(refused.status).toBe(400)
      expect(refused.error).toEqual(
        expect.objectContaining({ message: expect.any(String), type: 'invalid_request_error' }),
      )
    }
    const last = { model: 'Recall', messages: [...ask('x'), { role: 'assistant', content: 'y' }] }
    expect((await send(last)).error.message).toContain('last message')
    expect((await send({ model: 'Recall', messages: ask('x'.repeat(2 ** 20)) })).status).toBe(413)
    const picture = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }]
    expect((await send({ model: 'Recall', messages: [{ role: 'user', content: picture }] })).error.message).toContain(
      'takes text',
    )
    expect((await send({ model: 'parrot', messages: [{ role: 'user', content: picture }] })).status).toBe(200)
  })

  it('is an InternalServerError for a run that fails, which the client does not start again', async () => {
    const { clientOf, handler } = await serveOpenAI()
    const client = clientOf(tokens.all, { maxRetries: 2 })
    const failed = await refusal(client.chat.completions.create({ model: 'Failing', messages: ask('x') }))
    expect(failed).toBeInstanceOf(OpenAI.InternalServerError)
    expect(failed.message).toContain('it broke')
    expect(JSON.stringify(failed)).not.toContain('secret')
    expect((await handler.server.host.store.list({ orchestration: 'Failing' })).runs).toHaveLength(1)
  })

  it('ends a stream with an error that the client throws', async () => {
    const { client } = await serveOpenAI()
    const stream = await client.chat.completions.create({ model: 'Failing', messages: ask('x'), stream: true })
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.choices[0]?.finish_reason).toBeNull()
    }
    const failed = await refusal(read())
    expect(failed).toMatchObject({ type: 'server_error', code: expect.any(String) })
    expect(failed.message).toContain('it broke')
  })

  it('is a RateLimitError when too many runs are under way, and 503 for too many answers at once', async () => {
    const { client, hold, handler } = await serveOpenAI({ limits: { maxRuns: 1 } })
    const first = client.chat.completions.create({ model: 'Hold', messages: ask('x') })
    await hold.reached
    const refused = await refusal(client.chat.completions.create({ model: 'Recall', messages: ask('x') }))
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError)
    expect(refused.headers?.get('retry-after')).toBe('1')
    hold.open()
    await first
    expect(handler.server.streams.open).toBe(0)
    const small = await serveOpenAI({ limits: { maxStreams: 1 } })
    const stream = await small.client.chat.completions.create({ model: 'Hold', messages: ask('x'), stream: true })
    await small.hold.reached
    expect(await refusal(small.client.chat.completions.create({ model: 'Recall', messages: ask('x') }))).toMatchObject({
      status: 503,
      code: 'unavailable',
    })
    const [run] = (await small.handler.server.host.store.list()).runs
    stream.controller.abort()
    await untilRun(small.handler, run?.runId ?? '', 'cancelled')
  })

  it('is told of a method that a path does not answer', async () => {
    const { url } = await serveOpenAI()
    const response = await fetch(`${url}/v1/models`, { method: 'PUT' })
    expect(response.status).toBe(405)
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
  })
})
