import { IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, tool } from '../../src/agents/index.js'
import {
  type ChatHistory,
  ChatRuntime,
  type ChatRuntimeEvent,
  OrchestrationRuntimeConfiguration,
  StoredChatHistory,
  type WhenBusy,
} from '../../src/chat/index.js'
import {
  ApprovalRunnable,
  Approved,
  Orchestration,
  OrchestrationOptions,
  OrchestrationRunnable,
  Rejected,
  type RunContext,
  Runnable,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { outcome, recorded, said } from './controlled.js'

class Draft {
  @IsString() text!: string
}

const written: string[] = []

@Runnable({ input: String, output: Draft })
class Writing extends OrchestrationRunnable<string, Draft> {
  invoke(topic: string): Draft {
    written.push(topic)
    return Object.assign(new Draft(), { text: `About ${topic}` })
  }
}

@Runnable({ input: Draft, output: String })
class Publishing extends OrchestrationRunnable<Draft, string> {
  invoke({ text }: Draft): string {
    return `Published: ${text}`
  }
}

@Runnable({ input: Draft, output: String })
class Dropping extends OrchestrationRunnable<Draft, string> {
  invoke({ text }: Draft): string {
    return `Dropped: ${text}`
  }
}

@OrchestrationOptions({ input: String, output: String })
class Publication extends Orchestration<string, string> {
  constructor() {
    super()
    const approval = new ApprovalRunnable<Draft>({ message: ({ text }) => `Publish "${text}"?` })
      .configure({ name: 'Approval', input: Draft })
      .addAdvancer(
        outcome => outcome instanceof Approved,
        Publishing,
        ({ subject }) => subject,
      )
      .addAdvancer(
        outcome => outcome instanceof Rejected,
        Dropping,
        ({ subject }) => subject,
      )
    this.initialRunnable = new Writing().addAdvancer(approval)
    this.register(new Publishing(), new Dropping())
  }
}

/** Turns that cannot be settled because their process dies are no news here. */
const logger = { warn: () => undefined }

interface Life {
  readonly store: MemoryJournalStore
  readonly runtime: ChatRuntime
  readonly events: ChatRuntimeEvent[]
  /** The process ends here; the next one begins with `live(life.store)`. */
  die(): Promise<void>
}

function live(
  shared?: MemoryJournalStore,
  options: { readonly whenBusy?: WhenBusy; readonly history?: ChatHistory } = {},
  orchestration: Orchestration<string, string> = new Publication(),
): Life {
  const store = shared?.reopen() ?? new MemoryJournalStore()
  const configuration = new OrchestrationRuntimeConfiguration(orchestration, { store })
  const runtime = new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store), logger, ...options })
  return { store, runtime, events: recorded(runtime), die: () => store.close() }
}

function chatOn(store: MemoryJournalStore): ChatRuntime {
  const configuration = new OrchestrationRuntimeConfiguration(new Publication(), { store })
  const runtime = new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store), logger })
  runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request).catch(() => undefined))
  return runtime
}

/** A store that is gone from its write number `count` on: just before that write, or just after. */
function mortal(memory: MemoryJournalStore, count: number, dieAfter: boolean) {
  let writes = 0
  const store = new Proxy(memory, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target)
      if (typeof method !== 'function') return method
      const call = method.bind(target) as (...args: unknown[]) => unknown
      if (key === 'begin' || key === 'takeUp')
        return (...args: unknown[]) => (method as (...args: unknown[]) => unknown).apply(store, args)
      if (!['create', 'append', 'answer', 'write'].includes(String(key))) return call
      return async (...args: unknown[]) => {
        const number = writes++
        if (number > count || (number === count && !dieAfter)) throw new Error('the process has died')
        await call(...args)
        if (number === count) throw new Error('the process has died')
        return key === 'answer' ? 'accepted' : undefined
      }
    },
  }) as MemoryJournalStore
  return { store, hasDied: () => writes > count }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** Sends a message and waits until it is asked for an approval. */
async function askedIn({ runtime }: Life, text = 'chess'): Promise<void> {
  const heard = new Promise<unknown>(resolve => runtime.on('runtime.approval.requested', resolve))
  void outcome(runtime.invoke(text))
  await heard
}

