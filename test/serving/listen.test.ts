import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Listening, type ListenOptions, listen } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { closed } from './closed-socket.js'
import { EventReader } from './event-reader.js'
import { type Answer, base, echo, gated, type Served, serve, tokens } from './served.js'
import { WatchedStore } from './watched-store.js'

const open: Listening[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0)
})

async function listening(served: Served, options: ListenOptions = {}): Promise<Listening> {
  const server = await listen(served.handler, { port: 0, ...options })
  open.push(server)
  return server
}

const authorization = `Bearer ${tokens.all}`

function upgrade(
  server: Listening,
  { headers = {}, protocols = [] as string[], path = `${base}/live` } = {},
): WebSocket {
  return new WebSocket(`${server.url.replace('http', 'ws')}${path}`, protocols, { headers })
}

/** The status with which an upgrade was refused. */
function refusal(socket: WebSocket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    socket.on('error', () => undefined)
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode)
    })
    socket.on('open', () => reject(new Error('it was let in')))
  })
}

/** The next message that is of a type. */
function message(socket: WebSocket, type: string): Promise<Answer['body']> {
  return new Promise(resolve => {
    const take = (data: Buffer): void => {
      const envelope = JSON.parse(data.toString())
      if (envelope.type !== type) return
      socket.off('message', take)
      resolve(envelope)
    }
    socket.on('message', take)
  })
}

