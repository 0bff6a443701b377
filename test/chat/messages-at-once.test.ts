import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChatHistory, ChatMessage, ChatRuntime, InMemoryChatHistory, type WhenBusy } from '../../src/chat/index.js'
import { Controlled, outcome, recorded, said } from './controlled.js'

function chat(whenBusy: WhenBusy, history?: ChatHistory) {
  const configuration = new Controlled()
  const runtime = new ChatRuntime(configuration, { whenBusy, ...(history && { history }) })
  return { configuration, runtime, events: recorded(runtime) }
}

const tick = () => new Promise<void>(resolve => void setImmediate(resolve))

describe('a message that comes while another is answered', () => {
  it('is refused by default, and says what can be done about it', async () => {
    const { runtime, configuration } = chat('reject')
    const first = runtime.invoke('one')
    await expect(runtime.invoke('two')).rejects.toMatchObject({ code: 'CHAT_BUSY', retryable: true })
    ;(await configuration.call(0)).reply('1')
    expect(await outcome(first)).toBe('1')
    expect(runtime.isBusy).toBe(false)
  })

  it('is answered afterwards, in order, if it is enqueued', async () => {
    const { runtime, configuration, events } = chat('enqueue')
    const replies = ['one', 'two', 'three'].map(text => runtime.invoke(text))
    expect(runtime.queued.map(({ content }) => content)).toEqual(['two', 'three'])
    for (const index of [0, 1, 2]) {
      const call = await configuration.call(index)
      expect(configuration.calls).toHaveLength(index + 1)
      expect(call.conversation.messages).toHaveLength(2 * index)
      call.reply(`to ${call.message.content}`)
    }
    expect(await Promise.all(replies.map(outcome))).toEqual(['to one', 'to two', 'to three'])
    expect(await said(runtime)).toHaveLength(6)
    expect(events.map(({ type }) => type)).toEqual([
      'runtime.started',
      'runtime.queued',
      'runtime.queued',
      'runtime.completed',
      'runtime.started',
      'runtime.completed',
      'runtime.started',
      'runtime.completed',
    ])
  })

  it('is answered also if the one before it fails or is cancelled', async () => {
    const { runtime, configuration } = chat('enqueue')
    const replies = ['one', 'two', 'three'].map(text => runtime.invoke(text))
    ;(await configuration.call(0)).fail(new Error('no'))
    await configuration.call(1)
    runtime.cancel()
    ;(await configuration.call(2)).reply('3')
    expect(await Promise.all(replies.map(outcome))).toEqual(['no', 'RUN_CANCELLED', '3'])
    expect(await said(runtime)).toEqual(['user: three', 'assistant: 3'])
  })

  it('can be taken out of the queue by its signal, alone, and by cancel, with all others', async () => {
    const { runtime, configuration, events } = chat('enqueue')
    const gone = new AbortController()
    const [first, second, third, fourth] = [
      runtime.invoke('one'),
      runtime.invoke('two', { signal: gone.signal }),
      runtime.invoke('three'),
      runtime.invoke('four', { signal: AbortSignal.abort(new Error('never mind')) }),
    ]
    const outcomes = Promise.all([first, second, third, fourth].map(outcome))
    gone.abort(new Error('gone'))
    expect(runtime.queued.map(({ content }) => content)).toEqual(['three'])
    runtime.cancel('enough', { queued: true })
    expect(await outcomes).toEqual(['RUN_CANCELLED', 'gone', 'RUN_CANCELLED', 'never mind'])
    expect(configuration.calls.length).toBeLessThanOrEqual(1)
    expect(await said(runtime)).toEqual([])
    const cancelled = events.filter(({ type }) => type === 'runtime.cancelled')
    const texts = cancelled.map(event => (event.type === 'runtime.cancelled' ? event.message.content : ''))
    expect(texts.toSorted()).toEqual(['four', 'one', 'three', 'two'])
  })

  it('interrupts: what was said stays, marked, and the message is next, before those that are enqueued', async () => {
    const { runtime, configuration, events } = chat('interrupt')
    const first = outcome(runtime.invoke('one'))
    const waits = outcome(runtime.invoke('later', { whenBusy: 'enqueue' }))
    const call = await configuration.call(0)
    call.conversation.record(new ChatMessage('assistant', 'recorded'))
    call.say('Half ')
    call.say('an answer')
    call.say('by the other', 'B')
    const second = outcome(runtime.invoke('stop'))
    expect(call.signal.aborted).toBe(true)
    call.say('too late')
    call.reply('too late')
    ;(await configuration.call(1)).reply('stopped')
    ;(await configuration.call(2)).reply('here')
    expect(await Promise.all([first, second, waits])).toEqual(['RUN_CANCELLED', 'stopped', 'here'])
    expect(await said(runtime)).toEqual([
      'user: one',
      'assistant: recorded',
      'assistant: Half an answer …',
      'assistant: by the other …',
      'user: stop',
      'assistant: stopped',
      'user: later',
      'assistant: here',
    ])
    expect((await runtime.messages)[2]).toEqual({
      role: 'assistant',
      content: 'Half an answer',
      agent: 'A',
      interrupted: true,
    })
    expect(events.find(({ type }) => type === 'runtime.cancelled')).toMatchObject({
      reason: 'another message came in',
      kept: true,
      message: { content: 'one' },
    })
  })

  it('interrupts what came in before it by interrupting, however quickly it comes', async () => {
    const slowly = async (pause: () => Promise<void>) => {
      const { runtime, configuration } = chat('interrupt')
      const outcomes: Promise<string>[] = []
      for (const text of ['one', 'two', 'three']) {
        outcomes.push(outcome(runtime.invoke(text)))
        await pause()
      }
      const last = await (async () => {
        for (let index = 0; ; index++) {
          const call = await configuration.call(index)
          if (call.message.content === 'three') return call
        }
      })()
      last.reply('3')
      return [await Promise.all(outcomes), await said(runtime)]
    }
    const expected = [
      ['RUN_CANCELLED', 'RUN_CANCELLED', '3'],
      ['user: one', 'user: two', 'user: three', 'assistant: 3'],
    ]
    expect(await slowly(async () => {})).toEqual(expected)
    expect(await slowly(tick)).toEqual(expected)
  })

  it('rolls back: the turn it takes the place of leaves no trace', async () => {
    const { runtime, configuration, events } = chat('rollback')
    const first = outcome(runtime.invoke('one'))
    ;(await configuration.call(0)).say('Half')
    const second = outcome(runtime.invoke('two'))
    ;(await configuration.call(1)).reply('2')
    expect([await first, await second]).toEqual(['RUN_CANCELLED', '2'])
    expect(await said(runtime)).toEqual(['user: two', 'assistant: 2'])
    expect(events.find(({ type }) => type === 'runtime.cancelled')).toMatchObject({ kept: false })
  })

  it('does not touch a turn whose reply is already being written', async () => {
    const memory = new InMemoryChatHistory()
    let late: Promise<string> | undefined
    const runtime: ChatRuntime = new ChatRuntime(
      { invoke: async message => new ChatMessage('assistant', `<${message.content}>`) },
      {
        whenBusy: 'interrupt',
        history: {
          load: id => memory.load(id),
          clear: id => memory.clear(id),
          append: (id, messages) => {
            late ??= outcome(runtime.invoke('two'))
            return memory.append(id, messages)
          },
        },
      },
    )
    expect(await outcome(runtime.invoke('one'))).toBe('<one>')
    expect(await late).toBe('<two>')
    expect(await said(runtime)).toEqual(['user: one', 'assistant: <one>', 'user: two', 'assistant: <two>'])
  })

  it('says so when what was said before an interruption cannot be kept, and answers the next', async () => {
    const memory = new InMemoryChatHistory()
    let broken = true
    const history: ChatHistory = {
      load: id => memory.load(id),
      clear: id => memory.clear(id),
      append: (id, messages) => (broken ? Promise.reject(new Error('disk full')) : memory.append(id, messages)),
    }
    const { runtime, configuration, events } = chat('interrupt', history)
    const first = outcome(runtime.invoke('one'))
    await configuration.call(0)
    const second = outcome(runtime.invoke('two'))
    expect(await first).toBe('disk full')
    broken = false
    ;(await configuration.call(1)).reply('2')
    expect(await second).toBe('2')
    expect(await said(runtime)).toEqual(['user: two', 'assistant: 2'])
    expect(events.find(({ type }) => type === 'runtime.failed')).toMatchObject({ errorMessage: 'disk full' })
  })

  it.each(['interrupt', 'rollback'] as const)('clears at once where messages %s', async whenBusy => {
    const { runtime, configuration } = chat(whenBusy)
    const first = outcome(runtime.invoke('one'))
    ;(await configuration.call(0)).say('Half')
    await runtime.clear()
    expect([await first, await said(runtime)]).toEqual(['RUN_CANCELLED', []])
  })

  it('clears between the messages where they are enqueued', async () => {
    const { runtime, configuration } = chat('enqueue')
    const first = outcome(runtime.invoke('one'))
    const cleared = runtime.clear()
    const second = outcome(runtime.invoke('two'))
    expect(runtime.queued.map(({ content }) => content)).toEqual(['two'])
    ;(await configuration.call(0)).reply('1')
    const call = await configuration.call(1)
    expect(call.conversation.messages).toEqual([])
    call.reply('2')
    await cleared
    expect([await first, await second, await said(runtime)]).toEqual(['1', '2', ['user: two', 'assistant: 2']])
  })

  it('refuses a mode that there is not', async () => {
    expect(() => chat('queue' as WhenBusy)).toThrow(/'enqueue'/)
    const { runtime } = chat('reject')
    await expect(runtime.invoke('x', { whenBusy: 'now' as WhenBusy })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('is never lost, and the history is what its outcomes say, whatever the modes and the timing', async () => {
    const mode = fc.constantFrom<WhenBusy>('reject', 'enqueue', 'interrupt', 'rollback')
    const action = fc.record({ mode, pause: fc.nat(3), answers: fc.boolean(), says: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async actions => {
        const { runtime, configuration, events } = chat('reject')
        const outcomes: Promise<string>[] = []
        const answerAll = (text: (call: { message: ChatMessage }) => string) => {
          for (const call of configuration.calls) call.reply(text(call))
        }
        for (const [index, { mode: whenBusy, pause, answers, says }] of actions.entries()) {
          outcomes.push(outcome(runtime.invoke(`${index}`, { whenBusy })))
          for (let turn = 0; turn < pause; turn++) await tick()
          if (says) configuration.calls.at(-1)?.say('…')
          if (answers) configuration.calls.at(-1)?.reply(`to ${configuration.calls.at(-1)?.message.content}`)
        }
        while (runtime.isBusy) {
          answerAll(({ message }) => `to ${message.content}`)
          await tick()
        }
        const ends = await Promise.all(outcomes)
        for (const [index, end] of ends.entries()) expect([`to ${index}`, 'CHAT_BUSY', 'RUN_CANCELLED']).toContain(end)
        const messages = await runtime.messages
        const answered = messages.filter(({ role, interrupted }) => role === 'assistant' && interrupted !== true)
        expect(answered.map(({ content }) => content).sort()).toEqual(ends.filter(end => end.startsWith('to')).sort())
        const kept = events.flatMap(event =>
          event.type === 'runtime.cancelled' && event.kept ? event.message.content : [],
        )
        const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content)
        expect(asked.sort()).toEqual([...kept, ...answered.map(({ content }) => content.slice(3))].sort())
        for (const [index, { content, role }] of messages.entries())
          if (role === 'assistant' && content.startsWith('to'))
            expect(messages[index - 1]?.content).toBe(content.slice(3))
      }),
      { numRuns: 60 },
    )
  })
})
