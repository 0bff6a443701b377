import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable } from '../../src/agents/index.js'
import {
  ChatRuntime,
  OrchestrationRuntimeConfiguration,
  type ReplyPiece,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import { Orchestration } from '../../src/core/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { Controlled, outcome, said } from './controlled.js'

const agent = (name: string, ...replies: readonly ScriptedReply[]) =>
  new Agent({ client: new ScriptedModel(replies), model: 'm', name })

async function read(pieces: AsyncIterable<ReplyPiece>): Promise<readonly string[]> {
  const texts: string[] = []
  for await (const piece of pieces)
    texts.push(piece.type === 'delta' ? `${piece.stateName ?? piece.agent}|${piece.text}` : piece.message.content)
  return texts
}

describe('a reply as a stream', () => {
  it('brings the text as it comes, and at last the message, which is in the history by then', async () => {
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('A', 'Once upon a time')))
    expect(await read(runtime.stream('Tell'))).toEqual(['A|Once ', 'A|upon ', 'A|a ', 'A|time', 'Once upon a time'])
    expect(await said(runtime)).toEqual(['user: Tell', 'assistant: Once upon a time'])
  })

  it('comes from whatever configuration: agents in a row by their names, states of a run by theirs', async () => {
    const row = new SequentialRuntimeConfiguration([agent('A', 'one two'), agent('B', 'three')])
    expect(await read(new ChatRuntime(row).stream('?'))).toEqual(['A|one ', 'A|two', 'B|three', 'three'])
    class Telling extends AgentRunnable<string, string> {
      readonly agent = agent('A', 'x y')
    }
    class Story extends Orchestration<string, string> {
      override initialRunnable = new Telling()
    }
    const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(new Story()))
    expect(await read(runtime.stream('?'))).toEqual(['Telling|x ', 'Telling|y', 'x y'])
  })

  it('does nothing before somebody subscribes, and asks once for each who does', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration, { whenBusy: 'enqueue' })
    const stream = runtime.stream('one')
    expect([configuration.calls.length, runtime.isBusy]).toEqual([0, false])
    const [first, second] = [read(stream), read(stream)]
    ;(await configuration.call(0)).reply('1')
    ;(await configuration.call(1)).reply('2')
    expect([await first, await second]).toEqual([['1'], ['2']])
  })

  it('is of its own message only, also while others are answered before it', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration, { whenBusy: 'enqueue' })
    const first = runtime.invoke('one')
    const second = read(runtime.stream('two'))
    ;(await configuration.call(0)).say('of the first')
    ;(await configuration.call(0)).reply('1')
    ;(await configuration.call(1)).say('of the second')
    ;(await configuration.call(1)).reply('2')
    expect([await outcome(first), await second]).toEqual(['1', ['A|of the second', '2']])
  })

  it('cancels the turn when whoever reads leaves', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration)
    const ended = new Promise(resolve => runtime.on('runtime.cancelled', ({ reason }) => resolve(reason)))
    void configuration.call(0).then(call => call.say('first'))
    for await (const piece of runtime.stream('one')) {
      expect(piece).toEqual({ type: 'delta', agent: 'A', text: 'first' })
      break
    }
    expect(await ended).toBe('the subscriber has left')
    expect(configuration.calls[0]?.signal.aborted).toBe(true)
    expect([runtime.isBusy, await said(runtime)]).toEqual([false, []])
    const subscription = runtime.stream('two').subscribe()
    const call = await configuration.call(1)
    subscription.unsubscribe()
    expect(call.signal.aborted).toBe(true)
  })

  it('keeps what comes while nobody reads, so that a slow reader misses nothing', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration)
    const pieces = runtime.stream('one')[Symbol.asyncIterator]()
    const call = await configuration.call(0)
    for (let count = 0; count < 100; count++) call.say(`${count}`)
    call.reply('done')
    await new Promise(resolve => setImmediate(resolve))
    expect(runtime.isBusy).toBe(false)
    const all: unknown[] = []
    for (;;) {
      const { done, value } = await pieces.next()
      if (done === true) break
      all.push(value)
    }
    expect(all).toHaveLength(101)
    expect(await pieces.next()).toEqual({ done: true, value: undefined })
  })

  it('fails as invoke does, after the pieces that came, to whoever reads in whichever way', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration)
    const texts: string[] = []
    const reading = (async () => {
      for await (const piece of runtime.stream('one')) texts.push(piece.type)
    })()
    const call = await configuration.call(0)
    call.say('half')
    call.fail(new Error('down'))
    await expect(reading).rejects.toThrow('down')
    expect(texts).toEqual(['delta'])
    const failure = new Promise(resolve => runtime.stream('two').subscribe({ error: resolve }))
    await expect(read(runtime.stream('three'))).rejects.toMatchObject({ code: 'CHAT_BUSY' })
    runtime.cancel()
    expect(await failure).toMatchObject({ code: 'RUN_CANCELLED' })
  })

  it('heeds a signal too', async () => {
    const configuration = new Controlled()
    const runtime = new ChatRuntime(configuration)
    const gone = new AbortController()
    const reading = read(runtime.stream('one', { signal: gone.signal }))
    await configuration.call(0)
    gone.abort(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
  })
})
