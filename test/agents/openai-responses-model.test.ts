import { LLMock } from '@copilotkit/aimock'
import type OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  AgentRunner,
  type ModelMessage,
  type ModelRequest,
  OpenAIResponsesModel,
  tool,
} from '../../src/agents/index.js'
import { SearchItem, SearchPlan } from './payloads.js'
import { connect, eventText, failureOf, key, RawServers } from './raw-server.js'

const hello: ModelRequest = { model: 'o4-mini', messages: [{ role: 'user', content: 'hello' }] }
const listening = { onDelta: () => {} }

describe('the responses API, over HTTP', () => {
  const mock = new LLMock({ port: 0 })
  let client: OpenAI
  let model: OpenAIResponsesModel

  beforeAll(async () => {
    await mock.start()
    client = connect(`${mock.url}/v1`)
    model = new OpenAIResponsesModel(client)
  })
  afterEach(() => {
    mock.clearFixtures()
    mock.clearRequests()
  })
  afterAll(() => mock.stop())

  /** What went over the wire: the mock itself rewrites what it lists. */
  function watching(): { readonly model: OpenAIResponsesModel; readonly bodies: Record<string, unknown>[] } {
    const bodies: Record<string, unknown>[] = []
    const watched = client.withOptions({
      fetch: (url, init) => {
        bodies.push(JSON.parse(init?.body as string) as Record<string, unknown>)
        return fetch(url as string, init as RequestInit)
      },
    })
    return { model: new OpenAIResponsesModel(watched), bodies }
  }

  it('answers in one piece where no deltas are wanted', async () => {
    const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18 }
    mock.onMessage('hello', { content: 'Hi there!', usage, model: 'o4-mini-2025' })
    expect(await model.complete(hello)).toEqual({
      content: 'Hi there!',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
      model: 'o4-mini-2025',
      requestId: expect.any(String) as string,
    })
  })

  it('streams text and reasoning, and both add up to the answer', async () => {
    const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 }
    const reasoning = 'The user greets me, so I greet back.'
    mock.onMessage('hello', { content: 'Hi there, how are you today?', reasoning, usage }, { chunkSize: 5 })
    const text: string[] = []
    const thoughts: string[] = []
    const response = await model.complete(hello, {
      onDelta: delta => text.push(delta),
      onReasoning: delta => thoughts.push(delta),
    })
    expect(text.length).toBeGreaterThan(3)
    expect(thoughts.length).toBeGreaterThan(3)
    expect(response).toMatchObject({ content: text.join(''), reasoning: thoughts.join(''), usage: { totalTokens: 7 } })
    expect(response.reasoning).toBe(reasoning)
    expect((await model.complete(hello)).reasoning).toBe(reasoning)
  })

  it.each([false, true])('puts tool calls together, streaming: %s', async streaming => {
    const toolCalls = [
      { name: 'search', arguments: '{"query":"one thing","limit":null}', id: 'call_a' },
      { name: 'search', arguments: '{"query":"another thing","limit":3}', id: 'call_b' },
    ]
    mock.onMessage('hello', { toolCalls }, { chunkSize: 5 })
    const response = await model.complete(hello, streaming ? listening : {})
    expect(response.toolCalls).toEqual(toolCalls)
    expect(response.finishReason).toBe('tool_calls')
  })

  it.each([false, true])(
    'S4-18 S4-21 lets an agent use tools and come to a typed output, streaming: %s',
    async streaming => {
      const plan = { topic: 'health', items: [{ query: 'AI', limit: null }] }
      const toolCalls = [{ name: 'search', arguments: '{"query":"AI","limit":null}', id: 'call_a' }]
      mock.on({ userMessage: 'plan', hasToolResult: false }, { toolCalls })
      mock.on({ userMessage: 'plan', hasToolResult: true }, { content: JSON.stringify(plan) })
      const search = tool({
        name: 'search',
        description: 'Searches',
        parameters: SearchItem,
        execute: item => `${item instanceof SearchItem}: ${item.query}`,
      })
      const { model: watched, bodies } = watching()
      const agent = new Agent({
        client: watched,
        model: 'o4-mini',
        outputSchema: SearchPlan,
        tools: [search],
        toolChoice: { name: 'search' },
        streaming,
      })
      const events: AgentEvent[] = []
      const { output } = await AgentRunner.run(agent, 'plan', { onEvent: event => events.push(event) })
      expect(output).toBeInstanceOf(SearchPlan)
      expect(events.some(event => event.type === 'agent.delta')).toBe(streaming)
      expect(bodies[0]).toMatchObject({
        store: false,
        tool_choice: { type: 'function', name: 'search' },
        tools: [{ type: 'function', name: 'search', strict: true }],
        text: {
          format: { type: 'json_schema', name: 'SearchPlan', strict: true, schema: { additionalProperties: false } },
        },
      })
      expect(bodies[1]).not.toHaveProperty('previous_response_id')
      expect(bodies[1]?.['input']).toMatchObject([
        { role: 'system' },
        { role: 'user', content: 'plan' },
        { type: 'function_call', call_id: 'call_a', name: 'search' },
        { type: 'function_call_output', call_id: 'call_a', output: 'true: AI' },
      ])
    },
  )

  it('sends images and files as parts of a message', async () => {
    mock.onMessage('look', { content: 'a cat' })
    const content: ModelMessage = {
      role: 'user',
      content: [
        { type: 'text', text: 'look' },
        { type: 'image', url: 'https://example.com/cat.png' },
        { type: 'image', url: 'data:image/png;base64,AAAA', detail: 'low' },
        { type: 'file', name: 'cats.pdf', data: 'data:application/pdf;base64,AAAA' },
        { type: 'file', fileId: 'file-1' },
      ],
    }
    const { model: watched, bodies } = watching()
    await watched.complete({ ...hello, messages: [content] })
    expect(bodies[0]?.['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'look' },
          { type: 'input_image', image_url: 'https://example.com/cat.png', detail: 'auto' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
          { type: 'input_file', filename: 'cats.pdf', file_data: 'data:application/pdf;base64,AAAA' },
          { type: 'input_file', file_id: 'file-1' },
        ],
      },
    ])
  })

  it('sends settings by the names of the API, and extras as they are', async () => {
    mock.onMessage('hello', { content: 'ok' })
    const { model: watched, bodies } = watching()
    const extra = { service_tier: 'flex' }
    const settings = { temperature: 0.2, topP: 0.9, maxTokens: 100, reasoningEffort: 'low', extra } as const
    await watched.complete({ ...hello, settings })
    expect(bodies[0]).toMatchObject({
      temperature: 0.2,
      top_p: 0.9,
      max_output_tokens: 100,
      reasoning: { effort: 'low' },
      service_tier: 'flex',
    })
  })

  it.each([
    ['seed', 7],
    ['stop', ['END']],
  ])('refuses %s, which the API does not know, instead of dropping it', async (name, value) => {
    const failure = await failureOf(model.complete({ ...hello, settings: { [name]: value } }))
    expect(failure).toMatchObject({ code: 'OPTION_INVALID' })
    expect(failure.message).toContain(`settings.${name}`)
    expect(failure.message).toContain('OpenAIChatModel has it')
  })

  it('asks for a summary of the reasoning, and lets the server keep answers, only where told to', async () => {
    mock.onMessage('hello', { content: 'ok' })
    const { model: plain, bodies } = watching()
    await plain.complete(hello)
    expect(bodies[0]).toMatchObject({ store: false })
    expect(bodies[0]).not.toHaveProperty('reasoning')
    const sent: unknown[] = []
    const watched = client.withOptions({
      fetch: (url, init) => {
        sent.push(JSON.parse(init?.body as string))
        return fetch(url as string, init as RequestInit)
      },
    })
    await new OpenAIResponsesModel(watched, { reasoningSummary: 'auto', store: true }).complete(hello)
    expect(sent[0]).toMatchObject({ store: true, reasoning: { summary: 'auto' } })
  })

  it('is MODEL_STREAM_CUT when the stream is cut off, with the id of the request', async () => {
    mock.onMessage(
      'hello',
      { content: 'a long answer that never ends' },
      { chunkSize: 4, truncateAfterChunks: 6, latency: 5 },
    )
    const failure = await failureOf(model.complete(hello, listening))
    expect(failure).toMatchObject({ code: 'MODEL_STREAM_CUT', retryable: true })
    expect(failure.requestId).toEqual(expect.any(String))
  })

  it('is MODEL_RATE_LIMITED with the time to wait on 429', async () => {
    mock.onMessage('hello', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 2 })
    expect(await failureOf(model.complete(hello))).toMatchObject({ code: 'MODEL_RATE_LIMITED', retryAfterMs: 2000 })
  })

  it('is MODEL_OUTPUT_TRUNCATED for an agent whose answer hits the token limit', async () => {
    mock.onMessage('hello', { content: 'half an ans', finishReason: 'length' })
    const failure = await failureOf(AgentRunner.run(new Agent({ client: model, model: 'o4-mini' }), 'hello'))
    expect(failure).toMatchObject({ code: 'MODEL_OUTPUT_TRUNCATED' })
    expect(failure.requestId).toEqual(expect.any(String))
  })
})

