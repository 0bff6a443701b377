import { describe, expect, it } from 'vitest'
import {
  Agent,
  type AgentEvent,
  type Agent as AgentOf,
  AgentRunnable,
  AgentRunner,
  type AgentTool,
  type HandoffTargets,
  handoff,
  tool,
} from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'

interface More {
  readonly handoffs?: HandoffTargets<string>
  readonly tools?: readonly AgentTool[]
  readonly maxHandoffs?: number
  readonly maxTurns?: number
  readonly instructions?: string
  readonly description?: string
}

function agent(client: ScriptedModel, name: string, more: More = {}): AgentOf<string> {
  return new Agent({ client, model: `model of ${name}`, name, instructions: `I am ${name}.`, ...more })
}

const transfer = (to: string, reason: string | null = null, id?: string) => ({
  name: `transfer_to_${to}`,
  arguments: { reason },
  ...(id === undefined ? {} : { id }),
})
const to = (name: string): ScriptedReply => ({ toolCalls: [transfer(name)] })

function resultsIn({ requests }: ScriptedModel, index = -1): unknown[] {
  return (requests.at(index)?.messages ?? []).filter(each => each.role === 'tool').map(each => each.content)
}

describe('a handoff', () => {
  it('is offered as a tool, and the other agent goes on with its own instructions, tools and model', async () => {
    const client = new ScriptedModel([{ toolCalls: [transfer('Refunds', 'wants money')] }, 'You get it.'])
    const pay = tool({ name: 'pay', description: 'Pays', execute: () => 'paid' })
    const refunds = agent(client, 'Refunds', { tools: [pay], description: 'Knows all about refunds.' })
    const events: AgentEvent[] = []
    const result = await AgentRunner.run(agent(client, 'Triage', { handoffs: [refunds] }), 'My money!', {
      onEvent: event => events.push(event),
    })
    expect(result.output).toBe('You get it.')
    expect(result.agent).toBe(refunds)
    expect(client.requests[0]?.tools).toMatchObject([
      {
        name: 'transfer_to_Refunds',
        description: 'Hands the conversation over to Refunds. Knows all about refunds.',
        strict: true,
      },
    ])
    expect(client.requests[1]).toMatchObject({ model: 'model of Refunds', tools: [{ name: 'pay' }] })
    expect(client.requests[1]?.messages[0]?.content).toBe('I am Refunds.')
    expect(resultsIn(client)).toEqual(['Refunds goes on with the conversation.'])
    expect(client.requests.flatMap(faultsOf)).toEqual([])
    expect(events.filter(event => event.type === 'agent.handoff')).toEqual([
      { type: 'agent.handoff', agent: 'Triage', to: 'Refunds', reason: 'wants money' },
    ])
    expect(events.filter(event => event.type === 'agent.usage').map(event => event.agent)).toEqual([
      'Triage',
      'Refunds',
    ])
  })

  it('beside other tool calls lets each call be answered exactly once; only the first of several counts', async () => {
    const look = tool({ name: 'look', description: 'Looks', execute: () => 'seen' })
    const toolCalls = [{ name: 'look' }, transfer('B'), { name: 'look' }, transfer('C'), { name: 'nothing' }]
    const client = new ScriptedModel([{ toolCalls }, 'done'])
    const others = ['B', 'C'].map(name => agent(client, name))
    const result = await AgentRunner.run(agent(client, 'A', { handoffs: others, tools: [look] }), 'go')
    expect(result.agent.name).toBe('B')
    expect(resultsIn(client)).toEqual([
      'seen',
      'B goes on with the conversation.',
      'seen',
      'Error: there is one handoff at a time, and this one went to B.',
      'Error: there is no tool "nothing". Use one of: look.',
    ])
    expect(client.requests.flatMap(faultsOf)).toEqual([])
  })

  it('has options: another name, when it is offered, and what the other agent sees', async () => {
    const client = new ScriptedModel([{ toolCalls: [{ name: 'to_sales' }] }, 'Buy!'])
    const sales = handoff(agent(client, 'Sales'), {
      name: 'to_sales',
      description: 'Wants to buy',
      filter: messages => messages.slice(-2),
    })
    const never = handoff(agent(client, 'Never'), { when: ({ messages }) => messages.length > 10 })
    const history = [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: 'hi' },
    ] as const
    const { messages } = await AgentRunner.run(agent(client, 'Triage', { handoffs: [sales, never] }), 'sell me', {
      messages: history,
    })
    expect(client.requests[0]?.tools?.map(each => each.name)).toEqual(['to_sales'])
    expect(client.requests[1]?.messages.map(each => each.role)).toEqual(['system', 'assistant', 'tool'])
    expect(messages.map(each => each.role)).toEqual(['user', 'assistant', 'user', 'assistant', 'tool', 'assistant'])
  })

  it('whose filter tears a call from its result leaves a conversation that a server takes', async () => {
    const client = new ScriptedModel([to('B'), 'done'])
    const b = handoff(agent(client, 'B'), { filter: messages => messages.filter(each => each.role !== 'assistant') })
    await AgentRunner.run(agent(client, 'A', { handoffs: [b] }), 'go')
    expect(client.requests.flatMap(faultsOf)).toEqual([])
    expect(client.requests[1]?.messages.map(each => each.role)).toEqual(['system', 'user'])
  })

  it('that is not possible at the moment is told to the model', async () => {
    const client = new ScriptedModel([to('B'), 'alone then'])
    const b = handoff(agent(client, 'B'), { when: async () => false })
    const result = await AgentRunner.run(agent(client, 'A', { handoffs: [b] }), 'go')
    expect(result.agent.name).toBe('A')
    expect(resultsIn(client)).toEqual(['Error: "transfer_to_B" is not possible at the moment.'])
    expect(client.requests[0]?.tools).toBeUndefined()
  })

  it('ping-pong ends: the handoffs are no longer offered, one too many is refused, and the next fails the agent', async () => {
    const replies = [to('B'), to('A'), to('B'), to('A'), to('B')]
    const pair = (client: ScriptedModel) => {
      const a: AgentOf<string> = agent(client, 'A', { handoffs: () => [b], maxHandoffs: 3 })
      const b: AgentOf<string> = agent(client, 'B', { handoffs: () => [a] })
      return a
    }
    const heeding = new ScriptedModel([...replies.slice(0, 4), 'I will do it.'])
    const result = await AgentRunner.run(pair(heeding), 'go')
    expect([result.agent.name, result.output]).toEqual(['B', 'I will do it.'])
    expect(heeding.requests.map(each => each.tools?.length ?? 0)).toEqual([1, 1, 1, 0, 0])
    expect(resultsIn(heeding).at(-1)).toBe(
      'Error: the conversation has been handed over too often already. Answer it yourself.',
    )
    expect(heeding.requests.flatMap(faultsOf)).toEqual([])

    const stubborn = new ScriptedModel([...replies.slice(0, 4), to('A')])
    await expect(AgentRunner.run(pair(stubborn), 'go')).rejects.toMatchObject({
      code: 'HANDOFF_REFUSED',
      details: { agent: 'B', maxHandoffs: 3, called: ['transfer_to_A'] },
    })
  })

  it('is one of eight at most by default, and counts for maxTurns like any other turn', async () => {
    const client = new ScriptedModel(Array.from({ length: 8 }, (_, index) => to(index % 2 === 0 ? 'B' : 'A')))
    const a: AgentOf<string> = agent(client, 'A', { handoffs: () => [b], maxTurns: 3 })
    const b: AgentOf<string> = agent(client, 'B', { handoffs: () => [a] })
    expect(a.maxHandoffs).toBe(8)
    await expect(AgentRunner.run(a, 'go')).rejects.toMatchObject({ code: 'MAX_TURNS_EXCEEDED' })
    await expect(AgentRunner.run(a, 'go', { maxTurns: 2, maxHandoffs: -1 })).rejects.toThrow('Option `maxHandoffs`')
  })

  it('must have a name of its own', async () => {
    const client = new ScriptedModel([])
    const twice = agent(client, 'A', { handoffs: [agent(client, 'B'), agent(client, 'B')] })
    await expect(AgentRunner.run(twice, 'go')).rejects.toThrow('Option `handoffs`')
    expect(() => handoff(agent(client, 'B'), { name: 'not a name' })).toThrow('Option `name`')
  })

  it('forces the tool of the other agent in its own first turn', async () => {
    const client = new ScriptedModel([to('B'), { toolCalls: [{ name: 'look' }] }, 'done'])
    const look = tool({ name: 'look', description: 'Looks', execute: () => 'seen' })
    const b = new Agent({ client, model: 'b', name: 'B', tools: [look], toolChoice: { name: 'look' } })
    await AgentRunner.run(agent(client, 'A', { handoffs: [b] }), 'go')
    expect(client.requests.map(each => each.toolChoice)).toEqual([undefined, { name: 'look' }, undefined])
  })

  it('in a state arrives in the events of the run', async () => {
    const client = new ScriptedModel([to('B'), 'done'])
    class State extends AgentRunnable<string, string> {
      readonly agent = agent(client, 'A', { handoffs: [agent(client, 'B')] })
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    const run = new Machine().start('go')
    const seen: unknown[] = []
    run.on('agent.handoff', ({ stateName, token, agent: from, to: other }) =>
      seen.push([stateName, token, from, other]),
    )
    expect(await run.result).toBe('done')
    expect(seen).toEqual([['State', '0:0', 'A', 'B']])
  })
})
