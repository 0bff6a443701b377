import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Listening, listen } from '../../src/serving/index.js'
import { closed } from './closed-socket.js'
import { base, echo, gated, research, type Served, serve, tokens } from './served.js'

const open: Listening[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close(0)
})

/** A server that asks nobody who they are, and something on it to be harmed. */
async function withoutAuth(): Promise<{ served: Served; execution: string }> {
  const served = await serve({ auth: undefined as never, orchestrations: [research(), echo()], workflows: {} })
  const execution = await served.execute('Research', { topic: 'mine' }, { token: '' })
  const run = served.handler.server.host.driven(execution)
  while (run !== undefined && run.requests.length === 0) await new Promise(resolve => setImmediate(resolve))
  return { served, execution }
}

/** The head of an HTTP request as it is, for what no client of Node sends; returns the status and what was answered. */
async function raw({ port }: Listening, text: string): Promise<{ status: number; answer: string }> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(text)
  let answer = ''
  socket.on('data', data => {
    answer += String(data)
  })
  await closed(socket)
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer }
}

const foreignHosts = [
  'attacker.example',
  'attacker.example:8787',
  'localhost.attacker.example',
  '127.0.0.1.attacker.example',
  'localhost@attacker.example',
  'localhost.',
  '0.0.0.0',
  '10.0.0.1',
  '192.168.1.10:8787',
  '169.254.169.254',
  '[::ffff:10.0.0.1]',
  '[fe80::1]',
  'x localhost',
  '',
]

describe('a server without authentication', () => {
  it('cannot be made to listen for others', async () => {
    const { served } = await withoutAuth()
    for (const host of [
      '0.0.0.0',
      '::',
      '0',
      '192.168.1.5',
      'example.org',
      '127.0.0.1.example.org',
      '127.0.0.256.1',
      '*',
    ]) {
      const listening = listen(served.handler, { port: 0, host })
      await expect(listening, `${host}`).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    }
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.2'])
      open.push(await listen(served.handler, { port: 0, host }))
    expect(open).toHaveLength(3)
  })

  it('answers under no name but its own, whatever a name of somebody else is made to point at (DNS rebinding)', async () => {
    const { served, execution } = await withoutAuth()
    const paths = [
      'executions',
      `executions/${execution}/events`,
      'live',
      '/v1/models',
      '/metrics',
      '/.well-known/agent-card.json',
    ]
    for (const path of paths) {
      for (const host of foreignHosts) {
        const { status, text } = await served.get(path, { token: '', headers: { host } })
        expect(status, `${path} of ${host}`).toBe(403)
        expect(text).not.toContain('mine')
      }
    }
    const server = await listen(served.handler, { port: 0 })
    open.push(server)
    for (const host of foreignHosts.filter(each => each !== '')) {
      const head = `GET ${base}/executions HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      expect((await raw(server, head)).status, `${host}`).toBeGreaterThanOrEqual(400)
      const upgrade = `GET ${base}/live HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
      const { status } = await raw(server, upgrade)
      expect([400, 403], `${host}`).toContain(status)
    }
  })

  it('does nothing for a page of another origin: not by forms, not by simple requests, not by links and images (CSRF)', async () => {
    const { served, execution } = await withoutAuth()
    const host = 'localhost:8787'
    const from = (headers: Record<string, string>) => ({ token: '', headers: { host, ...headers } })
    const foreign = [
      { origin: 'http://attacker.example' },
      { origin: 'https://localhost' },
      { origin: 'http://localhost:3000' },
      { origin: 'null' },
      { origin: 'http://localhost:8787.attacker.example' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
    ]
    for (const headers of foreign) {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json',
      ]) {
        const options = from({ ...headers, 'content-type': type })
        for (const path of [
          `executions/${execution}/cancel`,
          `executions/${execution}/resume`,
          'orchestrations/Echo/execute',
          '/mcp',
          '/a2a',
          '/v1/chat/completions',
        ])
          expect((await served.call('POST', path, { ...options, body: '{}' })).status, `${path}`).toBe(403)
      }
      for (const path of [`executions/${execution}`, `executions/${execution}/events`, 'live', '/metrics'])
        expect((await served.get(path, from(headers))).status, `${path}`).toBe(403)
    }
    expect((await served.get(`executions/${execution}`, from({}))).body.status).toBe('paused')
    expect(
      (await served.get('executions', from({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }))).status,
    ).toBe(200)
    expect((await served.get('executions', from({ 'sec-fetch-site': 'none' }))).status).toBe(200)
  })

  it('takes no simple request for JSON, and never answers a preflight', async () => {
    const { served } = await withoutAuth()
    for (const type of ['text/plain', 'text/plain; application/json', 'application/x-www-form-urlencoded', '']) {
      const options = { token: '', body: '{"input":1}', headers: { 'content-type': type } }
      expect((await served.call('POST', 'orchestrations/Echo/execute', options)).status, `${type}`).toBe(415)
    }
    const preflight = await served.call('OPTIONS', 'executions', {
      token: '',
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })
    expect(preflight.status).toBe(405)
    for (const path of ['executions', '/openapi.json', '/healthz', '/v1/models']) {
      const { headers } = await served.get(path, { token: '' })
      expect([...headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('a server with tokens', () => {
  it('does nothing for pages of other origins either, in case a proxy knows its callers by cookies', async () => {
    const served = await serve()
    for (const headers of [{ origin: 'https://attacker.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await served.post('orchestrations/Echo/execute', { input: 1 }, { headers })).status).toBe(403)
    const own = { host: 'runs.example.com', origin: 'https://runs.example.com', 'sec-fetch-site': 'same-origin' }
    expect((await served.post('orchestrations/Echo/execute', { input: 1 }, { headers: own })).status).toBe(202)
  })

  it('may listen for others, and asks them who they are', async () => {
    const { orchestration } = gated()
    const server = await listen((await serve({ orchestrations: [orchestration] })).handler, {
      port: 0,
      host: '0.0.0.0',
    })
    open.push(server)
    const at = `127.0.0.1:${server.port}`
    expect((await fetch(`http://${at}${base}/executions`)).status).toBe(401)
    const socket = new WebSocket(`ws://${at}${base}/live`, ['advancer.live', `bearer.${tokens.all}`])
    await once(socket, 'open')
    socket.terminate()
  })
})