describe('a server on a port', () => {
  it('answers over HTTP, with the URL that it tells', async () => {
    const server = await listening(await serve())
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const health = await fetch(`${server.url}/healthz`)
    expect(await health.json()).toEqual({ status: 'ok' })
    const started = await fetch(`${server.url}${base}/orchestrations/Echo/execute`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"input":"hello"}',
    })
    expect(started.status).toBe(202)
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization } })
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(await metrics.text()).toContain('orchestration="Echo"')
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
  })

  it('refuses an address that others can reach, unless callers have to say who they are', async () => {
    const unsafe = await serve({ auth: undefined as never, orchestrations: [echo()] })
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org']) {
      await expect(listen(unsafe.handler, { port: 0, host })).rejects.toThrow(/loopback.*createHandler\(\) `auth`/)
    }
    const local = await listening(unsafe, { host: 'localhost' })
    expect((await fetch(`${local.url}${base}/executions`)).status).toBe(200)
    const everywhere = await listening(await serve(), { host: '0.0.0.0' })
    expect((await fetch(`http://127.0.0.1:${everywhere.port}${base}/executions`)).status).toBe(401)
  })

  it('says what is wrong with its options, and that a port is taken', async () => {
    const served = await serve()
    for (const options of [{ port: -1 }, { port: 1.5 }, { port: 70_000 }, { host: '' }, { requestTimeoutMs: 0 }])
      await expect(listen(served.handler, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const { port } = await listening(served)
    await expect(listen(served.handler, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('does not wait for clients that send nothing', async () => {
    const server = await listening(await serve(), { headersTimeoutMs: 100, requestTimeoutMs: 200 })
    const slowHead = connect(server.port, '127.0.0.1')
    slowHead.on('error', () => undefined)
    slowHead.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    const slowBody = connect(server.port, '127.0.0.1')
    slowBody.on('error', () => undefined)
    slowBody.write(
      `POST ${base}/orchestrations/Echo/execute HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"in',
    )
    slowHead.resume()
    slowBody.resume()
    await Promise.all([closed(slowHead), closed(slowBody)])
    // With such limits, it does not wait for this one either if the machine is slow.
    await expect.poll(async () => (await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('bears what is no HTTP', async () => {
    const server = await listening(await serve())
    for (const junk of [
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(junk)
      socket.resume()
      await closed(socket)
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('refuses a body that is too large while it comes', async () => {
    const server = await listening(await serve({ limits: { maxBodyBytes: 1000 } }))
    const response = await fetch(`${server.url}${base}/orchestrations/Echo/execute`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'x'.repeat(50_000) }),
    })
    expect(response.status).toBe(413)
    expect(((await response.json()) as { code: string }).code).toBe('TOO_LARGE')
  })

  it('streams 10,000 events to readers that come and go, and nothing is left of them', async () => {
    const store = new WatchedStore()
    const served = await serve({ store })
    const server = await listening(served)
    const id = await served.execute('Counting', { count: 10_000 })
    const seen: number[] = []
    for (;;) {
      const last = seen.at(-1)
      const abort = new AbortController()
      const response = await fetch(`${server.url}${base}/executions/${id}/events`, {
        headers: {
          authorization,
          accept: 'text/event-stream',
          ...(last === undefined ? {} : { 'last-event-id': String(last) }),
        },
        signal: abort.signal,
      })
      if (response.status === 204) break
      seen.push(...(await new EventReader(response).take(3000)).map(event => event.id))
      abort.abort()
    }
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => index))
    expect(seen.length).toBeGreaterThan(10_000)
    while (served.handler.server.streams.open > 0) await new Promise(resolve => setImmediate(resolve))
    expect(store.watches).toBe(0)
  })

  it('holds no more for a reader that takes nothing than it may, and then lets go of it', async () => {
    const clock = new ManualClock()
    const store = new WatchedStore()
    const served = await serve({ store, clock, limits: { maxBufferedBytes: 100_000 } })
    const server = await listening(served)
    const id = await served.execute('Counting', { count: 8000, size: 2000 })
    await served.settled(id)
    const reads: number[] = []
    const read = store.read.bind(store)
    store.read = (runId, from, limit) => {
      reads.push(from ?? 1)
      return read(runId, from, limit)
    }
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(
      `GET ${base}/executions/${id}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`,
    )
    const { streams } = served.handler.server
    await expect.poll(() => streams.open).toBe(1)
    // It reads on until the socket, and what may be kept for it, are full; only then is the reader one that takes nothing.
    while (streams.open > 0) {
      await clock.advance(5000)
      await new Promise(resolve => setImmediate(resolve))
    }
    const total = (await store.get(id))?.seq ?? 0
    expect(reads.at(-1)).toBeLessThan(total)
    expect(store.watches).toBe(0)
    socket.resume()
    await closed(socket)
  })

  it('lets states at work finish when it closes, ends streams, and accepts nothing more', async () => {
    const { orchestration, open: letGo, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const server = await listening(served)
    const id = await served.execute('Gated')
    await reached
    const events = await fetch(`${server.url}${base}/executions/${id}/events`, { headers: { authorization } })
    const reader = new EventReader(events)
    await reader.take(2)
    const socket = upgrade(server, { headers: { authorization } })
    await once(socket, 'open')
    const gone = once(socket, 'close')
    served.whenPaused(id, letGo)
    const closing = server.close()
    expect(server.close()).toBe(closing)
    await reader.rest()
    expect((await gone)[0]).toBe(1001)
    await closing
    expect((await served.handler.server.host.record(id)).status).toBe('paused')
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
  })
})

describe('many at once', () => {
  it('each reader gets each event of its execution once and in order', async () => {
    const store = new WatchedStore()
    const served = await serve({ store })
    const server = await listening(served)
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, number) => served.execute('Counting', { count: number })),
    )
    const readings = await Promise.all(
      ids.slice(0, 50).map(async id => {
        const response = await fetch(`${server.url}${base}/executions/${id}/events`, { headers: { authorization } })
        return new EventReader(response).rest()
      }),
    )
    for (const [number, events] of readings.entries()) {
      expect(events.map(event => event.id)).toEqual(events.map((_, index) => index))
      expect(events.filter(({ event }) => event === 'custom')).toHaveLength(number)
      expect(events.at(-1)?.event).toBe('orchestration.completed')
    }
    for (const id of ids) expect((await served.settled(id)).status).toBe('completed')
    while (served.handler.server.streams.open > 0) await new Promise(resolve => setImmediate(resolve))
    expect(store.watches).toBe(0)
    expect(served.handler.server.host.active).toBe(0)
  })
})

describe('the WebSocket', () => {
  it('tells events and takes decisions, over the wire (S2-10)', async () => {
    const served = await serve()
    const server = await listening(served)
    const socket = upgrade(server, { protocols: ['advancer.live', `bearer.${tokens.all}`] })
    await once(socket, 'open')
    expect(socket.protocol).toBe('advancer.live')
    const subscribed = message(socket, 'subscribed')
    socket.send(JSON.stringify({ type: 'subscribe' }))
    await subscribed
    const asked = message(socket, 'approval_requested')
    const id = await served.execute('Research', { topic: 'bees' })
    const { data } = await asked
    expect(data).toMatchObject({ execution_id: id, node_id: 'Review' })
    const completed = message(socket, 'execution_completed')
    socket.send(JSON.stringify({ type: 'approve', execution_id: id, request_id: data.request_id, approved: true }))
    expect((await completed).data.output).toBe('published: a text about bees')
    socket.close()
    await once(socket, 'close')
    while (served.handler.server.streams.open > 0) await new Promise(resolve => setImmediate(resolve))
  })

  it('asks who calls before there is one', async () => {
    const server = await listening(await serve())
    expect(await refusal(upgrade(server))).toBe(401)
    expect(await refusal(upgrade(server, { headers: { authorization: 'Bearer some-wrong-token-here' } }))).toBe(401)
    expect(await refusal(upgrade(server, { protocols: ['advancer.live', 'bearer.some-wrong-token-here'] }))).toBe(401)
    expect(await refusal(upgrade(server, { headers: { authorization, origin: 'http://attacker.example' } }))).toBe(403)
    expect(await refusal(upgrade(server, { headers: { authorization }, path: '/elsewhere' }))).toBe(404)
    const plain = await fetch(`${server.url}${base}/live`, { headers: { authorization } })
    expect(plain.status).toBe(426)
  })

  it('is for this machine only where nobody has to say who they are', async () => {
    const served = await serve({ auth: undefined as never, orchestrations: [echo()] })
    const server = await listening(served)
    expect(await refusal(upgrade(server, { headers: { origin: 'http://attacker.example' } }))).toBe(403)
    expect(await refusal(upgrade(server, { headers: { host: 'attacker.example' } }))).toBe(403)
    const socket = upgrade(server)
    await once(socket, 'open')
    socket.terminate()
  })

  it('is closed for messages that are too large or no text, and for one client too many', async () => {
    const server = await listening(await serve({ limits: { maxBodyBytes: 1000, maxStreams: 1 } }))
    const codeOf = async (send: (socket: WebSocket) => void) => {
      const socket = upgrade(server, { headers: { authorization } })
      socket.on('error', () => undefined)
      const closed = once(socket, 'close')
      await once(socket, 'open')
      send(socket)
      return (await closed)[0] as number
    }
    expect(await codeOf(socket => socket.send('x'.repeat(2000)))).toBe(1009)
    expect(await codeOf(socket => socket.send(Buffer.from('{}')))).toBe(1003)
    const one = upgrade(server, { headers: { authorization } })
    await once(one, 'open')
    expect(await codeOf(() => undefined)).toBe(1013)
    one.terminate()
  })
})
