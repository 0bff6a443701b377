import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, agentTool, tool } from '../../src/agents/index.js'
import { ChatRuntime, ConcurrentRuntimeConfiguration, SingletonRuntimeConfiguration } from '../../src/chat/index.js'
import { ApprovalRunnable, Approved, CollectRunnable, Orchestration } from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { ManualClock, ScriptedModel } from '../../src/testing/index.js'
import { pass, step } from '../core/machines.js'
import { careful, model, serveOpenAI, untilRun } from './openai-server.js'
import { tokens } from './served.js'

const ask = (content: string) => [{ role: 'user' as const, content }]

/** An orchestration of one agent. */
function solo(name: string, agent: Agent<unknown>): Orchestration<string, unknown> {
  class Speaking extends AgentRunnable<string, unknown> {
    readonly agent = agent
  }
  class Solo extends Orchestration<string, unknown> {
    override initialRunnable = new Speaking()
  }
  return new Solo().configure({ name })
}

const agentOf = (client: ScriptedModel, more: object = {}): Agent<unknown> =>
  new Agent({ client, model: 'scripted', name: 'Speaker', instructions: 'Speak.', ...more })

describe('what is streamed of an answer', () => {
  it('is what the answering agent says before and after its tools, and nothing of the agents it asks', async () => {
    const helper = new Agent({
      client: model('A secret draft.'),
      model: 'scripted',
      name: 'Helper',
      instructions: 'Help.',
    })
    const client = new ScriptedModel([
      { text: 'Let me look.', toolCalls: [{ name: 'Helper', arguments: { input: 'x' } }] },
      'It rains.',
      { text: 'Let me look.', toolCalls: [{ name: 'Helper', arguments: { input: 'x' } }] },
      'It rains.',
    ])
    const orchestrations = [solo('Weather', agentOf(client, { tools: [agentTool(helper)] }))]
    const served = await serveOpenAI({ orchestrations })
    const stream = served.client.chat.completions.stream({ model: 'Weather', messages: ask('?') })
    expect((await stream.finalMessage()).content).toBe('Let me look.\n\nIt rains.')
    const whole = await served.client.chat.completions.create({ model: 'Weather', messages: ask('?') })
    expect(whole.choices[0]?.message.content).toBe('It rains.')
  })

  it('comes once as JSON where an agent answers with an object', async () => {
    const weather = tool({ name: 'weather', description: 'x', execute: () => 'rain' })
    const client = model('{ "b": 1,\n "a": [2] }')
    const agent = agentOf(client, { tools: [weather] })
    const read = step<string, unknown>('Read', text => JSON.parse(text) as unknown)
    class Speaking extends AgentRunnable<string, unknown> {
      readonly agent = agent
      override async invoke(...given: Parameters<AgentRunnable<string, unknown>['invoke']>) {
        return JSON.parse(String(await super.invoke(...given))) as unknown
      }
    }
    class Solo extends Orchestration<string, unknown> {
      override initialRunnable = new Speaking()
    }
    class Two extends Orchestration<string, unknown> {
      override initialRunnable = step<string, string>('Text', () => '{"c": 3}').addAdvancer(read as never)
    }
    const served = await serveOpenAI({ orchestrations: [new Solo(), new Two()] })
    const said = async (name: string) =>
      (await served.client.chat.completions.stream({ model: name, messages: ask('?') }).finalMessage()).content
    expect(JSON.parse((await said('Solo')) ?? '')).toEqual({ b: 1, a: [2] })
    expect(await said('Two')).toBe('{"c":3}')
  })

  it('says so when an attempt was in vain, by beginning anew', async () => {
    let attempts = 0
    class Speaking extends AgentRunnable<string, string> {
      readonly agent = new Agent({ client: model('One two.'), model: 'scripted', name: 'S', instructions: 'S' })
      override async invoke(...given: Parameters<AgentRunnable<string, string>['invoke']>): Promise<string> {
        const said = await super.invoke(...given)
        if (attempts++ === 0) throw new Error('once')
        return said
      }
    }
    class Solo extends Orchestration<string, string> {
      override initialRunnable = new Speaking().configure({
        interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 } as never)],
      } as never) as never
    }
    const served = await serveOpenAI({ orchestrations: [new Solo()] })
    const stream = served.client.chat.completions.stream({ model: 'Solo', messages: ask('?') })
    expect((await stream.finalMessage()).content).toBe('One two.\n\nOne two.')
  })

  it('is the reply alone where several agents of a chat speak at once', async () => {
    const agents = ['A', 'B'].map(
      name => new Agent({ client: model(`from ${name}`), model: 'scripted', name, instructions: 'Speak.' }),
    )
    const chats = { both: () => new ChatRuntime(new ConcurrentRuntimeConfiguration(agents)) }
    const { client } = await serveOpenAI({ chats })
    const said = (await client.chat.completions.stream({ model: 'both', messages: ask('?') }).finalMessage()).content
    const whole = await client.chat.completions.create({ model: 'both', messages: ask('?') })
    expect(said).toBe(whole.choices[0]?.message.content)
  })

  it('says that it is still there while nothing happens', async () => {
    const clock = new ManualClock()
    const { url, hold } = await serveOpenAI({ clock })
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'Hold', messages: ask('x'), stream: true }),
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value)
    expect(await next()).toContain('"role":"assistant"')
    await hold.reached
    await clock.advance(15_000)
    expect(await next()).toBe(': still here\n\n')
    hold.open()
    expect(await next()).toContain('"content":"held"')
    await reader.cancel()
  })

  it('is refused as 503, and the run put aside, when the server closes first', async () => {
    const { client, hold, listening, handler } = await serveOpenAI()
    const asked = client.chat.completions.create({ model: 'Hold', messages: ask('x') })
    asked.catch(() => undefined)
    await hold.reached
    const closed = listening.close()
    await expect(asked).rejects.toMatchObject({ status: 503 })
    hold.open()
    await closed
    const [run] = (await handler.server.host.store.list()).runs
    expect(run?.status).toBe('paused')
  })
})

