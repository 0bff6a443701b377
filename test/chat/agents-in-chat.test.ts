import { describe, expect, it } from 'vitest'
import { Agent, type ModelRequest, textOf, tool } from '../../src/agents/index.js'
import {
  ChatMessage,
  ChatRuntime,
  ConcurrentRuntimeConfiguration,
  HandoffRuntimeConfiguration,
  InMemoryChatHistory,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
  StoredChatHistory,
} from '../../src/chat/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock, ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { outcome, recorded, said } from './controlled.js'

const asks: ScriptedReply = { toolCalls: [{ name: 'search' }] }

function agent(name: string, replies: readonly ScriptedReply[], more: { instructions?: string } = {}) {
  const client = new ScriptedModel(replies)
  const search = tool({ name: 'search', description: 'Searches', execute: () => `found by ${name}` })
  return Object.assign(new Agent({ client, model: 'scripted', name, tools: [search], ...more }), { script: client })
}

const spoken = (request: ModelRequest | undefined) =>
  request?.messages.slice(1).map(message => `${message.role}: ${textOf(message)}`)

function never(_request: ModelRequest, { signal }: { readonly signal?: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
}

describe('agents that answer one after the other', () => {
  it('are each given the growing conversation and their own instructions, and the last one makes the reply', async () => {
    const writer = agent('writer', [asks, 'A long draft.', 'More.'])
    const editor = agent('editor', ['Short.', 'Shorter.'])
    const runtime = new ChatRuntime(
      new SequentialRuntimeConfiguration([writer, { agent: editor, instructions: 'Make it short.' }]),
    )
    expect(await runtime.invoke('Write')).toEqual({ role: 'assistant', content: 'Short.', agent: 'editor' })
    const conversation = [
      'user: Write',
      'assistant: ',
      'tool: found by writer',
      'assistant: A long draft.',
      'user: Make it short.',
    ]
    expect(spoken(editor.script.requests[0])).toEqual(conversation)
    expect(await said(runtime)).toEqual([...conversation, 'assistant: Short.'])
    expect((await runtime.messages).map(message => message.agent)).toEqual([
      undefined,
      'writer',
      'writer',
      'writer',
      'editor',
      'editor',
    ])
    await runtime.invoke('Again')
    expect(spoken(writer.script.requests[2])).toEqual([...conversation, 'assistant: Short.', 'user: Again'])
  })

  it('may all have instructions, also the first, after the message', async () => {
    const first = agent('first', ['1'])
    const second = agent('second', ['2'])
    const configuration = new SequentialRuntimeConfiguration([
      { agent: first, instructions: 'Begin.' },
      { agent: second, instructions: 'End.' },
    ])
    expect((await configuration.invoke(new ChatMessage('user', 'Go'))).content).toBe('2')
    expect(spoken(second.script.requests[0])).toEqual(['user: Go', 'user: Begin.', 'assistant: 1', 'user: End.'])
  })

  it('leave no trace if one of them fails; an interruption keeps what is complete', async () => {
    const writer = agent('writer', ['Draft.', 'Draft.', 'Other.'])
    const editor = agent('editor', [new Error('down'), never, 'Done.'])
    const runtime = new ChatRuntime(
      new SequentialRuntimeConfiguration([writer, { agent: editor, instructions: 'Edit.' }]),
    )
    expect(await outcome(runtime.invoke('one'))).toBe('down')
    expect(await said(runtime)).toEqual([])
    const interrupted = outcome(runtime.invoke('two'))
    while (editor.script.requests.length < 2) await new Promise(resolve => setImmediate(resolve))
    const next = outcome(runtime.invoke('three', { whenBusy: 'interrupt' }))
    expect([await interrupted, await next]).toEqual(['RUN_CANCELLED', 'Done.'])
    expect((await said(runtime)).slice(0, 4)).toEqual(['user: two', 'assistant: Draft.', 'user: Edit.', 'user: three'])
  })

  it('must be some', () => {
    expect(() => new SequentialRuntimeConfiguration([])).toThrow(/at least one agent/)
  })
})

describe('agents that answer at once', () => {
  it('are heard in the order in which they are declared, whoever is first, and one reply is made of it (LT-16)', async () => {
    const clock = new ManualClock()
    const after = (ms: number, text: string) => () =>
      new Promise<string>(resolve => void clock.setTimeout(() => resolve(text), ms))
    const slow = agent('slow', [after(200, 'Yes.'), 'Y'])
    const quick = agent('quick', [asks, after(100, 'No.'), 'N'])
    const both = agent('both', ['It depends.', 'B'])
    const runtime = new ChatRuntime(new ConcurrentRuntimeConfiguration([slow, quick], { synthesiser: both }))
    const reply = runtime.invoke('Well?')
    await clock.advance(1000)
    expect(await reply).toEqual({ role: 'assistant', content: 'It depends.', agent: 'both' })
    expect(spoken(slow.script.requests[0])).toEqual(['user: Well?'])
    expect(spoken(quick.script.requests[0])).toEqual(['user: Well?'])
    const [asked, summary, ...rest] = spoken(both.script.requests[0]) ?? []
    expect([asked, rest]).toEqual(['user: Well?', []])
    expect(summary).toMatch(/^user: .*Answer of slow:\s+Yes\..*Answer of quick:\s+No\./s)
    expect(await said(runtime)).toEqual([
      'user: Well?',
      'assistant: Yes.',
      'assistant: ',
      'tool: found by quick',
      'assistant: No.',
      'assistant: It depends.',
    ])
    await runtime.invoke('And now?')
    expect(spoken(slow.script.requests[1])).toHaveLength(7)
  })

  it('have a synthesiser of the first one’s model if only its instructions are given, or nothing at all', async () => {
    for (const synthesiser of ['Weigh them.', undefined]) {
      const first = agent('first', ['A', 'both'])
      const configuration = new ConcurrentRuntimeConfiguration([first, agent('second', ['B'])], {
        ...(synthesiser && { synthesiser }),
      })
      expect((await configuration.invoke(new ChatMessage('user', '?'))).content).toBe('both')
      expect(first.script.requests[1]?.messages[0]?.content).toContain(synthesiser ?? 'Several agents')
    }
  })

  it('fail the turn with the first that fails, and the others are aborted', async () => {
    let aborted = false
    const waits: ScriptedReply = (request, options) => {
      options.signal?.addEventListener('abort', () => {
        aborted = true
      })
      return never(request, options as { readonly signal?: AbortSignal })
    }
    const runtime = new ChatRuntime(
      new ConcurrentRuntimeConfiguration([agent('waits', [waits]), agent('breaks', [new Error('down')])]),
    )
    expect(await outcome(runtime.invoke('?'))).toBe('down')
    expect([aborted, await said(runtime)]).toEqual([true, []])
  })

  it('go on without those that fail if that is wanted, and say so; not if all of them do', async () => {
    const first = agent('first', ['A', 'reply', new Error('gone')])
    const second = agent('second', [new Error('down'), new Error('still down')])
    const runtime = new ChatRuntime(new ConcurrentRuntimeConfiguration([first, second], { onAgentError: 'proceed' }))
    const events = recorded(runtime)
    expect(await outcome(runtime.invoke('?'))).toBe('reply')
    expect(await said(runtime)).toEqual(['user: ?', 'assistant: A', 'assistant: reply'])
    expect(events.find(({ type }) => type === 'runtime.agent.failed')).toMatchObject({
      agent: 'second',
      error: { message: 'down' },
    })
    expect(await outcome(runtime.invoke('!'))).toBe('gone')
  })

  it('are cancelled with the turn, all of them', async () => {
    const agents = ['a', 'b'].map(name => agent(name, [never]))
    const runtime = new ChatRuntime(new ConcurrentRuntimeConfiguration(agents, { onAgentError: 'proceed' }))
    const reply = outcome(runtime.invoke('?'))
    await new Promise(resolve => setImmediate(resolve))
    runtime.cancel('enough')
    expect(await reply).toBe('RUN_CANCELLED')
  })

  it('must have names of their own', () => {
    expect(() => new ConcurrentRuntimeConfiguration([agent('a', []), agent('a', [])])).toThrow(/different names/)
    expect(() => new ConcurrentRuntimeConfiguration([])).toThrow(/at least one agent/)
  })
})

describe('agents that hand a conversation over', () => {
  const goes = (name: string): ScriptedReply => ({ object: { reason: 'it fits', agent: name } })

  function team(decisions: readonly ScriptedReply[], replies: Record<string, readonly ScriptedReply[]>) {
    const router = new ScriptedModel(decisions)
    const [reception, billing, support] = ['reception', 'billing', 'support'].map(name =>
      agent(name, replies[name] ?? [], { instructions: `You are ${name}.` }),
    ) as unknown as [Agent, Agent, Agent]
    const configuration = new HandoffRuntimeConfiguration(
      reception,
      [billing, { agent: support, description: 'Anything technical' }],
      { router: { client: router, model: 'cheap' } },
    )
    return { router, configuration }
  }

  it('are chosen by a structured decision of a cheap model, and the change is an event', async () => {
    const { router, configuration } = team([goes('support'), goes('current')], { support: ['Restart it.'] })
    const runtime = new ChatRuntime(configuration)
    const events = recorded(runtime)
    expect(await runtime.invoke('It is broken')).toMatchObject({ content: 'Restart it.', agent: 'support' })
    const [first, second] = router.requests
    expect(first?.model).toBe('cheap')
    expect(JSON.stringify(first?.output?.schema)).toContain('"enum":["billing","support","current"]')
    expect(JSON.stringify(second?.output?.schema)).toContain('"enum":["billing","current"]')
    expect(first?.messages.at(-1)?.content).toContain('user: It is broken')
    expect(first?.messages.at(-1)?.content).toContain('- support: Anything technical')
    const told = events.flatMap(event => (event.type === 'runtime.agent' ? event.event : []))
    expect(told.filter(({ type }) => type === 'agent.handoff')).toEqual([
      { type: 'agent.handoff', agent: 'reception', to: 'support', reason: 'it fits' },
    ])
    const deltas = told.flatMap(event => (event.type === 'agent.delta' ? event.agent : []))
    expect(new Set(deltas)).toEqual(new Set(['support']))
  })

  it('cannot hand it back and forth: nobody gets it twice for one message (LT-13)', async () => {
    const { router, configuration } = team([goes('billing'), goes('reception'), goes('support')], {
      support: ['Mine.'],
    })
    expect((await configuration.invoke(new ChatMessage('user', '?'))).agent).toBe('support')
    // The second choice was none, so that it was asked for another one; with everybody asked there is nothing left to decide.
    const offered = router.requests.map(({ output }) => output?.schema.properties?.['agent']?.enum)
    expect(offered).toEqual([
      ['billing', 'support', 'current'],
      ['support', 'current'],
      ['support', 'current'],
    ])
  })

  it('are asked as often as is allowed, and then the last one answers', async () => {
    const client = new ScriptedModel([goes('b')])
    const [a, b, c] = ['a', 'b', 'c'].map(name => agent(name, [name])) as unknown as [Agent, Agent, Agent]
    const once = new HandoffRuntimeConfiguration(a, [b, c], { router: { client, model: 'm' }, maxHandoffs: 1 })
    expect((await once.invoke(new ChatMessage('user', '?'))).agent).toBe('b')
    client.assertDone()
    const none = new HandoffRuntimeConfiguration(c, [a], { router: { client, model: 'm' }, maxHandoffs: 0 })
    expect((await none.invoke(new ChatMessage('user', '?'))).agent).toBe('c')
  })

  it('keep the conversation over a restart, because the history says who has it', async () => {
    const store = new MemoryJournalStore()
    const chat = (decisions: readonly ScriptedReply[], replies: Record<string, readonly ScriptedReply[]>) => {
      const { configuration } = team(decisions, replies)
      return new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store.reopen()) })
    }
    await chat([goes('billing'), goes('current')], { billing: ['Paid.'] }).invoke('My bill')
    const again = chat([goes('current')], { billing: ['Still paid.'] })
    expect(await again.invoke('Sure?')).toMatchObject({ content: 'Still paid.', agent: 'billing' })
  })

  it('change nothing when a turn fails or is cancelled', async () => {
    const { configuration } = team([goes('billing'), goes('current'), goes('current')], {
      billing: [new Error('down')],
      reception: ['Hello.'],
    })
    const runtime = new ChatRuntime(configuration)
    expect(await outcome(runtime.invoke('My bill'))).toBe('down')
    expect((await runtime.invoke('Hi')).agent).toBe('reception')
  })

  it('repair a decision that is none once, and then fail or stay, as wanted', async () => {
    const wrong = goes('nobody')
    const { configuration } = team([wrong, goes('billing'), goes('current')], { billing: ['B'] })
    expect((await configuration.invoke(new ChatMessage('user', '?'))).agent).toBe('billing')
    const failing = team([wrong, wrong], {})
    expect(await outcome(failing.configuration.invoke(new ChatMessage('user', '?')))).toBe('MODEL_OUTPUT_INVALID')
    const client = new ScriptedModel([new Error('down')])
    const staying = new HandoffRuntimeConfiguration(agent('a', ['A']), [agent('b', [])], {
      router: { client, model: 'm' },
      onRouterError: 'stay',
    })
    expect((await staying.invoke(new ChatMessage('user', '?'))).agent).toBe('a')
  })

  it('must be told apart', () => {
    const one = agent('one', [])
    expect(() => new HandoffRuntimeConfiguration(one, [agent('one', [])])).toThrow(/different names/)
    expect(() => new HandoffRuntimeConfiguration(one, [agent('current', [])])).toThrow(/"current"/)
    expect(() => new HandoffRuntimeConfiguration(one, [], { maxHandoffs: -1 })).toThrow(/maxHandoffs/)
  })

  it('route with the model of the first agent if no other is given', async () => {
    const first = agent('first', [goes('second'), goes('current')])
    const second = agent('second', ['2'])
    const configuration = new HandoffRuntimeConfiguration(first, [first, second])
    const history = new InMemoryChatHistory()
    const runtime = new ChatRuntime(configuration, { history })
    expect((await runtime.invoke('?')).agent).toBe('second')
  })
})

