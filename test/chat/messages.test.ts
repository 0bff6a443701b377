import { describe, expect, it } from 'vitest'
import { Agent, type MessagePart } from '../../src/agents/index.js'
import {
  ChatMessage,
  ChatRuntime,
  type ChatRuntimeEvent,
  InMemoryChatHistory,
  type RuntimeConfiguration,
  SingletonRuntimeConfiguration,
  StoredChatHistory,
} from '../../src/chat/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { Controlled, outcome, recorded, said } from './controlled.js'

const parts: readonly MessagePart[] = [
  { type: 'text', text: 'What is this?' },
  { type: 'image', url: 'https://example.org/a.png', detail: 'low' },
  { type: 'file', name: 'b.pdf', data: 'data:application/pdf;base64,AAAA' },
  { type: 'text', text: 'And that?' },
]

describe('a message of parts', () => {
  it('has all its texts as content, so that whoever reads texts only can go on', () => {
    const message = new ChatMessage('user', parts)
    expect(message.content).toBe('What is this?\nAnd that?')
    expect(message.parts).toEqual(parts)
    expect(Object.keys(new ChatMessage('user', 'plain'))).toEqual(['role', 'content'])
  })

  it.each(['memory', 'stored'])(
    'goes to the model in full, now and after a restart, from a history that is %s (S4-27)',
    async kind => {
      const store = new MemoryJournalStore()
      const memory = new InMemoryChatHistory()
      const turn = async (message: ChatMessage | string) => {
        const client = new ScriptedModel(['A cat.'])
        const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(new Agent({ client, model: 'm' })), {
          id: 'c',
          history: kind === 'memory' ? memory : new StoredChatHistory(store.reopen()),
        })
        await runtime.invoke(message)
        return { seen: client.requests[0]?.messages.slice(1), kept: await runtime.messages }
      }
      const first = await turn(new ChatMessage('user', parts))
      expect(first.seen).toEqual([{ role: 'user', content: parts }])
      const second = await turn('Sure?')
      expect(second.seen?.[0]).toEqual({ role: 'user', content: parts })
      expect(second.kept[0]).toStrictEqual(new ChatMessage('user', parts))
    },
  )

  it('keeps everything that a message can have, through JSON and through a store', async () => {
    const all = new ChatMessage('assistant', 'x', {
      toolCalls: [{ id: '1', name: 'a', arguments: '{}' }],
      agent: 'A',
      turn: 't',
      interrupted: true,
    })
    const store = new MemoryJournalStore()
    await new StoredChatHistory(store).append('c', [all, new ChatMessage('tool', 'y', { toolCallId: '1', agent: 'A' })])
    const [loaded, tool] = await new StoredChatHistory(store.reopen()).load('c')
    expect(loaded).toStrictEqual(all)
    expect(tool).toMatchObject({ role: 'tool', toolCallId: '1', agent: 'A' })
    expect(JSON.parse(JSON.stringify(all))).toEqual(Object.fromEntries(Object.entries(all)))
  })
})

describe('what a chat is given wrongly', () => {
  it.each([
    [undefined],
    [null],
    [5],
    [{ role: 'root', content: 'x' }],
    [{ role: 'user' }],
    [{ role: 'user', content: parts }],
  ])('refuses %j as a message', async message => {
    const runtime = new ChatRuntime(new Controlled())
    await expect(runtime.invoke(message as unknown as string)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    expect(runtime.isBusy).toBe(false)
  })

  it('refuses a configuration that is none', () => {
    expect(() => new ChatRuntime({} as RuntimeConfiguration)).toThrow(/invoke/)
    expect(() => new ChatRuntime(undefined as unknown as RuntimeConfiguration)).toThrow(/invoke/)
  })

  it.each([[undefined], ['text'], [{ content: 'x' }], [{ role: 'assistant', content: 5 }]])(
    'fails the turn if the reply is %j, and keeps nothing of it',
    async reply => {
      const runtime = new ChatRuntime({ invoke: async () => reply as unknown as ChatMessage })
      const events = recorded(runtime)
      expect(await outcome(runtime.invoke('x'))).toBe('PAYLOAD_INVALID')
      expect(events.at(-1)).toMatchObject({ type: 'runtime.failed', error: { code: 'PAYLOAD_INVALID' } })
      expect([await said(runtime), runtime.isBusy]).toEqual([[], false])
    },
  )

  it('fails the turn if the configuration throws at once, or rejects with what is no error', async () => {
    const throwing = new ChatRuntime({
      invoke: () => {
        throw new Error('at once')
      },
    })
    expect(await outcome(throwing.invoke('x'))).toBe('at once')
    const odd = new ChatRuntime({ invoke: () => Promise.reject('just text') })
    const events = recorded(odd)
    await expect(odd.invoke('x')).rejects.toBe('just text')
    expect(events.at(-1)).toMatchObject({ type: 'runtime.failed', errorMessage: 'just text' })
    expect(await outcome(throwing.invoke('y'))).toBe('at once')
  })

  it('fails the turn if the history cannot be read, and asks nobody', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration, {
      history: { load: () => Promise.reject(new Error('no disk')), append: async () => {}, clear: async () => {} },
    })
    expect(await outcome(runtime.invoke('x'))).toBe('no disk')
    expect([configuration.calls.length, runtime.isBusy]).toEqual([0, false])
  })
})

describe('a listener', () => {
  it('that throws or rejects harms nothing, and goes to the logger', async () => {
    const warnings: string[] = []
    const runtime = new ChatRuntime(
      { invoke: async () => new ChatMessage('assistant', 'fine') },
      { logger: { warn: (message, error) => void warnings.push(`${message}: ${error.message}`) } },
    )
    runtime.on('runtime.started', () => {
      throw new Error('thrown')
    })
    const off = runtime.on('runtime.completed', () => Promise.reject(new Error('rejected')))
    expect(await outcome(runtime.invoke('x'))).toBe('fine')
    await new Promise(resolve => setImmediate(resolve))
    off()
    expect(await outcome(runtime.invoke('y'))).toBe('fine')
    expect(warnings).toEqual([
      'a listener of "runtime.started" failed: thrown',
      'a listener of "runtime.completed" failed: rejected',
      'a listener of "runtime.started" failed: thrown',
    ])
  })

  it('may cancel from within any event, and the turn ends once', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration)
    const events: ChatRuntimeEvent['type'][] = []
    runtime.events$.subscribe(({ type }) => {
      events.push(type)
      if (type === 'runtime.started' || type === 'runtime.cancelled') runtime.cancel('from within')
    })
    expect(await outcome(runtime.invoke('x'))).toBe('RUN_CANCELLED')
    expect([events, configuration.calls.length]).toEqual([['runtime.started', 'runtime.cancelled'], 0])
  })
})