describe('a server of the responses API that misbehaves', () => {
  const servers = new RawServers()
  const text = (content: string) => ({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: content }],
  })
  const ask = async (baseURL: string, streaming: boolean) =>
    new OpenAIResponsesModel(connect(baseURL)).complete(hello, streaming ? listening : {})
  const responding = (response: object, streaming: boolean, last = 'response.completed') =>
    streaming
      ? servers.streaming({ type: 'response.created', response: {} }, { type: last, response })
      : servers.answering(response)

  it.each([false, true])('says that it refuses, streaming: %s', async streaming => {
    const refusal = { type: 'message', content: [{ type: 'refusal', refusal: 'I must not' }] }
    const baseURL = await responding({ status: 'completed', output: [refusal] }, streaming)
    expect(await ask(baseURL, streaming)).toMatchObject({ content: '', refusal: 'I must not', finishReason: 'stop' })
  })

  it.each([
    ['max_output_tokens', 'length', false],
    ['max_output_tokens', 'length', true],
    ['content_filter', 'content_filter', false],
    ['content_filter', 'content_filter', true],
  ])('stops before the end because of %s: finish reason %s, streaming: %s', async (reason, finishReason, streaming) => {
    const response = { status: 'incomplete', incomplete_details: { reason }, output: [text('half')] }
    const baseURL = await responding(response, streaming, 'response.incomplete')
    expect(await ask(baseURL, streaming)).toMatchObject({ content: 'half', finishReason })
  })

  it.each([
    ['rate_limit_exceeded', 'MODEL_RATE_LIMITED', true],
    ['server_error', 'MODEL_FAILED', true],
    ['invalid_image', 'MODEL_FAILED', false],
    ['context_length_exceeded', 'MODEL_CONTEXT_EXCEEDED', false],
    ['image_content_policy_violation', 'MODEL_CONTENT_FILTERED', false],
  ])('fails with %s inside a success: %s', async (code, expected, retryable) => {
    const response = { status: 'failed', error: { code, message: `It says sk-abcdefgh12345678` }, output: [] }
    for (const streaming of [false, true]) {
      const failure = await failureOf(ask(await responding(response, streaming, 'response.failed'), streaming))
      expect(failure).toMatchObject({ code: expected, retryable })
      expect(failure.message).not.toContain('sk-abcdefgh')
    }
  })

  it('reports an error as an event of the stream', async () => {
    const event = { type: 'error', code: 'server_error', message: 'Overloaded', param: null, sequence_number: 1 }
    const failure = await failureOf(
      ask(await servers.streaming({ type: 'response.created', response: {} }, event), true),
    )
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true, requestId: 'req_raw' })
    expect(failure.message).toContain('Overloaded')
  })

  it.each([
    ['a page', '<html>Welcome</html>'],
    ['a chat completion', { choices: [] }],
    ['a response that is not done', { status: 'in_progress', output: [] }],
    ['null', null],
  ])('answers with %s', async (_what, answer) => {
    const baseURL = await servers.answering(answer)
    const failure = await failureOf(ask(baseURL, false))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', retryable: true })
    expect(failure.message).toContain('check `baseURL`')
    expect((await failureOf(ask(baseURL, true))).code).toBe('MODEL_FAILED')
  })

  it('leaves the output out of the last event, and ids and counts too', async () => {
    const call = { type: 'function_call', name: 'search', arguments: { query: 'x' } }
    const baseURL = await servers.streaming(
      { type: 'response.output_text.delta', delta: 'one ' },
      { type: 'response.output_text.delta', delta: 'two' },
      { type: 'response.output_item.done', item: call },
      { type: 'response.completed', response: { status: 'completed' } },
    )
    expect(await ask(baseURL, true)).toEqual({
      content: 'one two',
      toolCalls: [{ id: 'call_1_0', name: 'search', arguments: '{"query":"x"}' }],
      finishReason: 'tool_calls',
      model: 'o4-mini',
      requestId: 'req_raw',
    })
  })

  it('sums its reasoning up in parts, which stay apart in the deltas and in the answer', async () => {
    const summary = [
      { type: 'summary_text', text: 'First.' },
      { type: 'summary_text', text: 'Then.' },
    ]
    const delta = (summary_index: number, part: string) => ({
      type: 'response.reasoning_summary_text.delta',
      item_id: 'rs_1',
      summary_index,
      delta: part,
    })
    const response = { status: 'completed', output: [{ type: 'reasoning', id: 'rs_1', summary }, text('Done.')] }
    const baseURL = await servers.streaming(delta(0, 'Fir'), delta(0, 'st.'), delta(1, 'Then.'), {
      type: 'response.completed',
      response,
    })
    let reasoning = ''
    const model = new OpenAIResponsesModel(connect(baseURL))
    const answer = await model.complete(hello, { onReasoning: part => (reasoning += part) })
    expect(answer).toMatchObject({ content: 'Done.', reasoning: 'First.\n\nThen.' })
    expect(reasoning).toBe(answer.reasoning)
  })

  it('hangs up when the call is aborted in the middle of the answer, and the reason is what is thrown', async () => {
    const { promise: closed, resolve: hungUp } = withResolvers()
    const baseURL = await servers.serve((_request, response) => {
      response.on('close', hungUp)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(eventText({ type: 'response.output_text.delta', delta: 'half' }))
    })
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const onDelta = () => controller.abort(reason)
    const call = new OpenAIResponsesModel(connect(baseURL)).complete(hello, { signal: controller.signal, onDelta })
    expect(await failureOf(call)).toBe(reason)
    await closed
  })

  it('repeats nothing of the key it quotes, in whichever error', async () => {
    const error = { message: `No project for key ${key}`, type: 'invalid_request_error' }
    const failure = await failureOf(ask(await servers.answering({ error }, 400), false))
    expect(failure).toMatchObject({ code: 'MODEL_FAILED', status: 400 })
    expect(JSON.stringify(failure) + failure.stack).not.toContain(key)
    expect(failure.cause).toBeUndefined()
  })

  it('is refused as a client if it has no responses API', () => {
    expect(() => new OpenAIResponsesModel({} as OpenAI)).toThrow(/`client` must be a client of the `openai` package/)
  })
})

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