describe('a tool that needs permission, in a chat', () => {
  function guarded(toolPermission?: 'ask' | 'deny') {
    const deleted: string[] = []
    const erase = tool({
      name: 'erase',
      description: 'Erases',
      needsPermission: true,
      execute: () => void deleted.push('x'),
    })
    const client = new ScriptedModel([{ toolCalls: [{ name: 'erase' }] }, 'Well.'])
    const one = new Agent({ client, model: 'm', name: 'Eraser', tools: [erase] })
    const runtime = new ChatRuntime(
      new SingletonRuntimeConfiguration(one, { ...(toolPermission && { toolPermission }) }),
    )
    return { deleted, runtime }
  }

  it('is denied unless the chat asks', async () => {
    const { deleted, runtime } = guarded()
    await runtime.invoke('Erase')
    expect(deleted).toEqual([])
  })

  it.each([true, false])('is asked of the person in the chat, whose answer counts: %s', async granted => {
    const { deleted, runtime } = guarded('ask')
    const asked: string[] = []
    runtime.on('runtime.approval.requested', ({ request }) => {
      asked.push(request.message)
      return granted ? runtime.approve(request) : runtime.reject(request, { comment: 'not today' })
    })
    await runtime.invoke('Erase')
    expect([asked, deleted]).toEqual([['May agent "Eraser" call tool "erase" with {}?'], granted ? ['x'] : []])
    expect(await runtime.pending).toEqual([])
    if (!granted) expect((await said(runtime))[2]).toContain('not today')
  })

  it('is denied when nobody has answered in time, on the clock of the chat', async () => {
    const clock = new ManualClock()
    const runtime = new ChatRuntime(
      {
        invoke: async (_message, _tell, _signal, conversation) => {
          const question = { message: 'Now?', subject: 1, timeoutMs: 1000 }
          return new ChatMessage('assistant', (await conversation?.requestApproval('now', question))?.outcome ?? '')
        },
      },
      { clock },
    )
    const reply = outcome(runtime.invoke('?'))
    await clock.advance(999)
    expect(await runtime.pending).toMatchObject([{ id: 'now#1', until: 1000 }])
    await clock.advance(1)
    expect([await reply, clock.pendingTimers]).toEqual(['expired', 0])
  })

  it('is no longer asked for when the turn is cancelled', async () => {
    const { deleted, runtime } = guarded('ask')
    const heard = new Promise(resolve => runtime.on('runtime.approval.requested', resolve))
    const reply = outcome(runtime.invoke('Erase'))
    await heard
    expect(await runtime.pending).toMatchObject([
      { kind: 'approval', stateName: 'erase', input: { agent: 'Eraser', tool: 'erase' } },
    ])
    runtime.cancel()
    expect(await reply).toBe('RUN_CANCELLED')
    await expect(runtime.approve('erase')).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect(deleted).toEqual([])
  })
})