describe('several questions, and runs and chats that are not as they were', () => {
  it('asks one question after the other where several branches wait', async () => {
    const approval = (name: string) => new ApprovalRunnable<unknown>({ message: `${name}?` }).configure({ name })
    const join = new CollectRunnable<unknown>().configure({ name: 'Both' })
    const one = approval('One').addAdvancer(outcome => outcome instanceof Approved, join as never)
    const two = approval('Two').addAdvancer(outcome => outcome instanceof Approved, join as never)
    join.addAdvancer(step<unknown, string>('End', () => 'both approved') as never)
    class Parallel extends Orchestration<unknown, unknown> {
      override initialRunnable = pass('Start')
        .configure({ parallelAdvances: true } as never)
        .addAdvancer(one as never)
        .addAdvancer(two as never) as never
    }
    const { client } = await serveOpenAI({ orchestrations: [new Parallel()] })
    const messages: { role: 'user' | 'assistant'; content: string }[] = []
    const say = async (content: string): Promise<string> => {
      messages.push({ role: 'user', content })
      const { choices } = await client.chat.completions.create({ model: 'Parallel', messages })
      messages.push({ role: 'assistant', content: choices[0]?.message.content ?? '' })
      return choices[0]?.message.content ?? ''
    }
    const asked = [(await say('x')).slice(0, 4), (await say('approve')).slice(0, 4)]
    expect(asked.sort()).toEqual(['One?', 'Two?'])
    expect(await say('approve')).toBe('both approved')
  })

  it('takes no answer for a run that somebody has paused', async () => {
    const { client, handler } = await serveOpenAI()
    const first = await client.chat.completions.create({ model: 'Press', messages: ask('cats') })
    const [run] = (await handler.server.host.store.list()).runs
    await handler.server.host.pause(run?.runId ?? '')
    const messages = [
      ...ask('cats'),
      { role: 'assistant' as const, content: first.choices[0]?.message.content ?? '' },
      ...ask('approve'),
    ]
    await expect(client.chat.completions.create({ model: 'Press', messages })).rejects.toMatchObject({
      status: 409,
      code: 'execution_paused',
    })
    await handler.server.host.resume(run?.runId ?? '')
    await untilRun(handler, run?.runId ?? '', 'running')
    const { choices } = await client.chat.completions.create({ model: 'Press', messages })
    expect(choices[0]?.message.content).toBe('Published: A text on cats')
  })

  it('gives up a chat that nobody has answered for an hour', async () => {
    const clock = new ManualClock()
    const deleted: string[] = []
    const { client, handler } = await serveOpenAI({ clock, chats: { careful: () => careful(deleted) } })
    const first = await client.chat.completions.create({ model: 'careful', messages: ask('delete') })
    expect(handler.server.streams.open).toBe(1)
    await clock.advance(3_600_000)
    const messages = [
      ...ask('delete'),
      { role: 'assistant' as const, content: first.choices[0]?.message.content ?? '' },
      ...ask('approve'),
    ]
    const refused = client.chat.completions.create({ model: 'careful', messages })
    await expect(refused).rejects.toMatchObject({ status: 409, code: 'request_not_open' })
    expect(deleted).toEqual([])
    expect(handler.server.streams.open).toBe(0)
  })

  it('makes a chat for each conversation of a caller, and refuses one that has been used', async () => {
    const made: string[] = []
    const shared = new ChatRuntime(new SingletonRuntimeConfiguration(agentOf(model('Hello.'))))
    const { client, clientOf } = await serveOpenAI({
      chats: {
        own: ({ tenant, name }) => {
          made.push(`${tenant}/${name}`)
          return new ChatRuntime(new SingletonRuntimeConfiguration(agentOf(model('Hello.'))))
        },
        shared: () => shared,
      },
    })
    await client.chat.completions.create({ model: 'own', messages: ask('x') })
    await clientOf(tokens.other).chat.completions.create({ model: 'own', messages: ask('x') })
    expect(made).toEqual(['acme/Ada', 'other/Eve'])
    await client.chat.completions.create({ model: 'shared', messages: ask('x') })
    await expect(client.chat.completions.create({ model: 'shared', messages: ask('x') })).rejects.toMatchObject({
      status: 500,
    })
  })

  it('refuses at the start what clients could not tell apart', async () => {
    const chats = { Press: () => careful([]) }
    await expect(serveOpenAI({ chats })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(serveOpenAI({ chats: { 'x:progress': () => careful([]) } })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
    const { client } = await serveOpenAI()
    const asked = { model: 'Recall', messages: ask('x') }
    for (const metadata of [{ progress: 'yes' }, { on_disconnect: 'stay' }]) {
      await expect(client.chat.completions.create({ ...asked, metadata })).rejects.toMatchObject({ status: 400 })
    }
  })
})
