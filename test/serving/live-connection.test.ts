import { describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { LiveConnection, type LiveSocket } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { type CallOptions, gated, type Served, serve, tokens } from './served.js'
import { WatchedStore } from './watched-store.js'

interface Envelope {
  readonly type: string
  readonly timestamp: string
  readonly data: any // any: tests look into whatever has come
}

/** The other end of a connection: keeps what it has got. */
class Socket implements LiveSocket {
  readonly messages: Envelope[] = []
  bufferedAmount = 0
  closed: { code: number; reason: string } | undefined
  #waiting: { readonly wants: (envelope: Envelope) => boolean; readonly resolve: (envelope: Envelope) => void }[] = []

  send(text: string): void {
    const envelope = JSON.parse(text) as Envelope
    this.messages.push(envelope)
    const waiting = this.#waiting.filter(({ wants }) => wants(envelope))
    this.#waiting = this.#waiting.filter(each => !waiting.includes(each))
    for (const { resolve } of waiting) resolve(envelope)
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }

  types(): string[] {
    return this.messages.map(({ type }) => type)
  }

  /** The first message, from the beginning, that is wanted. */
  get(type: string, wants: (data: Envelope['data']) => boolean = () => true): Promise<Envelope> {
    const isWanted = (envelope: Envelope): boolean => envelope.type === type && wants(envelope.data)
    const found = this.messages.find(isWanted)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise(resolve => this.#waiting.push({ wants: isWanted, resolve }))
  }
}

async function connected(served: Served, { token = tokens.all }: CallOptions = {}) {
  const socket = new Socket()
  const request = new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })
  const live = new LiveConnection(served.handler.server, await served.handler.principalOf(request), socket)
  const say = (message: unknown): Promise<void> =>
    live.receive(typeof message === 'string' ? message : JSON.stringify(message))
  return { live, socket, say }
}

