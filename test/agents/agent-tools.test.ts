import { LLMock } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  type Agent as AgentOf,
  AgentRunnable,
  AgentRunner,
  type AgentTool,
  agentTool,
  textOf,
  tool,
} from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'
import { SearchItem, SearchPlan } from './payloads.js'

const call = (name: string, args: unknown) => ({ toolCalls: [{ name, arguments: args }] })

function scripted(...replies: ScriptedReply[]): ScriptedModel {
  return new ScriptedModel(replies)
}

function named(client: ScriptedModel, name: string, tools: readonly AgentTool[] = []): AgentOf<string> {
  return new Agent({ client, model: 'scripted', name, tools })
}

describe('an agent as a tool', () => {
  it('answers the model that calls it, in a conversation of its own', async () => {
    const client = scripted(call('French_translator', { input: 'a tree' }), 'un arbre', 'It is un arbre.')
    const translator = named(client, 'French translator')
    const { output, messages } = await AgentRunner.run(named(client, 'Host', [agentTool(translator)]), 'Say tree')
    expect(output).toBe('It is un arbre.')
    expect(client.requests[0]?.tools).toMatchObject([
      { name: 'French_translator', strict: true, parameters: { required: ['input'], additionalProperties: false } },
    ])
    expect(client.requests[1]?.messages.map(each => each.content)).toEqual(['You are a helpful assistant', 'a tree'])
    expect(messages.at(-2)).toMatchObject({ role: 'tool', content: 'un arbre' })
    expect(client.requests.flatMap(faultsOf)).toEqual([])
  })

  it('takes arguments of a class, and gives back a structured output as JSON', async () => {
    const plan = { topic: 'x', items: [] }
    const client = scripted(call('plan', { query: 'q', limit: 3 }), { object: plan }, 'planned')
    const planner = new Agent({ client, model: 'scripted', name: 'Planner', outputSchema: SearchPlan })
    const planning = agentTool(planner, {
      name: 'plan',
      description: 'Plans',
      parameters: SearchItem,
      prompt: ({ query, limit }) => `${query} up to ${limit}`,
    })
    const { messages } = await AgentRunner.run(named(client, 'Host', [planning]), 'go')
    expect(client.requests[1]?.messages.at(-1)?.content).toBe('q up to 3')
    expect(JSON.parse(textOf(messages.at(-2)))).toEqual(plan)
  })

  it('is told what is wrong with its arguments, and what it failed with', async () => {
    const client = scripted(call('Inner', { question: 1 }), call('Inner', { input: 'x' }), new Error('no model'), 'ok')
    const { messages } = await AgentRunner.run(named(client, 'Host', [agentTool(named(client, 'Inner'))]), 'go')
    const results = messages.filter(each => each.role === 'tool').map(each => each.content)
    expect(results[0]).toContain('input must be a string')
    expect(results[1]).toBe('Error: no model')
  })

  it('has events and usage of its own name: in the stream of the run, and without a run for who listens', async () => {
    const script: ScriptedReply[] = [call('Inner', { input: 'x' }), 'inner words', 'outer words']
    const build = () => {
      const client = new ScriptedModel(script)
      return named(client, 'Outer', [agentTool(named(client, 'Inner'))])
    }
    const events: AgentEvent[] = []
    await AgentRunner.run(build(), 'go', { onEvent: event => events.push(event) })
    const expected = [
      'Outer agent.usage',
      'Outer agent.tool.called',
      'Inner agent.delta',
      'Inner agent.delta',
      'Inner agent.usage',
      'Outer agent.tool.completed',
      'Outer agent.delta',
      'Outer agent.delta',
      'Outer agent.usage',
    ]
    expect(events.map(event => `${event.agent} ${event.type}`)).toEqual(expected)

    class State extends AgentRunnable<string, string> {
      readonly agent = build()
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    const run = new Machine().start('go')
    const seen: string[] = []
    run.events$.subscribe(event => {
      if ('agent' in event) seen.push(`${event.agent} ${event.type}`)
    })
    await run.result
    expect(seen).toEqual(expected)
  })

  it('is aborted with its caller, down to the model', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let inner: AbortSignal | undefined
    const client = scripted(call('Inner', { input: 'x' }), (_, { signal }) => {
      inner = signal
      controller.abort(reason)
      return new Promise<never>(() => {})
    })
    const host = named(client, 'Host', [agentTool(named(client, 'Inner'))])
    await expect(AgentRunner.run(host, 'go', { signal: controller.signal })).rejects.toBe(reason)
    expect(inner?.aborted).toBe(true)
  })

  it('that calls itself in a circle ends', async () => {
    const client = scripted(...Array.from({ length: 9 }, () => call('again', { input: 'x' })), ...Array(9).fill('done'))
    const tools: AgentTool[] = []
    const circle: AgentOf<string> = new Agent({
      client,
      model: 'scripted',
      name: 'Circle',
      tools: [lazily(() => tools[0])],
    })
    tools.push(agentTool(circle, { name: 'again', description: 'Again' }))
    expect((await AgentRunner.run(circle, 'go')).output).toBe('done')
    client.assertDone()
    const refused = client.requests.flatMap(({ messages }) => messages.map(each => textOf(each)))
    expect(refused.filter(text => text.includes('they call each other in a circle')).length).toBeGreaterThan(0)
    expect(client.requests.flatMap(faultsOf)).toEqual([])
  })

  it('has its tool calls permitted by the caller where it has nobody of its own', async () => {
    const pay = tool({ name: 'pay', description: 'Pays', needsPermission: true, execute: () => 'paid' })
    const script: ScriptedReply[] = [call('Inner', { input: 'x' }), { toolCalls: [{ name: 'pay' }] }, 'inner', 'outer']
    const client = new ScriptedModel(script)
    const asked: string[] = []
    await AgentRunner.run(named(client, 'Host', [agentTool(named(client, 'Inner', [pay]))]), 'go', {
      onToolPermission: ({ agent, tool: name }) => asked.push(`${agent} ${name}`) > 0,
    })
    expect(asked).toEqual(['Inner pay'])
    expect(client.requests[2]?.messages.at(-1)?.content).toBe('paid')
    const denied = new ScriptedModel(script)
    await AgentRunner.run(named(denied, 'Host', [agentTool(named(denied, 'Inner', [pay]))]), 'go')
    expect(denied.requests[2]?.messages.at(-1)?.content).toBe('Tool permission was not granted')
  })
})

