import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Orchestration } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { createHandler, type Listening, listen } from '../../src/serving/index.js'
import { pass } from '../core/machines.js'
import { closed } from './closed-socket.js'
import { BuiltPage } from './monitor-page.js'
import { base, echo, gated, type Served, serve, tokens } from './served.js'

const open: Listening[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0)
})

const authorization = `Bearer ${tokens.all}`

async function listening(served: Served, options = {}): Promise<Listening> {
  const server = await listen(served.handler, { port: 0, ...options })
  open.push(server)
  return server
}

/** What is answered to bytes as they are, until the server closes the connection. */
async function raw({ port }: Listening, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(text)
  let answer = ''
  socket.on('data', data => {
    answer += String(data)
  })
  await closed(socket)
  return answer
}

const traversals = [
  '../../package.json',
  '..%2f..%2fpackage.json',
  '%2e%2e/%2e%2e/package.json',
  '..%5c..%5cpackage.json',
  '....//....//package.json',
  '%252e%252e%252fpackage.json',
  '..%c0%af..%c0%afpackage.json',
  '%00main.js',
  'main.js%00.css',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  'file:%2f%2f%2fetc%2fpasswd',
  'index.html',
  '.',
]

describe('names in paths', () => {
  let page: BuiltPage
  beforeAll(() => {
    page = new BuiltPage()
    return () => page.remove()
  })

  it('lead to the files of the monitor and to no others', async () => {
    const handler = await page.handler({ store: new MemoryJournalStore(), orchestrations: [echo()] })
    const { status } = await handler.fetch(new Request('http://localhost:8787/monitor/x/main.js'))
    expect(status).toBe(200)
    for (const path of traversals) {
      const response = await handler.fetch(new Request(`http://localhost:8787/monitor/x/${path}`))
      expect(response.status, `${path}`).toBe(404)
      expect(await response.text()).not.toMatch(/root:|"dependencies"/)
    }
    const server = await listen(handler, { port: 0 })
    open.push(server)
    for (const path of traversals) {
      // As they stand, which a client's URL would have put in order.
      const head = `GET /monitor/x/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
      const answer = await raw(server, head)
      expect(answer, `${path}`).toMatch(/^HTTP\/1\.1 (400|403|404|302)/)
      expect(answer).not.toMatch(/root:|"dependencies"/)
    }
  })

  it('are ids and nothing else: there is none of that id, or it is refused (S2-41)', async () => {
    const served = await serve({ workflows: {}, monitor: false })
    for (const id of [
      ...traversals,
      "'; drop table runs; --",
      '%27%20or%201=1',
      '__proto__',
      'constructor',
      '${7*7}',
      '\u202e',
    ]) {
      for (const path of [
        `executions/${id}`,
        `workflows/${id}`,
        `orchestrations/${id}`,
        `executions/${id}/events`,
        `/v1/responses/${id}`,
        `/v1/models/${id}`,
      ]) {
        const { status } = await served.get(path)
        if (new URL(path, `http://x${base}/`).pathname.split('/').length > 6)
          expect([400, 404, 405], `${path}`).toContain(status)
      }
      const run = await served.post('orchestrations/Echo/execute', { input: 1, run_id: `${id}\n/` })
      expect(run.status, `${id}`).toBe(422)
    }
  })

  it('put nothing into the head of an answer, and neither do bodies and queries', async () => {
    const served = await serve({ workflows: {}, monitor: false })
    const server = await listening(served)
    const injected = 'x%0d%0aset-cookie:%20a=b%0d%0a%0d%0a<script>'
    for (const path of [
      `/${injected}`,
      `${base}/executions/${injected}`,
      `/monitor/${injected}/x`,
      `${base}/executions?cursor=${injected}`,
    ]) {
      const answer = await raw(
        server,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 4/)
      expect(answer.slice(0, answer.indexOf('\r\n\r\n'))).not.toMatch(/^set-cookie/im)
    }
    const id = 'flow\r\nset-cookie: a=b'
    const created = await served.post('workflows', {
      id,
      name: 'X',
      nodes: [{ id: 'a', type: 'human_approval', config: { message: 'x' } }],
    })
    expect(created.status).toBe(422)
    expect(created.headers.get('set-cookie')).toBeNull()
  })

  it('are text in pictures, not markup', async () => {
    const hostile = '"><script>alert(1)<a onload="x">&'
    class Hostile extends Orchestration<unknown, unknown> {
      override initialRunnable = pass(hostile)
    }
    const served = await serve({
      orchestrations: [new Hostile().configure({ name: 'Hostile' })],
      workflows: {},
    })
    const id = await served.execute('Hostile', { x: hostile })
    await served.settled(id)
    const picture = await served.get(`executions/${id}/graph?format=svg`)
    expect(picture.status).toBe(200)
    expect(picture.headers.get('content-type')).toContain('image/svg+xml')
    expect(picture.text).toContain('&lt;script')
    expect(picture.text).not.toMatch(/<script|<a /)
    // The ids of workflows' nodes are letters and digits from the outset.
    const nodes = [{ id: '<script>', type: 'human_approval', config: { message: hostile } }]
    expect((await served.post('workflows', { name: hostile, nodes })).status).toBe(422)
  })
})