describe('a live connection', () => {
  it('tells the events of an execution, and what they mean to those who know nodes only (S2-43)', async () => {
    const { orchestration, open, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    const { socket, say, live } = await connected(served)
    await say({ type: 'subscribe', execution_id: id, id: 'a' })
    expect(socket.messages).toMatchObject([{ type: 'subscribed', data: { execution_id: id, reply_to: 'a' } }])
    open()
    await socket.get('execution_completed')
    const events = socket.messages.filter(({ type }) => type === 'event')
    // From now on: what had happened before is not told.
    expect(events.map(({ data }) => data.seq)).toEqual(events.map((_, index) => index + 2))
    const node = await socket.get('node_completed', data => data.node_id === 'After')
    expect(node).toMatchObject({ data: { execution_id: id } })
    expect(new Date(node.timestamp).toISOString()).toBe(node.timestamp)
    await new Promise(resolve => setImmediate(resolve))
    expect(live.subscriptions).toBe(0)
  })

  it('takes up an execution again from the number of an event', async () => {
    const served = await serve()
    const id = await served.execute('Counting', { count: 300 })
    await served.settled(id)
    const { socket, say } = await connected(served)
    await say({ type: 'subscribe', execution_id: id, from: 100 })
    await socket.get('execution_completed')
    const seen = socket.messages.filter(({ type }) => type === 'event').map(({ data }) => data.seq as number)
    expect(seen).toEqual(seen.map((_, index) => index + 100))
    expect(seen.length).toBeGreaterThan(200)
  })

  it('asks for approval and takes the decision (S2-10)', async () => {
    const served = await serve()
    const { socket, say } = await connected(served)
    await say({ type: 'subscribe' })
    const id = await served.execute('Research', { topic: 'bees' })
    const asked = await socket.get('approval_requested')
    expect(asked.data).toMatchObject({
      execution_id: id,
      node_id: 'Review',
      message: 'Publish a text about bees?',
      input: 'a text about bees',
    })
    await say({
      type: 'approve',
      execution_id: id,
      request_id: asked.data.request_id,
      approved: true,
      reason: 'fine',
      id: '1',
    })
    const done = await socket.get('execution_completed')
    expect(done.data).toMatchObject({ execution_id: id, output: 'published: a text about bees' })
    expect(await socket.get('answered')).toMatchObject({ data: { execution_id: id, approved: true, reply_to: '1' } })
    expect(await socket.get('approval_answered')).toMatchObject({
      data: { outcome: 'approved', by: 'Ada', reason: 'fine' },
    })
    const seen = socket.messages.filter(({ type }) => type === 'event').map(({ data }) => data.seq as number)
    expect(seen).toEqual(seen.map((_, index) => index))
    await say({ type: 'approve', execution_id: id, request_id: asked.data.request_id, approved: true })
    expect(await socket.get('error')).toMatchObject({ data: { status: 409, code: 'REQUEST_UNKNOWN' } })
  })

  it('tells whoever comes late which approvals are open', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'a' })
    await served.settled(id)
    await served.settled(await served.execute('Research', { topic: 'theirs' }, { token: tokens.other }).then(() => id))
    for (const message of [{ type: 'subscribe' }, { type: 'subscribe', execution_id: id }]) {
      const { socket, say } = await connected(served)
      await say(message)
      expect(socket.types()).toEqual(['subscribed', 'approval_requested'])
      expect(socket.messages[1]?.data).toMatchObject({ execution_id: id, node_id: 'Review' })
    }
  })

  it('to all of the tenant also tells what other processes start, and nothing of other tenants', async () => {
    const clock = new ManualClock()
    const store = new MemoryJournalStore()
    const served = await serve({ store, clock })
    const elsewhere = await serve({ store })
    const { socket, say } = await connected(served)
    await say({ type: 'subscribe' })
    const foreign = await served.execute('Echo', 'secret', { token: tokens.other })
    const theirs = await elsewhere.execute('Echo', 'from elsewhere')
    await elsewhere.settled(theirs)
    const told = socket.get('execution_completed', data => data.execution_id === theirs)
    // The store's times are of the real clock; the look goes a little back from the beginning of time.
    await clock.advance(1000)
    await told
    expect(socket.messages.some(({ data }) => data.execution_id === foreign)).toBe(false)
  })

  it('to all of the tenant tells nothing of what had ended before, and of what is resumed later what happens then', async () => {
    const clock = new ManualClock(1_000_000)
    const [a, b] = [gated('A'), gated('B')]
    for (const { orchestration } of [a, b]) orchestration.configure({ clock } as never)
    const served = await serve({ clock, orchestrations: [a.orchestration, b.orchestration] })
    a.open()
    await served.settled(await served.execute('A'))
    const paused = await served.execute('B')
    await b.reached
    served.whenPaused(paused, b.open)
    await served.post(`executions/${paused}/pause`)
    const just = await connected(served)
    await just.say({ type: 'subscribe' })
    await clock.advance(60_000)
    const late = await connected(served)
    await late.say({ type: 'subscribe' })
    await clock.advance(1000)
    await served.post(`executions/${paused}/resume`)
    for (const { socket } of [just, late]) {
      await socket.get('execution_completed')
      expect(socket.types().slice(0, 3)).toEqual(['subscribed', 'event', 'execution_resumed'])
      expect(new Set(socket.messages.slice(1).map(({ data }) => data.execution_id))).toEqual(new Set([paused]))
    }
  })

  it('does not tell what is not subscribed to any more', async () => {
    const store = new WatchedStore()
    const { orchestration, open, reached } = gated()
    const served = await serve({ store, orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    const idle = store.watches
    const { socket, say, live } = await connected(served)
    await say({ type: 'subscribe', execution_id: id })
    await say({ type: 'subscribe' })
    expect(live.subscriptions).toBe(2)
    expect(store.watches).toBe(idle + 2)
    await say({ type: 'unsubscribe', execution_id: id })
    expect(store.watches).toBe(idle + 1)
    await say({ type: 'unsubscribe' })
    expect(live.subscriptions).toBe(0)
    expect(store.watches).toBe(idle)
    open()
    await served.settled(id)
    expect(socket.types()).toEqual(['subscribed', 'subscribed', 'unsubscribed', 'unsubscribed'])
  })

  it('leaves nothing behind when the other end is gone', async () => {
    const store = new WatchedStore()
    const { orchestration, reached } = gated()
    const served = await serve({ store, orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    const idle = store.watches
    const { live, say } = await connected(served)
    await say({ type: 'subscribe', execution_id: id })
    const subscribing = say({ type: 'subscribe' })
    live.end()
    live.end()
    await subscribing
    await say({ type: 'subscribe', execution_id: id })
    expect(store.watches).toBe(idle)
    expect(served.handler.server.streams.open).toBe(0)
    expect(served.handler.server.started$.observed).toBe(false)
  })

  it('answers what is wrong with a message, and stays', async () => {
    const served = await serve({ limits: { maxDepth: 10 } })
    const { socket, say } = await connected(served)
    const errorOf = async (message: unknown) => {
      socket.messages.length = 0
      await say(message)
      expect(socket.types()).toEqual(['error'])
      return socket.messages[0]?.data
    }
    expect(await errorOf('{')).toMatchObject({ status: 400 })
    expect(await errorOf('[]')).toMatchObject({ status: 422 })
    expect(await errorOf({ type: 'subscribed' })).toMatchObject({ detail: expect.stringContaining('"subscribe"') })
    expect(await errorOf({ type: 'subscribe', from: -1, id: '7' })).toMatchObject({ status: 422, reply_to: '7' })
    expect(await errorOf({ type: 'subscribe', from: 3 })).toMatchObject({ status: 422 })
    expect(await errorOf({ type: 'subscribe', execution: 'x' })).toMatchObject({ status: 422 })
    expect(await errorOf({ type: 'subscribe', execution_id: 'x' })).toMatchObject({ status: 404 })
    expect(await errorOf('{"type":"ping","__proto__":1}')).toMatchObject({ status: 400 })
    expect(await errorOf(`{"type":"ping","x":${'['.repeat(30)}${']'.repeat(30)}}`)).toMatchObject({ status: 400 })
    expect(await errorOf({ type: 'approve', execution_id: 'x', request_id: 'y', approved: 'yes' })).toMatchObject({
      errors: [{ path: 'approved' }],
    })
    socket.messages.length = 0
    await say({ type: 'ping', id: 'p' })
    expect(socket.messages).toMatchObject([{ type: 'pong', data: { reply_to: 'p' } }])
    expect(socket.closed).toBeUndefined()
  })

  it('asks for the scopes of its caller', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'a' })
    const {
      pending_approvals: [approval],
    } = await served.settled(id)
    const { socket, say } = await connected(served, { token: tokens.read })
    await say({ type: 'approve', execution_id: id, request_id: approval.request_id, approved: true })
    expect(await socket.get('error')).toMatchObject({ data: { status: 403 } })
    const other = await connected(served, { token: tokens.other })
    await other.say({ type: 'subscribe', execution_id: id })
    await other.say({ type: 'approve', execution_id: id, request_id: approval.request_id, approved: true })
    expect(other.socket.messages).toMatchObject([{ data: { status: 404 } }, { data: { status: 404 } }])
    expect((await served.settled(id)).status).toBe('paused')
  })

  it('waits for a client that is behind, and cuts off one that takes nothing', async () => {
    const clock = new ManualClock()
    const store = new WatchedStore()
    const served = await serve({ clock, store, limits: { maxBufferedBytes: 1000 } })
    const id = await served.execute('Counting', { count: 50 })
    await served.settled(id)
    const { socket, say } = await connected(served)
    socket.bufferedAmount = 1500
    await say({ type: 'subscribe', execution_id: id, from: 0 })
    await clock.advance(5000)
    expect(socket.types()).toEqual(['subscribed'])
    // It has taken something, and later all of it.
    socket.bufferedAmount = 1200
    await clock.advance(9000)
    expect(socket.closed).toBeUndefined()
    socket.bufferedAmount = 0
    await clock.advance(20)
    await socket.get('execution_completed')

    const slow = await connected(served)
    slow.socket.bufferedAmount = 1500
    await slow.say({ type: 'subscribe', execution_id: id, from: 0 })
    await clock.advance(10_000)
    expect(slow.socket.closed).toMatchObject({ code: 4008 })
    expect(store.watches).toBe(0)

    const asking = await connected(served)
    asking.socket.bufferedAmount = 5000
    await asking.say({ type: 'ping' })
    expect(asking.socket.closed).toMatchObject({ code: 4008 })
  })

  it('is one of a bounded number of streams, and ends when the server does', async () => {
    const served = await serve({ limits: { maxStreams: 1 } })
    const { socket } = await connected(served)
    await expect(connected(served)).rejects.toMatchObject({ status: 503 })
    await served.handler.close(0)
    expect(socket.closed).toMatchObject({ code: 1001 })
  })
})
