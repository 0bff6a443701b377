import { LLMock } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Agent, tool } from '../../src/agents/index.js'
import {
  ChatMessage,
  ChatRuntime,
  ConcurrentRuntimeConfiguration,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import { outcome, said } from './controlled.js'

describe('a chat with a server, through the official client', () => {
  const mock = new LLMock({ port: 0 })
  let client: OpenAI

  beforeAll(async () => {
    await mock.start()
    client = new OpenAI({ apiKey: 'sk-test', baseURL: `${mock.url}/v1`, maxRetries: 0, logLevel: 'off' })
  })
  afterEach(() => {
    mock.clearFixtures()
    mock.clearRequests()
  })
  afterAll(() => mock.stop())

  const agent = (name: string) => new Agent({ client, model: 'gpt-4o', name, instructions: `You are ${name}.` })
  const messagesOf = (index: number) =>
    (mock.getRequests().at(index)?.body as unknown as { messages: { role: string; content: unknown }[] } | undefined)
      ?.messages ?? []

  it('streams, over several turns, with an image', async () => {
    mock.onMessage(/what is this/i, { content: 'A cat on a mat.' }, { chunkSize: 4 })
    mock.onMessage(/sure/i, { content: 'Quite sure.' }, { chunkSize: 4 })
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('A')))
    const url = 'data:image/png;base64,iVBORw0KGgo='
    const deltas: string[] = []
    const image = new ChatMessage('user', [
      { type: 'text', text: 'What is this?' },
      { type: 'image', url },
    ])
    for await (const piece of runtime.stream(image)) if (piece.type === 'delta') deltas.push(piece.text)
    expect(deltas.length).toBeGreaterThan(2)
    expect(deltas.join('')).toBe('A cat on a mat.')
    expect((await runtime.invoke('Sure?')).content).toBe('Quite sure.')
    expect(messagesOf(-1).map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(messagesOf(-1)[1]?.content).toEqual([
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url } },
    ])
  })

  it('goes on after a tool call of an earlier turn', async () => {
    const weather = tool({ name: 'weather', description: 'The weather', execute: () => 'rain' })
    const one = new Agent({ client, model: 'gpt-4o', tools: [weather] })
    mock.on({ userMessage: /outside/i, hasToolResult: false }, { toolCalls: [{ name: 'weather', arguments: '{}' }] })
    mock.on({ userMessage: /outside/i, hasToolResult: true }, { content: 'It rains.' })
    mock.onMessage(/tomorrow/i, { content: 'Who knows.' })
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(one))
    await runtime.invoke('How is it outside?')
    await runtime.invoke('And tomorrow?')
    expect(messagesOf(-1).map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'user'])
  })

  it('serves agents in a row, and at once', async () => {
    mock.onMessage('Shorten it.', { content: 'Short.' })
    mock.onMessage('Write.', { content: 'Long.' })
    mock.onMessage(/Make one reply/, { content: 'Both.' })
    const row = new SequentialRuntimeConfiguration([agent('A'), { agent: agent('B'), instructions: 'Shorten it.' }])
    expect(await outcome(new ChatRuntime(row).invoke('Write.'))).toBe('Short.')
    const atOnce = new ChatRuntime(new ConcurrentRuntimeConfiguration([agent('A'), agent('B')]))
    expect(await outcome(atOnce.invoke('Write.'))).toBe('Both.')
    expect(await said(atOnce)).toEqual(['user: Write.', 'assistant: Long.', 'assistant: Long.', 'assistant: Both.'])
  })

  it('is interrupted in the middle of an answer, which stays as far as it came', async () => {
    mock.onMessage('Count.', { content: 'one two three four five six' }, { chunkSize: 4, latency: 20 })
    mock.onMessage('Stop.', { content: 'Stopped.' })
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('A')), { whenBusy: 'interrupt' })
    const speaking = new Promise(resolve =>
      runtime.on('runtime.agent', ({ event }) => event.type === 'agent.delta' && resolve(event)),
    )
    const first = outcome(runtime.invoke('Count.'))
    await speaking
    expect(await outcome(runtime.invoke('Stop.'))).toBe('Stopped.')
    expect(await first).toBe('RUN_CANCELLED')
    const [, partial] = await runtime.messages
    expect(partial).toMatchObject({ role: 'assistant', interrupted: true })
    expect('one two three four five six'.startsWith(partial?.content ?? '?')).toBe(true)
    expect(messagesOf(-1).map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  })
})
