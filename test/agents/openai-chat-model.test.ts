import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LLMock } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunner,
  ModelError,
  type ModelRequest,
  OpenAIChatModel,
  tool,
} from '../../src/agents/index.js'
import { SearchItem, SearchPlan } from './payloads.js'

const hello: ModelRequest = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }
const key = 'sk-test-0123456789'

function connect(baseURL: string, more: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ apiKey: key, baseURL, maxRetries: 0, logLevel: 'off', ...more })
}

async function failureOf(call: Promise<unknown>): Promise<ModelError> {
  return call.then(
    () => expect.unreachable('the call should have failed'),
    (thrown: unknown) => thrown as ModelError,
  )
}

describe('the chat completions API, over HTTP', () => {
  const mock = new LLMock({ port: 0 })
  let client: OpenAI
  let model: OpenAIChatModel

  beforeAll(async () => {
    await mock.start()
    client = connect(`${mock.url}/v1`)
    model = new OpenAIChatModel(client)
  })
  afterEach(() => {
    mock.clearFixtures()
    mock.clearRequests()
  })
  afterAll(() => mock.stop())

  const body = (index = -1) => mock.getRequests().at(index)?.body as Record<string, unknown>

  it('answers in one piece where no deltas are wanted', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
    mock.onMessage('hello', { content: 'Hi there!', usage, model: 'gpt-4o-2024' })
    expect(await model.complete(hello)).toEqual({
      content: 'Hi there!',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
      model: 'gpt-4o-2024',
    })
    expect(body()['stream']).toBeFalsy()
  })

  it('streams where deltas are wanted, with usage, and they add up to the answer', async () => {
    const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
    mock.onMessage('hello', { content: 'Hi there, how are you today?', usage }, { chunkSize: 4 })
    const deltas: string[] = []
    const response = await model.complete(hello, { onDelta: text => deltas.push(text) })
    expect(deltas.length).toBeGreaterThan(3)
    expect(deltas.join('')).toBe('Hi there, how are you today?')
    expect(response).toMatchObject({ content: deltas.join(''), finishReason: 'stop', usage: { totalTokens: 18 } })
    expect(body()).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  it.each([false, true])('puts tool calls together, streaming: %s', async streaming => {
    const toolCalls = [
      { name: 'search', arguments: '{"query":"one thing","limit":null}', id: 'call_a' },
      { name: 'search', arguments: '{"query":"another thing","limit":3}', id: 'call_b' },
    ]
    mock.onMessage('hello', { toolCalls }, { chunkSize: 5 })
    const response = await model.complete(hello, streaming ? { onDelta: () => {} } : {})
    expect(response.toolCalls).toEqual(toolCalls)
    expect(response.finishReason).toBe('tool_calls')
  })

  it.each([false, true])(
    'S4-18 S4-21 lets an agent use tools and come to a typed output, streaming: %s',
    async streaming => {
      const plan = { topic: 'health', items: [{ query: 'AI', limit: null }] }
      mock.on(
        { userMessage: 'plan', hasToolResult: false },
        { toolCalls: [{ name: 'search', arguments: '{"query":"AI","limit":null}', id: 'call_a' }] },
      )
      mock.on(
        { userMessage: 'plan', hasToolResult: true, responseFormat: 'json_schema' },
        { content: JSON.stringify(plan) },
      )
      const search = tool({
        name: 'search',
        description: 'Searches',
        parameters: SearchItem,
        execute: item => `${item instanceof SearchItem}: ${item.query}`,
      })
      const agent = new Agent({ client, model: 'gpt-4o', outputSchema: SearchPlan, tools: [search], streaming })
      const events: AgentEvent[] = []
      const { output } = await AgentRunner.run(agent, 'plan', { onEvent: event => events.push(event) })
      expect(output).toBeInstanceOf(SearchPlan)
      expect(events.some(event => event.type === 'agent.delta')).toBe(streaming)
      expect(body().messages).toMatchObject([
        { role: 'system' },
        { role: 'user', content: 'plan' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call_a', type: 'function' }] },
        { role: 'tool', tool_call_id: 'call_a', content: 'true: AI' },
      ])
      expect(body().response_format).toMatchObject({
        type: 'json_schema',
        json_schema: { name: 'SearchPlan', strict: true, schema: { additionalProperties: false } },
      })
      expect(body().tools).toMatchObject([{ type: 'function', function: { name: 'search', strict: true } }])
    },
  )

  it('has an invalid output repaired by the same server', async () => {
    const invalid = JSON.stringify({ topic: 1, items: [] })
    const valid = JSON.stringify({ topic: 'x', items: [] })
    mock.onMessage('topic must be a string', { content: valid })
    mock.onMessage('plan', { content: invalid })
    const { output, turns } = await AgentRunner.run(
      new Agent({ client, model: 'gpt-4o', outputSchema: SearchPlan }),
      'plan',
    )
    expect(output.topic).toBe('x')
    expect(turns).toBe(2)
  })

  it('sends settings by the names of the API, and extras as they are', async () => {
    mock.onMessage('hello', { content: 'ok' })
    const settings = {
      temperature: 0.2,
      topP: 0.9,
      maxTokens: 100,
      seed: 7,
      stop: ['END'],
      reasoningEffort: 'low',
      extra: { service_tier: 'flex' },
    } as const
    await model.complete({ ...hello, settings, toolChoice: 'required' })
    expect(body()).toMatchObject({
      temperature: 0.2,
      top_p: 0.9,
      max_completion_tokens: 100,
      seed: 7,
      stop: ['END'],
      reasoning_effort: 'low',
      service_tier: 'flex',
    })
    expect(body()).not.toHaveProperty('tool_choice')
  })

  it.each([false, true])('is MODEL_RATE_LIMITED with the time to wait on 429, streaming: %s', async streaming => {
    mock.onMessage('hello', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
    const failure = await failureOf(model.complete(hello, streaming ? { onDelta: () => {} } : {}))
    expect(failure).toBeInstanceOf(ModelError)
    expect(failure).toMatchObject({ code: 'MODEL_RATE_LIMITED', status: 429, retryable: true, retryAfterMs: 3000 })
    expect(failure.message).toContain('Trying again after 3000 ms can help.')
    expect(failure.requestId).toEqual(expect.any(String))
    expect(failure.details).toMatchObject({ model: 'gpt-4o', status: 429, requestId: failure.requestId })
  })

  it('is no use to retry when the quota is used up, which is a 429 too', async () => {
    mock.onMessage('hello', { error: { message: 'No credit', code: 'insufficient_quota' }, status: 429 })
    expect(await failureOf(model.complete(hello))).toMatchObject({ code: 'MODEL_RATE_LIMITED', retryable: false })
  })

  it('is MODEL_AUTHENTICATION on 401, and repeats nothing of the key the server quotes', async () => {
    mock.onMessage('hello', { error: { message: `Incorrect API key provided: ${key}` }, status: 401 })
    const failure = await failureOf(model.complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_AUTHENTICATION', status: 401, retryable: false })
    expect(JSON.stringify(failure) + failure.stack).not.toContain(key)
    expect(failure.cause).toBeUndefined()
  })

  it.each([
    [500, true],
    [503, true],
    [400, false],
    [404, false],
    [422, false],
  ])('is MODEL_FAILED on %i, retryable: %s', async (status, retryable) => {
    mock.onMessage('hello', { error: { message: 'Nope' }, status })
    const failure = await failureOf(model.complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', status, retryable })
    expect(failure.message).toContain(retryable ? 'can help' : 'will not help')
    expect(failure.cause).toBeInstanceOf(OpenAI.APIError)
  })

  it("is MODEL_CONTENT_FILTERED when the server's filter refuses the prompt", async () => {
    mock.onMessage('hello', { error: { message: 'Filtered', code: 'content_filter' }, status: 400 })
    expect(await failureOf(model.complete(hello))).toMatchObject({ code: 'MODEL_CONTENT_FILTERED', retryable: false })
  })

  it("leaves the client's own retries on by default, and passes on how many there shall be", async () => {
    const retrying = connect(`${mock.url}/v1`, { maxRetries: 1 })
    mock.onMessage('hello', { error: { message: 'Nope' }, status: 500 })
    await failureOf(new OpenAIChatModel(retrying).complete(hello))
    expect(mock.getRequests()).toHaveLength(2)
    mock.clearRequests()
    await failureOf(new OpenAIChatModel(retrying, { maxRetries: 0 }).complete(hello))
    expect(mock.getRequests()).toHaveLength(1)
  })

  it('is MODEL_STREAM_CUT when the stream is cut off, after what has come so far', async () => {
    const content = 'a long answer that will never be finished'
    mock.onMessage('hello', { content }, { chunkSize: 5, truncateAfterChunks: 4, latency: 10 })
    const deltas: string[] = []
    const failure = await failureOf(model.complete(hello, { onDelta: text => deltas.push(text) }))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
    expect(deltas.length).toBeGreaterThan(0)
    expect(content.startsWith(deltas.join(''))).toBe(true)
  })

  it('is MODEL_FAILED on a body that is not JSON', async () => {
    mock.onMessage('hello', { content: 'fine' }, { chaos: { malformedRate: 1 } })
    expect(await failureOf(model.complete(hello))).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
  })

  it('is MODEL_OUTPUT_TRUNCATED for an agent whose answer hits the token limit', async () => {
    mock.onMessage('hello', { content: 'half an ans', finishReason: 'length' })
    const failure = await failureOf(AgentRunner.run(new Agent({ client, model: 'gpt-4o' }), 'hello'))
    expect(failure).toMatchObject({ code: 'MODEL_OUTPUT_TRUNCATED' })
  })
})

describe('a server that misbehaves', () => {
  let server: Server | undefined

  afterEach(async () => {
    if (server === undefined) return
    server.closeAllConnections()
    server.close()
    if (server.listening) await once(server, 'close')
    server = undefined
  })

  async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    server = createServer(handle).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  }

  const answering = (answer: unknown) =>
    serve((_request, response) => {
      response.setHeader('content-type', typeof answer === 'string' ? 'text/html' : 'application/json')
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })

  const streaming = (...data: unknown[]) =>
    serve((_request, response) => {
      response.setHeader('content-type', 'text/event-stream')
      for (const each of data) response.write(`data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`)
      response.end()
    })

  it.each([false, true])('is MODEL_TIMED_OUT when it does not answer in time, streaming: %s', async wanted => {
    const baseURL = await serve(() => {})
    const model = new OpenAIChatModel(connect(baseURL), { timeoutMs: 30 })
    const failure = await failureOf(model.complete(hello, wanted ? { onDelta: () => {} } : {}))
    expect(failure).toMatchObject({ code: 'MODEL_TIMED_OUT', retryable: true })
  })

  it('is MODEL_UNREACHABLE when nobody listens', async () => {
    const baseURL = await serve(() => {})
    server?.close()
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_UNREACHABLE', retryable: true })
    expect(failure.message).toContain('ECONNREFUSED')
  })

  it.each([false, true])(
    'hangs up when the call is aborted, and the reason is what is thrown, streaming: %s',
    async wanted => {
      let hungUp = (): void => {}
      const closed = new Promise<void>(resolve => {
        hungUp = resolve
      })
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const baseURL = await serve((_request, response) => {
        response.on('close', hungUp)
        response.setHeader('content-type', 'text/event-stream')
        if (wanted) response.write('data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n')
        else controller.abort(reason)
      })
      const call = new OpenAIChatModel(connect(baseURL)).complete(hello, {
        signal: controller.signal,
        ...(wanted ? { onDelta: () => controller.abort(reason) } : {}),
      })
      expect(await failureOf(call)).toBe(reason)
      await closed
    },
  )

  it.each([false, true])('says that it refuses, and an agent fails with MODEL_REFUSED, streaming: %s', async wanted => {
    const baseURL = wanted
      ? await streaming(
          { model: 'm', choices: [{ index: 0, delta: { refusal: 'I must ' } }] },
          { model: 'm', choices: [{ index: 0, delta: { refusal: 'not' }, finish_reason: 'stop' }] },
          '[DONE]',
        )
      : await answering({
          model: 'm',
          choices: [
            { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: null, refusal: 'I must not' } },
          ],
        })
    const agent = new Agent({ client: connect(baseURL), model: 'm', streaming: wanted })
    const failure = await failureOf(AgentRunner.run(agent, 'hello', wanted ? { onEvent: () => {} } : {}))
    expect(failure).toMatchObject({ code: 'MODEL_REFUSED', retryable: false })
    expect(failure.message).toContain('I must not')
  })

  it('answers with a page instead of a completion', async () => {
    const model = new OpenAIChatModel(connect(await answering('<html>Welcome</html>')))
    const failure = await failureOf(model.complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED' })
    expect(failure.message).toContain('check `baseURL`')
  })

  it.each([
    ['a page', '<html>Welcome</html>'],
    ['a completion in one piece', { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] }],
    ['nothing', ''],
  ])('answers with %s where a stream was asked for', async (_what, answer) => {
    const model = new OpenAIChatModel(connect(await answering(answer)))
    const failure = await failureOf(model.complete(hello, { onDelta: () => {} }))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('check `baseURL`')
  })

  it('sends a choice without a message', async () => {
    const baseURL = await answering({ choices: [{ message: null, finish_reason: 'stop' }] })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('did not answer with a chat completion')
  })

  it('sends text in parts and counts that are none', async () => {
    const parts = [{ type: 'text', text: 'in ' }, { type: 'text', text: 'parts' }, null, { type: 'image' }]
    const baseURL = await answering({
      choices: [{ message: { role: 'assistant', content: parts }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 'many', completion_tokens: 3, total_tokens: -1 },
    })
    expect(await new OpenAIChatModel(connect(baseURL)).complete(hello)).toMatchObject({
      content: 'in parts',
      usage: { inputTokens: 0, outputTokens: 3, totalTokens: 3 },
    })
  })

  it.each([false, true])('sends arguments of tools as objects, or as null, streaming: %s', async wanted => {
    const tool_calls = [
      { index: 0, id: 'a', type: 'function', function: { name: 'search', arguments: { query: 'x' } } },
      { index: 1, id: 'b', type: 'function', function: { name: 'list', arguments: null } },
    ]
    const choice = { index: 0, [wanted ? 'delta' : 'message']: { tool_calls }, finish_reason: 'tool_calls' }
    const baseURL = await (wanted ? streaming({ choices: [choice] }, '[DONE]') : answering({ choices: [choice] }))
    const model = new OpenAIChatModel(connect(baseURL))
    const { toolCalls } = await model.complete(hello, wanted ? { onDelta: () => {} } : {})
    expect(toolCalls.map(call => call.arguments)).toEqual(['{"query":"x"}', ''])
  })

  it('breaks off in the middle of a body', async () => {
    const baseURL = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.write('{"choices": [')
      setImmediate(() => response.destroy())
    })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
  })

  it('ends a stream quietly before the answer is complete', async () => {
    const baseURL = await streaming({ model: 'm', choices: [{ index: 0, delta: { content: 'half' } }] })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello, { onDelta: () => {} }))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
  })

  it('reports an error inside the stream', async () => {
    const baseURL = await streaming({ error: { message: 'Overloaded', type: 'server_error' } })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello, { onDelta: () => {} }))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('Overloaded')
  })

  it('says in milliseconds, or with a date, how long to wait', async () => {
    const headers: Record<string, string>[] = [
      { 'retry-after-ms': '250', 'retry-after': '9' },
      { 'retry-after': new Date(Date.now() + 60_000).toUTCString() },
      {},
    ]
    const baseURL = await serve((_request, response) => {
      response.writeHead(429, headers.shift())
      response.end('{}')
    })
    const model = new OpenAIChatModel(connect(baseURL))
    expect((await failureOf(model.complete(hello))).retryAfterMs).toBe(250)
    const untilDate = (await failureOf(model.complete(hello))).retryAfterMs ?? 0
    expect(untilDate).toBeGreaterThan(50_000)
    expect(untilDate).toBeLessThanOrEqual(60_000)
    expect((await failureOf(model.complete(hello))).retryAfterMs).toBeUndefined()
  })

  it('leaves out what it promises, as compatible servers do: usage, ids, indexes', async () => {
    const call = { type: 'function', function: { name: 'search', arguments: '{}' } }
    const other = { type: 'function', function: { name: 'read', arguments: '{}' } }
    const baseURL = await streaming(
      { choices: [{ delta: { tool_calls: [call, other] } }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      '[DONE]',
    )
    const response = await new OpenAIChatModel(connect(baseURL)).complete(hello, { onDelta: () => {} })
    expect(response).toEqual({
      content: '',
      finishReason: 'stop',
      model: 'gpt-4o',
      toolCalls: [
        { id: 'call_1_0', name: 'search', arguments: '{}' },
        { id: 'call_1_1', name: 'read', arguments: '{}' },
      ],
    })
  })
})
