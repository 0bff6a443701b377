import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, AgentRunner, tool } from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel } from '../../src/testing/index.js'

const systemOf = ({ requests }: ScriptedModel) => requests.map(({ messages }) => messages[0]?.content)

describe('instructions that are a function', () => {
  it('are made for each call of the model, of the properties of the run', async () => {
    const client = new ScriptedModel([{ toolCalls: [{ name: 'learn' }] }, 'done'])
    const learn = tool({
      name: 'learn',
      description: 'Learns',
      execute: (_, { run }) => run?.properties.set('language', 'French'),
    })
    class State extends AgentRunnable<string, string> {
      readonly agent = new Agent({
        client,
        model: 'scripted',
        name: 'Speaker',
        tools: [learn],
        instructions: async ({ agent, run }) =>
          `${agent} speaks ${run?.properties.get<string>('language') ?? 'English'}.`,
      })
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    await new Machine().run('go')
    expect(systemOf(client)).toEqual(['Speaker speaks English.', 'Speaker speaks French.'])
  })

  it('are there without a run too; the empty string is the default', async () => {
    const client = new ScriptedModel(['done', 'done'])
    const plain = new Agent({
      client,
      model: 'scripted',
      instructions: ({ run }) => (run === undefined ? 'alone' : 'not'),
    })
    const empty = new Agent({ client, model: 'scripted', instructions: () => '' })
    await AgentRunner.run(plain, 'go')
    await AgentRunner.run(empty, 'go')
    expect(systemOf(client)).toEqual(['alone', 'You are a helpful assistant'])
  })

  it('that are no string, or throw, fail the agent', async () => {
    const client = new ScriptedModel([])
    const wrong = new Agent({ client, model: 'scripted', instructions: () => 7 as never })
    await expect(AgentRunner.run(wrong, 'go')).rejects.toThrow('Option `instructions`')
    const error = new Error('no database')
    const broken = new Agent({ client, model: 'scripted', instructions: () => Promise.reject(error) })
    await expect(AgentRunner.run(broken, 'go')).rejects.toBe(error)
    expect(() => new Agent({ client, model: 'scripted', instructions: 7 as never })).toThrow('Option `instructions`')
  })
})
