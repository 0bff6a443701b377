import { describe, expect, it } from 'vitest'
import {
  Agent,
  AgentRunnable,
  AgentRunner,
  type ContextWindow,
  dropOldest,
  estimateTokens,
  keepAll,
  ModelError,
  type ModelMessage,
  summarise,
  textOf,
  tool,
} from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'

const user = (content: string): ModelMessage => ({ role: 'user', content })
const assistant = (content: string): ModelMessage => ({ role: 'assistant', content })
const called = (id: string): ModelMessage[] => [
  { role: 'assistant', content: '', toolCalls: [{ id, name: 'look', arguments: '{}' }] },
  { role: 'tool', content: `seen ${id}`, toolCallId: id },
]
/** One token a message, so that limits are easy to follow. */
const countTokens = (): number => 1

function agentWith(contextWindow: ContextWindow, ...replies: ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  const look = tool({ name: 'look', description: 'Looks', execute: () => 'seen' })
  return { client, agent: new Agent({ client, model: 'scripted', name: 'Long', tools: [look], contextWindow }) }
}

const contents = (messages: readonly ModelMessage[] = []) => messages.map(each => textOf(each))
const history = [user('one'), assistant('1'), user('two'), ...called('a'), assistant('2')]

describe('a context window', () => {
  it('that keeps all is the default', async () => {
    const { client, agent } = agentWith(keepAll(), 'done')
    await AgentRunner.run(agent, 'three', { messages: history })
    expect(client.requests[0]?.messages).toHaveLength(8)
  })

  it('drops the oldest exchanges whole, a call with its result, and the result still has all', async () => {
    const { client, agent } = agentWith(dropOldest({ maxTokens: 7, countTokens }), 'done')
    const { messages } = await AgentRunner.run(agent, 'three', { messages: history })
    expect(contents(client.requests[0]?.messages).slice(1)).toEqual(['two', '', 'seen a', '2', 'three'])
    expect(messages).toHaveLength(8)
    const tighter = agentWith(dropOldest({ maxTokens: 5, countTokens }), 'done')
    await AgentRunner.run(tighter.agent, 'three', { messages: history })
    expect(contents(tighter.client.requests[0]?.messages).slice(1)).toEqual(['three'])
  })

  it('never drops the instructions, system messages, the newest user message or the last step', async () => {
    const calls = { toolCalls: [{ name: 'look' }, { name: 'look' }] }
    const { client, agent } = agentWith(dropOldest({ maxTokens: 1, countTokens }), calls, calls, 'done')
    const messages: ModelMessage[] = [{ role: 'system', content: 'Be kind.' }, ...history]
    await AgentRunner.run(agent, 'three', { messages })
    expect(client.requests.map(request => request.messages.map(each => each.role).join())).toEqual([
      'system,system,user',
      'system,system,user,assistant,tool,tool',
      'system,system,user,assistant,tool,tool',
    ])
  })

  it('that was exceeded at the server is halved once; what is still too long is a typed error', async () => {
    const exceeded = new ModelError('too long', { code: 'MODEL_CONTEXT_EXCEEDED', model: 'scripted' })
    const { client, agent } = agentWith(dropOldest({ maxTokens: 8, countTokens }), exceeded, 'done', exceeded, exceeded)
    const { output } = await AgentRunner.run(agent, 'three', { messages: history })
    expect(output).toBe('done')
    expect(client.requests.map(request => request.messages.length)).toEqual([8, 2])
    const failing = AgentRunner.run(agent, 'three', { messages: history })
    await expect(failing).rejects.toMatchObject({ code: 'MODEL_CONTEXT_EXCEEDED' })
    expect(client.requests).toHaveLength(4)
  })

  it('that was exceeded at the server is halved also where the estimate is far below its limit', async () => {
    const exceeded = new ModelError('too long', { code: 'MODEL_CONTEXT_EXCEEDED', model: 'scripted' })
    const { client, agent } = agentWith(dropOldest({ maxTokens: 1000, countTokens }), exceeded, 'done')
    await AgentRunner.run(agent, 'three', { messages: history })
    expect(client.requests[1]?.messages.length).toBeLessThanOrEqual(4)
    expect(contents(client.requests[1]?.messages).at(-1)).toBe('three')
  })

  it('that was exceeded with nothing left to drop is an error at once', async () => {
    const exceeded = new ModelError('too long', { code: 'MODEL_CONTEXT_EXCEEDED', model: 'scripted' })
    for (const window of [keepAll(), dropOldest({ maxTokens: 100, countTokens })]) {
      const { client, agent } = agentWith(window, exceeded)
      await expect(AgentRunner.run(agent, 'one')).rejects.toBe(exceeded)
      client.assertDone()
    }
  })

  it('summarises the older part with a model of its own, once, and counts what that used', async () => {
    const cheap = new ScriptedModel(['They counted to two.'])
    const window = summarise({ maxTokens: 7, keepTokens: 2, client: cheap, model: 'cheap', countTokens })
    const { client, agent } = agentWith(window, { toolCalls: [{ name: 'look' }] }, 'done')
    const used: string[] = []
    const result = await AgentRunner.run(agent, 'three', {
      messages: history,
      onEvent: event => event.type === 'agent.usage' && used.push(event.model),
    })
    expect(contents(client.requests[0]?.messages).slice(1)).toEqual([
      'Summary of the conversation so far: They counted to two.',
      'three',
    ])
    expect(contents(client.requests[1]?.messages).slice(1, 3)).toEqual(contents(client.requests[0]?.messages).slice(1))
    expect(contents(cheap.requests[0]?.messages)[1]).toBe(
      'user: one\nassistant: 1\nuser: two\nassistant: \n  calls look({})\ntool: seen a\nassistant: 2',
    )
    expect(used).toEqual(['cheap', 'scripted', 'scripted'])
    const words = [...cheap.requests, ...client.requests].flatMap(request => request.messages)
    expect(result.usage.inputTokens).toBe(
      words.reduce((sum, each) => sum + (textOf(each).match(/\S+/g)?.length ?? 0), 0),
    )
    expect(client.requests.flatMap(faultsOf)).toEqual([])
  })

  it('summarises with the model of the agent by default, in a state too', async () => {
    const { client, agent } = agentWith(summarise({ maxTokens: 3, countTokens }), 'short', 'done')
    class State extends AgentRunnable<string, string> {
      readonly agent = agent

      override prompt(): ModelMessage[] {
        return [...history, user('three')]
      }
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    expect(await new Machine().run('go')).toBe('done')
    expect(client.requests[0]?.model).toBe('scripted')
    expect(contents(client.requests[1]?.messages)).toContain('Summary of the conversation so far: short')
  })

  it('estimates about four characters a token, and what pictures cost', () => {
    expect(estimateTokens(user('x'.repeat(400)))).toBe(104)
    expect(estimateTokens({ role: 'user', content: [{ type: 'image', url: 'https://x.y/z.png' }] })).toBe(769)
    expect(estimateTokens(called('a')[0] as ModelMessage)).toBe(6)
  })

  it('refuses limits that are none', () => {
    expect(() => dropOldest({ maxTokens: 0 })).toThrow('Option `maxTokens`')
    expect(() => summarise({ maxTokens: 10, client: {} as never })).toThrow('Option `client`')
  })
})