describe('over HTTP, through the official client', () => {
  it('an agent calls another one as a tool, then hands over; usage is what the server says', async () => {
    const mock = new LLMock({ port: 0 })
    await mock.start()
    try {
      const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }
      const asks = (who: string, after: number) => ({
        predicate: ({ messages }: { messages: { role: string; content: unknown }[] }) =>
          messages[0]?.content === who && messages.filter(each => each.role === 'tool').length === after,
      })
      mock.on(asks('I am the host', 0), {
        toolCalls: [{ name: 'Translator', arguments: '{"input":"tree"}', id: 'call_a' }],
        usage,
      })
      mock.on(asks('I translate', 0), { content: 'arbre', usage })
      mock.on(asks('I am the host', 1), {
        toolCalls: [{ name: 'transfer_to_Writer', arguments: '{"reason":"style"}', id: 'call_b' }],
        usage,
      })
      mock.on(asks('I write', 2), { content: 'L’arbre est là.', usage })
      const client = new OpenAI({ apiKey: 'none', baseURL: `${mock.url}/v1`, maxRetries: 0, logLevel: 'off' })
      const made = (name: string, instructions: string) => new Agent({ client, model: 'gpt-4o', name, instructions })
      const host = new Agent({
        client,
        model: 'gpt-4o',
        name: 'Host',
        instructions: 'I am the host',
        tools: [agentTool(made('Translator', 'I translate'))],
        handoffs: [made('Writer', 'I write')],
      })
      const events: AgentEvent[] = []
      const result = await AgentRunner.run(host, 'tree in French', { onEvent: event => events.push(event) })
      expect(result.output).toBe('L’arbre est là.')
      expect(result.agent.name).toBe('Writer')
      const used = events.filter(event => event.type === 'agent.usage')
      expect(used.map(event => event.agent)).toEqual(['Host', 'Translator', 'Host', 'Writer'])
      expect(used.reduce((sum, event) => sum + event.inputTokens, 0)).toBe(40)
      expect(mock.getRequests()).toHaveLength(4)
    } finally {
      await mock.stop()
    }
  })
})

/** A tool that is not there yet when its agent is made. */
function lazily(get: () => AgentTool | undefined): AgentTool {
  const made = tool({ name: 'again', description: 'Again', execute: () => undefined })
  return {
    ...made,
    parse: async value => get()?.parse(value),
    execute: (args, context) => get()?.execute(args, context),
  }
}
