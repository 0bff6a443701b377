import { LLMock } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunnable,
  AgentRunner,
  ModelError,
  type ModelRequest,
  type ModelSettings,
  OpenAIChatModel,
  tool,
} from '../../src/agents/index.js'
import { Orchestration, Runnable } from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { SearchItem, SearchPlan } from './payloads.js'
import { connect, eventText, failureOf, fetchThatLetsTimePass, key, RawServers } from './raw-server.js'

const hello: ModelRequest = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }
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
      requestId: expect.any(String) as string,
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

  it('sends images and files as parts of a message', async () => {
    mock.onMessage('look', { content: 'a cat' })
    await model.complete({
      model: 'gpt-4o',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image', url: 'https://example.com/cat.png' },
            { type: 'image', url: 'data:image/png;base64,AAAA', detail: 'low' },
            { type: 'file', name: 'cats.pdf', data: 'data:application/pdf;base64,AAAA' },
            { type: 'file', fileId: 'file-1' },
          ],
        },
      ],
    })
    expect(body().messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          { type: 'file', file: { filename: 'cats.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
          { type: 'file', file: { file_id: 'file-1' } },
        ],
      },
    ])
  })

  it.each([
    [{ type: 'image', url: 'cat.png' }, 'content[0].url'],
    [{ type: 'image', url: 'file:///etc/passwd' }, 'content[0].url'],
    [{ type: 'file', name: 'a.pdf', data: 'AAAA' }, 'content[0].data'],
    [{ type: 'file', name: '', data: 'data:,x' }, 'content[0].name'],
    [{ type: 'file', fileId: '' }, 'content[0].fileId'],
    [{ type: 'sound', url: 'data:,x' }, 'content[0].type'],
  ])('refuses a part that no server could take: %j', async (part, place) => {
    const content = [part] as unknown as string
    const failure = await failureOf(model.complete({ model: 'gpt-4o', messages: [{ role: 'user', content }] }))
    expect(failure).toMatchObject({ code: 'OPTION_INVALID' })
    expect(failure.message).toContain(place)
    expect(mock.getRequests()).toHaveLength(0)
  })

  it.each([
    [{ max_tokens: 5 }, 'what only a server knows goes into `extra`'],
    [{ temperature: -1 }, '`settings.temperature` must be a number of at least 0'],
    [{ topP: 2 }, '`settings.topP`'],
    [{ maxTokens: 0.5 }, '`settings.maxTokens`'],
    [{ seed: 'x' }, '`settings.seed`'],
    [{ stop: 'END' }, '`settings.stop` must be an array'],
    [{ reasoningEffort: 'some' }, '`settings.reasoningEffort` must be one of none'],
    [{ parallelToolCalls: 1 }, '`settings.parallelToolCalls`'],
    [{ extra: [] }, '`settings.extra`'],
  ])('refuses settings that nobody could follow, before anything is sent: %j', async (settings, problem) => {
    const failure = await failureOf(model.complete({ ...hello, settings: settings as ModelSettings }))
    expect(failure).toMatchObject({ code: 'OPTION_INVALID' })
    expect(failure.message).toContain(problem)
    expect(() => new Agent({ client, model: 'gpt-4o', settings: settings as ModelSettings })).toThrow(problem)
    expect(mock.getRequests()).toHaveLength(0)
  })

  it('chooses tools, and lets them be called one by one, only where there are tools', async () => {
    mock.onMessage('hello', { content: 'ok' })
    const tools = [{ name: 'search', description: 'Searches', parameters: { type: 'object' }, strict: false }] as const
    const settings = { parallelToolCalls: false }
    await model.complete({ ...hello, tools, toolChoice: { name: 'search' }, settings })
    expect(body()).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'search' } },
      parallel_tool_calls: false,
    })
    await model.complete({ ...hello, toolChoice: 'required', settings })
    expect(body()).not.toHaveProperty('tool_choice')
    expect(body()).not.toHaveProperty('parallel_tool_calls')
  })

  it.each([
    [400, { message: 'Too long', code: 'context_length_exceeded' }],
    [400, { message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens." }],
    [400, { message: 'prompt is too long: 210000 tokens > 200000 maximum' }],
    [413, { message: 'the request exceeds the available context size', type: 'exceed_context_size_error' }],
  ])('is MODEL_CONTEXT_EXCEEDED on %i %j', async (status, error) => {
    mock.onMessage('hello', { error, status })
    const failure = await failureOf(model.complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_CONTEXT_EXCEEDED', status, retryable: false })
    expect(failure.message).toContain('shorten the conversation')
    expect(failure.requestId).toEqual(expect.any(String))
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
    mock.clearRequests()
    await failureOf(new OpenAIChatModel(retrying).complete(hello, { ownRetries: false }))
    expect(mock.getRequests()).toHaveLength(1)
    mock.clearRequests()
    await failureOf(new OpenAIChatModel(retrying, { maxRetries: 1 }).complete(hello, { ownRetries: false }))
    expect(mock.getRequests()).toHaveLength(2)
  })

  it('keeps to itself that it retries where a retry policy stands around the state, and only there', async () => {
    @Runnable({ input: String, output: String })
    class Asking extends AgentRunnable<string, string> {
      readonly agent = new Agent({ client: connect(`${mock.url}/v1`, { maxRetries: 1 }), model: 'gpt-4o' })
    }
    class Plain extends Orchestration<string, string> {
      constructor() {
        super()
        this.initialRunnable = new Asking()
      }
    }
    mock.onMessage('hello', { error: { message: 'Nope' }, status: 500 })
    const { length: alone } = await new Plain().run('hello').catch(() => mock.getRequests())
    expect(alone).toBe(2)
    mock.clearRequests()
    const retrying = new Plain().configure({ interceptors: [retry({ maxAttempts: 3, initialDelayMs: 0 })] })
    await failureOf(retrying.run('hello'))
    expect(mock.getRequests()).toHaveLength(3)
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
  const servers = new RawServers()

  it.each([false, true])('is MODEL_TIMED_OUT when it does not answer in time, streaming: %s', async wanted => {
    const baseURL = await servers.serve(() => {})
    const model = new OpenAIChatModel(connect(baseURL), { timeoutMs: 30 })
    const failure = await failureOf(model.complete(hello, wanted ? { onDelta: () => {} } : {}))
    expect(failure).toMatchObject({ code: 'MODEL_TIMED_OUT', retryable: true })
  })

  it('is MODEL_UNREACHABLE when nobody listens', async () => {
    const baseURL = await servers.deserted()
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
      const baseURL = await servers.serve((_request, response) => {
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

  it('settles when it is aborted while the client waits for its next try, which then never comes', async () => {
    let requests = 0
    const baseURL = await servers.serve((_request, response) => {
      requests++
      // Nearly the longest time that the client waits because a server says so.
      response.writeHead(503, { 'retry-after-ms': '59000' })
      response.end('{}')
      setImmediate(() => controller.abort(reason))
    })
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const model = new OpenAIChatModel(connect(baseURL, { maxRetries: 1 }))
    expect(await failureOf(model.complete(hello, { signal: controller.signal }))).toBe(reason)
    expect(requests).toBe(1)
  })

  it.each([false, true])('falls silent in the middle of its answer, and is hung up, streaming: %s', async wanted => {
    let hungUp = (): void => {}
    const closed = new Promise<void>(resolve => {
      hungUp = resolve
    })
    const baseURL = await servers.serve((_request, response) => {
      response.on('close', hungUp)
      response.writeHead(200, {
        'content-type': wanted ? 'text/event-stream' : 'application/json',
        'x-request-id': 'req_1',
      })
      response.write(wanted ? eventText({ choices: [{ index: 0, delta: { content: 'half' } }] }) : '{"choices": [')
    })
    const fetch = fetchThatLetsTimePass(40)
    const model = new OpenAIChatModel(connect(baseURL, { fetch }), { timeoutMs: 40 })
    const failure = await failureOf(model.complete(hello, wanted ? { onDelta: () => {} } : {}))
    expect(failure).toMatchObject({ code: 'MODEL_TIMED_OUT', retryable: true, requestId: 'req_1' })
    expect(failure.message).toMatch(/timed out|was silent for 40 ms/)
    await closed
  })

  it.each(['reasoning_content', 'reasoning'])('shows its reasoning as `%s`, as compatible servers do', async field => {
    const stream = await servers.streaming(
      { choices: [{ index: 0, delta: { [field]: 'Let me ' } }] },
      { choices: [{ index: 0, delta: { [field]: 'see.' } }] },
      { choices: [{ index: 0, delta: { content: '42' }, finish_reason: 'stop' }] },
      '[DONE]',
    )
    const thoughts: string[] = []
    const streamed = await new OpenAIChatModel(connect(stream)).complete(hello, {
      onReasoning: text => thoughts.push(text),
    })
    expect(thoughts).toEqual(['Let me ', 'see.'])
    expect(streamed).toMatchObject({ content: '42', reasoning: 'Let me see.' })
    const message = { role: 'assistant', content: '42', [field]: 'Let me see.' }
    const whole = await servers.answering({ choices: [{ message, finish_reason: 'stop' }] })
    expect(await new OpenAIChatModel(connect(whole)).complete(hello)).toMatchObject({ reasoning: 'Let me see.' })
  })

  it.each([false, true])('says that it refuses, and an agent fails with MODEL_REFUSED, streaming: %s', async wanted => {
    const baseURL = wanted
      ? await servers.streaming(
          { model: 'm', choices: [{ index: 0, delta: { refusal: 'I must ' } }] },
          { model: 'm', choices: [{ index: 0, delta: { refusal: 'not' }, finish_reason: 'stop' }] },
          '[DONE]',
        )
      : await servers.answering({
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
    const model = new OpenAIChatModel(connect(await servers.answering('<html>Welcome</html>')))
    const failure = await failureOf(model.complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED' })
    expect(failure.message).toContain('check `baseURL`')
  })

  it.each([
    ['a page', '<html>Welcome</html>'],
    ['a completion in one piece', { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] }],
    ['nothing', ''],
  ])('answers with %s where a stream was asked for', async (_what, answer) => {
    const model = new OpenAIChatModel(connect(await servers.answering(answer)))
    const failure = await failureOf(model.complete(hello, { onDelta: () => {} }))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('check `baseURL`')
  })

  it.each([
    [{ message: 'Slow down', code: 429 }, 'MODEL_RATE_LIMITED', true],
    [{ message: 'Bad gateway', code: 502 }, 'MODEL_FAILED', true],
    [{ message: 'No such model', code: 404 }, 'MODEL_FAILED', false],
    [{ message: 'Too long', code: 'context_length_exceeded' }, 'MODEL_CONTEXT_EXCEEDED', false],
    [{ message: 'Something' }, 'MODEL_FAILED', true],
  ])('reports an error as if it were a success, as gateways do: %j is %s', async (error, code, retryable) => {
    const whole = await servers.answering({ error })
    expect(await failureOf(new OpenAIChatModel(connect(whole)).complete(hello))).toMatchObject({ code, retryable })
    const model = new OpenAIChatModel(connect(await servers.streaming({ error })))
    expect(await failureOf(model.complete(hello, { onDelta: () => {} }))).toMatchObject({ code, retryable })
  })

  it('sends a choice without a message', async () => {
    const baseURL = await servers.answering({ choices: [{ message: null, finish_reason: 'stop' }] })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('did not answer with a chat completion')
  })

  it('sends text in parts and counts that are none', async () => {
    const parts = [{ type: 'text', text: 'in ' }, { type: 'text', text: 'parts' }, null, { type: 'image' }]
    const baseURL = await servers.answering({
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
    const baseURL = await (wanted
      ? servers.streaming({ choices: [choice] }, '[DONE]')
      : servers.answering({ choices: [choice] }))
    const model = new OpenAIChatModel(connect(baseURL))
    const { toolCalls } = await model.complete(hello, wanted ? { onDelta: () => {} } : {})
    expect(toolCalls.map(call => call.arguments)).toEqual(['{"query":"x"}', ''])
  })

  it('breaks off in the middle of a body', async () => {
    const baseURL = await servers.serve((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.write('{"choices": [')
      setImmediate(() => response.destroy())
    })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
  })

  it('ends a stream quietly before the answer is complete', async () => {
    const baseURL = await servers.streaming({ model: 'm', choices: [{ index: 0, delta: { content: 'half' } }] })
    const failure = await failureOf(new OpenAIChatModel(connect(baseURL)).complete(hello, { onDelta: () => {} }))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
  })

  it('reports an error inside the stream', async () => {
    const baseURL = await servers.streaming({ error: { message: 'Overloaded', type: 'server_error' } })
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
    const baseURL = await servers.serve((_request, response) => {
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
    const baseURL = await servers.streaming(
      { choices: [{ delta: { tool_calls: [call, other] } }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      '[DONE]',
    )
    const response = await new OpenAIChatModel(connect(baseURL)).complete(hello, { onDelta: () => {} })
    expect(response).toEqual({
      content: '',
      finishReason: 'stop',
      model: 'gpt-4o',
      requestId: 'req_raw',
      toolCalls: [
        { id: 'call_1_0', name: 'search', arguments: '{}' },
        { id: 'call_1_1', name: 'read', arguments: '{}' },
      ],
    })
  })
})