describe('an approval inside a conversation', () => {
  it.each([true, false])('is announced and listed, and the answer goes on with the turn, stored: %s', async stored => {
    const configuration = new OrchestrationRuntimeConfiguration(
      new Publication(),
      stored ? { store: new MemoryJournalStore() } : {},
    )
    const runtime = new ChatRuntime(configuration)
    const events = recorded(runtime)
    runtime.on('runtime.approval.requested', async ({ request }) => {
      expect(await runtime.pending).toMatchObject([{ ...request, message: 'Publish "About chess"?' }])
      expect(request.input).toBeInstanceOf(Draft)
      await runtime.approve(request, { by: 'Ada' })
    })
    expect(await outcome(runtime.invoke('chess'))).toBe('Published: About chess')
    expect(await runtime.pending).toEqual([])
    const inner = events.flatMap(event => (event.type === 'runtime.orchestration' ? event.event.type : []))
    expect(inner).toContain('approval.answered')
  })

  it('may be answered in the very moment in which it is announced, and by the name of its state', async () => {
    const { runtime } = live()
    runtime.on('runtime.approval.requested', () => runtime.reject('Approval'))
    expect(await outcome(runtime.invoke('chess'))).toBe('Dropped: About chess')
  })

  it.each([true, false])(
    'may be asked for in the middle of a state, and be answered at once, stored: %s',
    async stored => {
      class Asking extends OrchestrationRunnable<string, string> {
        override async invoke(subject: string, context: RunContext): Promise<string> {
          return (await context.requestApproval('sure', { message: 'Sure?', subject })).outcome
        }
      }
      class Machine extends Orchestration<string, string> {
        override initialRunnable = new SubOrchestrationRunnable(new Inner())
      }
      class Inner extends Orchestration<string, string> {
        override initialRunnable = new Asking()
      }
      for (const orchestration of [new Inner(), new Machine()]) {
        const options = stored ? { store: new MemoryJournalStore() } : {}
        const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration<string, string>(orchestration, options))
        runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
        expect(await outcome(runtime.invoke('x'))).toBe('approved')
      }
    },
  )

  it('can be cancelled while it is taken up again, and is over then', async () => {
    const first = live()
    await askedIn(first)
    await first.die()
    const { runtime, events, store } = live(first.store)
    const reply = outcome(runtime.resume())
    runtime.cancel('never mind')
    expect(await reply).toBe('RUN_CANCELLED')
    expect(events.map(({ type }) => type)).toContain('runtime.cancelled')
    await quiet()
    expect((await store.list({ status: ['cancelled'] })).runs).toHaveLength(1)
    expect([await runtime.pending, await runtime.resume()]).toEqual([[], undefined])
  })

  it('survives a restart: it is listed, its answer goes on with the turn, and the reply enters the history once', async () => {
    written.length = 0
    const first = live()
    await askedIn(first)
    await first.die()

    const second = live(first.store)
    const [request] = await second.runtime.pending
    expect(request).toMatchObject({ kind: 'approval', stateName: 'Approval', message: 'Publish "About chess"?' })
    expect(request?.input).toBeInstanceOf(Draft)
    expect(await said(second.runtime)).toEqual([])
    const reply = second.runtime.resume()
    await second.runtime.approve('Approval', { by: 'Ada' })
    expect(await outcome(reply)).toBe('Published: About chess')
    expect(written).toEqual(['chess'])
    expect(await said(second.runtime)).toEqual(['user: chess', 'assistant: Published: About chess'])
    expect(second.events.map(({ type }) => type).filter(type => type !== 'runtime.orchestration')).toEqual([
      'runtime.resumed',
      'runtime.approval.requested',
      'runtime.completed',
    ])
    expect([await second.runtime.pending, await second.runtime.resume()]).toEqual([[], undefined])
    expect(await second.store.documents('chat-turns')).toEqual([])
  })

  it('goes on by itself when it is answered, without resume', async () => {
    const first = live()
    await askedIn(first)
    await first.die()
    const { runtime } = live(first.store)
    const completed = new Promise(resolve => runtime.on('runtime.completed', ({ message }) => resolve(message.content)))
    const [request] = await runtime.pending
    await runtime.reject(request as NonNullable<typeof request>)
    expect(await completed).toBe('Dropped: About chess')
  })

  it('cannot be answered twice, nor under a name that nothing has', async () => {
    const first = live()
    await askedIn(first)
    const { runtime } = first
    await expect(runtime.approve('Other')).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await expect(runtime.signal('Approval', 1)).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    const results = await Promise.allSettled([runtime.approve('Approval'), runtime.reject('Approval')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(live().runtime.approve('Approval')).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
  })

  it('asks once and calls once when it is a tool that asks, over two restarts', async () => {
    const called: unknown[] = []
    const lives = (shared?: MemoryJournalStore) => {
      const pay = tool({ name: 'pay', description: 'Pays', needsPermission: true, execute: () => called.push('paid') })
      const model = new ScriptedModel(
        called.length === 0 && shared === undefined ? [{ toolCalls: [{ name: 'pay' }] }, 'Paid.'] : ['Paid.'],
      )
      class Paying extends AgentRunnable<string, string> {
        readonly agent = new Agent({
          client: model,
          model: 'm',
          tools: [pay],
          onToolPermission: async (_request, _signal, run) => {
            const answer = await run?.requestApproval('permit', { message: 'Pay?', subject: 'pay' })
            return answer instanceof Approved
          },
        })
      }
      class Payment extends Orchestration<string, string> {
        override initialRunnable = new Paying()
      }
      return { ...live(shared, {}, new Payment()), model }
    }
    const first = lives()
    await askedIn(first, 'Pay the bill')
    await first.die()
    const second = lives(first.store)
    expect(await second.runtime.pending).toMatchObject([{ message: 'Pay?' }])
    const resumed = second.runtime.resume()
    void outcome(resumed)
    await new Promise(resolve => setImmediate(resolve))
    await second.die()
    const third = lives(second.store)
    const reply = third.runtime.resume()
    const [request] = await third.runtime.pending
    await third.runtime.approve(request as NonNullable<typeof request>)
    expect(await outcome(reply)).toBe('Paid.')
    expect(called).toEqual(['paid'])
    expect(await said(third.runtime)).toEqual(['user: Pay the bill', 'assistant: Paid.'])
  })
})

describe('a turn that is put aside', () => {
  it.each(['state', 'middle of a state'])('waits in the store, and goes on where it is answered: %s', async where => {
    class Asking extends OrchestrationRunnable<string, string> {
      override async invoke(subject: string, context: RunContext): Promise<string> {
        return (await context.requestApproval('sure', { message: 'Sure?', subject })).outcome
      }
    }
    class Machine extends Orchestration<string, string> {
      override initialRunnable = new Asking()
    }
    const orchestration = () => (where === 'state' ? new Publication() : new Machine())
    const first = live(undefined, {}, orchestration())
    const { turns } = first.runtime.configuration
    expect(await turns?.putAside?.('c')).toBe(false)
    const heard = new Promise<unknown>(resolve => first.runtime.on('runtime.approval.requested', resolve))
    const reply = outcome(first.runtime.invoke('chess'))
    await heard
    expect(await turns?.putAside?.('c')).toBe(true)
    expect(await reply).toBe('RUN_BUSY')
    expect([first.runtime.isBusy, await turns?.putAside?.('c')]).toEqual([false, false])
    const { runtime } = live(first.store, {}, orchestration())
    const [request] = await runtime.pending
    await runtime.approve(request as NonNullable<typeof request>)
    expect(await outcome(runtime.resume())).toBe(where === 'state' ? 'Published: About chess' : 'approved')
    expect(await said(runtime)).toHaveLength(2)
  })
})

describe('a signal inside a conversation', () => {
  class Address {
    @IsString() street!: string
  }
  class Shipping extends OrchestrationRunnable<Address, string> {
    invoke({ street }: Address): string {
      return `To ${street}`
    }
  }
  class Delivery extends Orchestration<string, string> {
    constructor() {
      super()
      this.initialRunnable = new SignalRunnable<string, Address>({ signal: Address })
        .configure({ name: 'Asking' })
        .addAdvancer(new Shipping())
    }
  }

  it('is announced, refused if it is not what is declared, and goes on when it is', async () => {
    const { runtime } = live(undefined, {}, new Delivery())
    const heard = new Promise<string>(resolve =>
      runtime.on('runtime.signal.requested', ({ request }) => resolve(request.id)),
    )
    const reply = outcome(runtime.invoke('a book'))
    const id = await heard
    expect((await runtime.pending).map(request => request.id)).toEqual([id])
    await expect(runtime.signal('Asking', { street: 5 })).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' })
    await runtime.signal(id, { street: 'Elm' })
    expect(await reply).toBe('To Elm')
  })

  it('can be sent after a restart', async () => {
    const first = live(undefined, {}, new Delivery())
    const heard = new Promise(resolve => first.runtime.on('runtime.signal.requested', resolve))
    void outcome(first.runtime.invoke('a book'))
    await heard
    await first.die()
    const { runtime } = live(first.store, {}, new Delivery())
    const reply = runtime.resume()
    const [request] = await runtime.pending
    expect(request).toMatchObject({ kind: 'signal', stateName: 'Asking', input: 'a book' })
    await runtime.signal(request?.id ?? '', { street: 'Oak' })
    expect(await outcome(reply)).toBe('To Oak')
  })
})

describe('a turn that an earlier process has left', () => {
  async function left(options: { readonly whenBusy?: WhenBusy } = {}): Promise<Life> {
    const first = live()
    await askedIn(first)
    await first.die()
    return live(first.store, options)
  }

  it('is in the way of a message, which is refused by default', async () => {
    const { runtime, events } = await left()
    await expect(runtime.invoke('next')).rejects.toMatchObject({ code: 'CHAT_BUSY' })
    expect(events).toEqual([])
    const reply = runtime.resume()
    await runtime.approve('Approval')
    await reply
    runtime.on('runtime.approval.requested', () => runtime.approve('Approval'))
    expect(await outcome(runtime.invoke('next'))).toBe('Published: About next')
  })

  it('is answered first if messages are enqueued', async () => {
    const { runtime } = await left({ whenBusy: 'enqueue' })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.invoke('go'))).toBe('Published: About go')
    expect(await said(runtime)).toEqual([
      'user: chess',
      'assistant: Published: About chess',
      'user: go',
      'assistant: Published: About go',
    ])
  })

  it.each([
    ['interrupt', ['user: chess', 'user: go', 'assistant: Published: About go']],
    ['rollback', ['user: go', 'assistant: Published: About go']],
  ] as const)('is given up if messages %s', async (whenBusy, history) => {
    const { runtime, store, events } = await left({ whenBusy })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.invoke('go'))).toBe('Published: About go')
    expect(await said(runtime)).toEqual(history)
    expect((await store.list({ status: ['cancelled'] })).runs).toHaveLength(1)
    expect((await store.list({ status: ['running'] })).runs).toHaveLength(0)
    expect(events[0]).toMatchObject({ type: 'runtime.cancelled', kept: whenBusy === 'interrupt' })
  })

  it('is ended by clear', async () => {
    const { runtime, store } = await left()
    await runtime.clear()
    expect([await runtime.pending, await runtime.resume(), await said(runtime)]).toEqual([[], undefined, []])
    expect((await store.list({ status: ['cancelled'] })).runs).toHaveLength(1)
  })

  it('cannot be begun by two processes at once: the second is told that the chat is busy', async () => {
    const first = live()
    await askedIn(first)
    const second = live(first.store)
    expect(await outcome(second.runtime.invoke('go'))).toBe('CHAT_BUSY')
    expect(await second.runtime.pending).toHaveLength(1)
  })

  it.each(['sync', 'async', 'exit'] as const)('is answered whenever its run is written down: %s', async durability => {
    const store = new MemoryJournalStore()
    const configuration = new OrchestrationRuntimeConfiguration(new Publication(), { store, run: { durability } })
    const runtime = new ChatRuntime(configuration, { id: 'c', history: new StoredChatHistory(store) })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    for (const text of ['one', 'two']) expect(await outcome(runtime.invoke(text))).toBe(`Published: About ${text}`)
    expect([await said(runtime), await store.documents('chat-turns')]).toMatchObject([{ length: 4 }, []])
  })

  it('can be answered in another process than the one that is at work on it, which goes on', async () => {
    const first = live()
    const completed = new Promise(resolve => first.runtime.on('runtime.completed', resolve))
    await askedIn(first)
    const second = live(first.store)
    expect(await outcome(second.runtime.resume())).toBe('RUN_BUSY')
    await second.runtime.approve('Approval')
    expect(await completed).toMatchObject({ message: { content: 'Published: About chess' } })
    while (second.runtime.isBusy) await quiet()
    expect(await said(second.runtime)).toEqual(['user: chess', 'assistant: Published: About chess'])
  })

  it('enters the history once, also if two processes have its reply at the same time', async () => {
    const store = new MemoryJournalStore()
    const stored = new StoredChatHistory(store)
    const others: Promise<string>[] = []
    const history: ChatHistory = {
      load: id => stored.load(id),
      clear: id => stored.clear(id),
      append: async (id, messages) => {
        // The run has ended, so that it can be taken up; its reply is on the way.
        others.push(outcome(live(store).runtime.resume()))
        await quiet()
        await stored.append(id, messages)
      },
    }
    const { runtime } = live(store, { history })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.invoke('chess'))).toBe('Published: About chess')
    expect(await Promise.all(others)).toEqual(['Published: About chess'])
    expect(await said(runtime)).toEqual(['user: chess', 'assistant: Published: About chess'])
  })

  it('goes on where it was if the process died before its run began', async () => {
    const { store, die } = live()
    const data = JSON.stringify({ turnId: 't1', message: { role: 'user', content: 'chess' } })
    await store.write([{ collection: 'chat-turns', id: 'c', data }])
    await die()
    const { runtime } = live(store)
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.resume())).toBe('Published: About chess')
    expect(await said(runtime)).toEqual(['user: chess', 'assistant: Published: About chess'])
  })

  it('enters the history once, also if the process died between the history and the end of the turn', async () => {
    const first = live()
    first.runtime.on('runtime.approval.requested', ({ request }) => first.runtime.approve(request))
    const write = first.store.write.bind(first.store)
    // What forgets the turn comes after the history; it never arrives.
    first.store.write = changes =>
      changes.some(({ collection, data }) => collection === 'chat-turns' && data === undefined)
        ? Promise.reject(new Error('the process has died'))
        : write(changes)
    const warnings: string[] = []
    const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(new Publication(), { store: first.store }), {
      id: 'c',
      history: new StoredChatHistory(first.store),
      logger: { warn: message => void warnings.push(message) },
    })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.invoke('chess'))).toBe('Published: About chess')
    expect(warnings).toHaveLength(1)
    await first.die()
    const second = live(first.store)
    expect(await outcome(second.runtime.resume())).toBe('Published: About chess')
    expect(await said(second.runtime)).toEqual(['user: chess', 'assistant: Published: About chess'])
    expect(await second.store.documents('chat-turns')).toEqual([])
  })

  it('keeps its reply if the history could not be written, and enters it later', async () => {
    const store = new MemoryJournalStore()
    const stored = new StoredChatHistory(store)
    let broken = true
    const history: ChatHistory = {
      load: id => stored.load(id),
      clear: id => stored.clear(id),
      append: (id, messages) => (broken ? Promise.reject(new Error('disk full')) : stored.append(id, messages)),
    }
    const { runtime } = live(store, { history })
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    written.length = 0
    expect(await outcome(runtime.invoke('chess'))).toBe('disk full')
    expect(await said(runtime)).toEqual([])
    broken = false
    expect(await outcome(runtime.resume())).toBe('Published: About chess')
    expect(written).toEqual(['chess'])
    expect(await said(runtime)).toHaveLength(2)
  })

  it('is forgotten when it is cancelled, at whatever moment, and the next message finds the way free', async () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const { runtime, store } = live()
      const reply = outcome(runtime.invoke('chess'))
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
      runtime.cancel()
      expect(await reply).toBe('RUN_CANCELLED')
      expect(await store.documents('chat-turns')).toEqual([])
      runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
      expect(await outcome(runtime.invoke('go'))).toBe('Published: About go')
    }
  })

  it('is refused, and can be cleared, if what is stored of it cannot be read', async () => {
    const { runtime, store } = live()
    await store.write([{ collection: 'chat-turns', id: 'c', data: '{"turnId":5}' }])
    await expect(runtime.pending).rejects.toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE' })
    await expect(runtime.invoke('x')).rejects.toMatchObject({ code: 'PAYLOAD_NOT_SERIALIZABLE' })
    await runtime.clear()
    runtime.on('runtime.approval.requested', ({ request }) => runtime.approve(request))
    expect(await outcome(runtime.invoke('go'))).toBe('Published: About go')
  })

  it('is refused under another definition, unless that is allowed, and can be cleared', async () => {
    class Publication2 extends Publication {
      constructor() {
        super()
        this.register(new SignalRunnable().configure({ name: 'New', allowDeadEnd: true }))
        this.configure({ name: 'Publication' })
      }
    }
    const first = live()
    await askedIn(first)
    await first.die()
    const second = live(first.store, {}, new Publication2())
    expect(await outcome(second.runtime.resume())).toBe('DEFINITION_CHANGED')
    expect(second.events).toEqual([])
    expect(await second.runtime.pending).toHaveLength(1)
    await second.runtime.clear()
    expect(await second.runtime.pending).toEqual([])
  })

  it('is answered once in the history, whichever write to the store the process dies at', async () => {
    const deaths = { none: false }
    let writes = 0
    for (let count = 0; !deaths.none; count++) {
      writes = count
      for (const dieAfter of [false, true]) {
        const memory = new MemoryJournalStore()
        const { store, hasDied } = mortal(memory, count, dieAfter)
        const first = chatOn(store)
        void outcome(first.invoke('chess'))
        await quiet()
        deaths.none = !hasDied()
        await memory.close()
        const second = chatOn(memory.reopen())
        const reply = await outcome(second.resume())
        const history = await said(second)
        // What died before anything was taken down never was.
        if (reply === 'nothing' && history.length === 0) expect(count).toBe(0)
        else expect(history).toEqual(['user: chess', 'assistant: Published: About chess'])
        expect(await second.resume()).toBeUndefined()
        expect(await outcome(second.invoke('go'))).toBe('Published: About go')
      }
    }
    expect(writes).toBeGreaterThan(5)
  })
})
