import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Agent, AgentRunnable, AgentRunner, tool } from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ManualClock, ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'

const calls = (...names: string[]): ScriptedReply => ({ toolCalls: names.map(name => ({ name })) })

function agentOf(client: ScriptedModel, ...tools: readonly ReturnType<typeof tool>[]) {
  return new Agent({ client, model: 'scripted', name: 'Limited', tools })
}

describe('a tool with a time limit', () => {
  it('that takes too long is told to the model, and its signal aborts', async () => {
    let signal: AbortSignal | undefined
    const slow = tool({
      name: 'slow',
      description: 'Slow',
      timeoutMs: 1,
      execute: (_, context) => {
        signal = context.signal
        return new Promise(() => {})
      },
    })
    const client = new ScriptedModel([calls('slow'), 'done'])
    const { messages } = await AgentRunner.run(agentOf(client, slow), 'go')
    expect(messages.at(-2)?.content).toBe('Error: it took longer than 1 ms')
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'TOOL_TIMED_OUT' })
  })

  it("fails the agent with `onError: 'fail'`", async () => {
    const slow = tool({
      name: 'slow',
      description: 'Slow',
      timeoutMs: 1,
      onError: 'fail',
      execute: () => new Promise(() => {}),
    })
    await expect(AgentRunner.run(agentOf(new ScriptedModel([calls('slow')]), slow), 'go')).rejects.toMatchObject({
      code: 'TOOL_TIMED_OUT',
      retryable: true,
      details: { agent: 'Limited', tool: 'slow' },
      message: 'Tool "slow" of agent "Limited" failed: it took longer than 1 ms',
    })
  })

  it('is measured on the clock of the run, without the time that a permission takes', async () => {
    const clock = new ManualClock()
    const client = new ScriptedModel([calls('slow'), 'done'])
    let began = (): void => {}
    const beginning = new Promise<void>(resolve => {
      began = resolve
    })
    const slow = tool({
      name: 'slow',
      description: 'Slow',
      timeoutMs: 1000,
      needsPermission: true,
      execute: () => {
        began()
        return new Promise(() => {})
      },
    })
    class State extends AgentRunnable<string, string> {
      readonly agent = new Agent({
        client,
        model: 'scripted',
        tools: [slow],
        onToolPermission: async (_, __, run) => {
          await clock.advance(5000)
          return run?.now() === clock.now()
        },
      })
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new State()
    }
    const run = new Machine().start('go', { clock })
    await beginning
    await clock.advance(1000)
    expect(await run.result).toBe('done')
    expect(client.requests[1]?.messages.at(-1)?.content).toBe('Error: it took longer than 1000 ms')
  })

  it('that is fast enough leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const fast = tool({ name: 'fast', description: 'Fast', timeoutMs: 100_000, execute: () => 'quick' })
    const { messages } = await AgentRunner.run(agentOf(new ScriptedModel([calls('fast'), 'done']), fast), 'go')
    expect(messages.at(-2)?.content).toBe('quick')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a result', () => {
  it('longer than its limit is cut off with a note', async () => {
    const long = tool({ name: 'long', description: 'Long', maxResultChars: 5, execute: () => '123456789' })
    const { messages } = await AgentRunner.run(agentOf(new ScriptedModel([calls('long'), 'done']), long), 'go')
    expect(messages.at(-2)?.content).toBe('12345\n[cut off: these are the first 5 of 9 characters]')
  })

  it('has a limit that makes sense', () => {
    const execute = (): string => ''
    expect(() => tool({ name: 'x', description: 'x', maxResultChars: 0, execute })).toThrow('Option `maxResultChars`')
    expect(() => tool({ name: 'x', description: 'x', timeoutMs: -1, execute })).toThrow('Option `timeoutMs`')
  })
})

describe('a model that misbehaves', () => {
  it('ends: unknown tools, wrong arguments and endless calls are answered until no turn is left', async () => {
    const broken = {
      toolCalls: [{ name: 'none' }, { name: 'look', arguments: '{' }, { name: 'look', arguments: '[]' }],
    }
    const client = new ScriptedModel(Array.from({ length: 10 }, () => broken))
    const look = tool({ name: 'look', description: 'Looks', execute: () => 'seen' })
    await expect(AgentRunner.run(agentOf(client, look), 'go')).rejects.toMatchObject({ code: 'MAX_TURNS_EXCEEDED' })
    client.assertDone()
  })

  it('that gives two calls the same id, or none, gets each answered under its own', async () => {
    const toolCalls = ['same', 'same', ''].map(id => ({ name: 'look', id }))
    const client = new ScriptedModel([{ toolCalls }, 'done'])
    let count = 0
    const look = tool({ name: 'look', description: 'Looks', execute: () => `seen ${++count}` })
    const { messages } = await AgentRunner.run(agentOf(client, look), 'go')
    const [said, ...results] = messages.slice(1, -1)
    const ids = said?.role === 'assistant' ? said.toolCalls?.map(each => each.id) : []
    expect(new Set(ids).size).toBe(3)
    expect(results.map(each => each.role === 'tool' && each.toolCallId)).toEqual(ids)
    expect(results.map(each => each.content)).toEqual(['seen 1', 'seen 2', 'seen 3'])
  })

  it('or a history that was interrupted is put in order', async () => {
    const client = new ScriptedModel(['done'])
    await AgentRunner.run(agentOf(client), 'go on', {
      messages: [
        { role: 'tool', content: 'of nobody', toolCallId: 'z' },
        { role: 'user', content: 'go' },
        {
          role: 'assistant',
          content: '',
          toolCalls: [
            { id: 'a', name: 'look', arguments: '{}' },
            { id: 'b', name: 'look', arguments: '{}' },
          ],
        },
        { role: 'tool', content: 'seen b', toolCallId: 'b' },
        { role: 'tool', content: 'seen b again', toolCallId: 'b' },
      ],
    })
    expect(client.requests[0]?.messages.slice(1).map(each => each.content)).toEqual([
      'go',
      '',
      'Error: the call was interrupted and has no result.',
      'seen b',
      'go on',
    ])
  })
})