describe('a body that is made to cost', () => {
  const many = `{${Array.from({ length: 60_000 }, (_, index) => `"k${index}":1`).join(',')}}`
  const node = (index: number) => `{"id":"n${index}","type":"agent_call","config":{"agent_id":"a"}}`
  const edges = Array.from({ length: 6000 }, (_, index) => `{"from":"n${index}","to":"m${index}"}`)
  const bodies: readonly (readonly [what: string, path: string, body: string])[] = [
    ['thousands of unknown properties', 'orchestrations/Research/execute', many],
    ['thousands of unknown properties of an input', 'orchestrations/Research/execute', `{"input":${many}}`],
    ['thousands of nodes that are none', 'workflows', `{"name":"x","nodes":[${'{},'.repeat(200_000)}{}]}`],
    [
      'thousands of edges to nodes that there are not',
      'workflows/validate',
      `{"name":"x","nodes":[${Array.from({ length: 6000 }, (_, index) => node(index)).join(',')}],"edges":[${edges.join(',')}]}`,
    ],
    [
      'thousands of messages that are none',
      '/v1/chat/completions',
      `{"model":"Echo","messages":[${'{},'.repeat(200_000)}{}]}`,
    ],
    ['thousands of items that are none', '/v1/responses', `{"model":"Echo","input":[${'{},'.repeat(200_000)}{}]}`],
  ]

  it.each(bodies)('is refused in few words: %s', async (_, path, body) => {
    const served = await serve({ workflows: {} })
    const { status, text } = await served.post(path, body)
    expect(path.endsWith('validate') ? 200 : 422).toBe(status === 400 ? 422 : status)
    expect(text.length).toBeLessThan(50_000)
  })

  it('is refused where it is deeper, larger or otherwise than it may be, by every route that takes one', async () => {
    const served = await serve({ workflows: {}, limits: { maxBodyBytes: 10_000, maxDepth: 20 } })
    const { body: document } = await served.get('/openapi.json')
    const taking = Object.entries(document.paths as Record<string, Record<string, { requestBody?: object }>>).flatMap(
      ([path, operations]) =>
        Object.entries(operations).flatMap(([method, { requestBody }]) =>
          requestBody ? [[method.toUpperCase(), path] as const] : [],
        ),
    )
    expect(taking.length).toBeGreaterThan(12)
    const id = await served.execute('Research', { topic: 'x' })
    const {
      pending_approvals: [{ request_id: request }],
    } = await served.settled(id)
    const flow = await served.post('workflows', {
      id: 'flow',
      name: 'F',
      nodes: [{ id: 'a', type: 'human_approval', config: { message: 'x' } }],
    })
    expect(flow.status).toBe(201)
    const names: Readonly<Record<string, string>> = {
      execution_id: id,
      request_id: request,
      name: 'Echo',
      workflow_id: 'flow',
      id: 'flow',
    }
    for (const [method, template] of taking) {
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? 'x')
      const sent = (body: string) =>
        served.call(method, path, { body, headers: { accept: 'application/json, text/event-stream' } })
      expect((await sent(`{"x":"${'x'.repeat(10_000)}"}`)).status, `${method} ${path}`).toBe(413)
      for (const body of [
        '['.repeat(30) + ']'.repeat(30),
        '{"a":{"__proto__":{"polluted":1}}}',
        '{"constructor":{"prototype":{"polluted":1}}}',
        '{',
        '\u0000',
      ]) {
        const { status, text } = await sent(body)
        // JSON-RPC of A2A has an answer of its own for what is no message.
        if (path === '/a2a' && status === 200) expect(JSON.parse(text).error.code, `${body}`).toBeLessThan(-32_599)
        else expect(status, `${method} ${path} ${body}`).toBe(400)
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect((await served.get(`executions/${id}`)).body.status).toBe('paused')
  })
})

describe('clients that hold on', () => {
  it('are let go when they send nothing, byte by byte, or half a request, and do not keep others away', async () => {
    const served = await serve()
    const server = await listening(served, { headersTimeoutMs: 300, requestTimeoutMs: 600 })
    const slow: Socket[] = []
    for (let number = 0; number < 60; number++) {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      socket.write(
        number % 2 === 0
          ? 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: '
          : `POST ${base}/orchestrations/Echo/execute HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      )
      slow.push(socket)
    }
    const dripping = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write('b')
    }, 50)
    // With such limits, it does not wait for this one either if the machine is slow.
    await expect.poll(async () => (await fetch(`${server.url}/healthz`)).status).toBe(200)
    await Promise.all(slow.map(closed))
    clearInterval(dripping)
    await expect.poll(async () => (await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(served.handler.server.host.active).toBe(0)
  })

  it('are answered at once when they have sent too much, also if they would go on for ever', async () => {
    const server = await listening(await serve({ limits: { maxBodyBytes: 1000 } }))
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST ${base}/orchestrations/Echo/execute HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
        `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n${' '.repeat(2048)}\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413/)
    socket.destroy()
  })

  it('have no more streams at once than may be, of all kinds together, and leave room when they go', async () => {
    const { orchestration, reached } = gated()
    const served = await serve({ orchestrations: [orchestration], limits: { maxStreams: 4 } })
    const id = await served.execute('Gated')
    await reached
    const streams = await Promise.all(Array.from({ length: 4 }, () => served.fetch('GET', `executions/${id}/events`)))
    for (const [method, path, body] of [
      ['GET', `executions/${id}/events`, undefined],
      ['POST', '/v1/chat/completions', { model: 'Gated', messages: [{ role: 'user', content: 'x' }], stream: true }],
      ['POST', '/a2a', { jsonrpc: '2.0', id: 1, method: 'tasks/resubscribe', params: { id } }],
    ] as const) {
      const { status, headers } = await served.call(method, path, { body })
      expect([path, status]).toEqual([path, 503])
      expect(headers.get('retry-after')).toBe('1')
    }
    for (const { body } of streams) await body?.cancel()
    expect(served.handler.server.streams.open).toBe(0)
  })

  it('cannot pile up messages on a WebSocket', async () => {
    const { LiveConnection } = await import('../../src/serving/index.js')
    const handler = await createHandler({ store: new MemoryJournalStore(), limits: { maxBodyBytes: 1000 } })
    const closed: number[] = []
    const socket = { bufferedAmount: 0, send: () => undefined, close: (code: number) => void closed.push(code) }
    const live = new LiveConnection(handler.server, { tenant: 'default', name: 'x', scopes: ['read'] }, socket)
    const message = JSON.stringify({ type: 'ping', id: 'x'.repeat(150) })
    const all = Array.from({ length: 100 }, () => live.receive(message))
    await Promise.all(all)
    expect(closed).toEqual([4008])
    expect(handler.server.streams.open).toBe(0)
  })
})
