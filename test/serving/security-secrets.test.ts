import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import OpenAI from 'openai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Agent, AgentRunnable, a2aAgent } from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { listen } from '../../src/serving/index.js'
import { RawServers } from '../agents/raw-server.js'
import { base, failing, research, type Served, serve } from './served.js'

const remote = new RawServers()
const marker = 'Zx9MARKERq7'
const token = `token-of-ada-${marker}`
const secrets = {
  apiKey: `sk-proj-${marker}-of-a-model`,
  header: `Bearer ${marker}-of-an-endpoint`,
  agent: `Bearer ${marker}-of-an-agent`,
  variable: `${marker}-of-the-environment`,
}

/** What has really been sent, so that there is something to be hidden. */
const sent: (string | undefined)[] = []

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const each of cleanups.splice(0).reverse()) await each()
})

/** A model that says all that it was sent when it refuses. */
const talkative = (): Promise<string> =>
  remote.serve((request, response) => {
    sent.push(request.headers.authorization)
    response.writeHead(401, { 'content-type': 'application/json', 'x-echo': String(request.headers.authorization) })
    response.end(
      JSON.stringify({ error: { message: `Incorrect key ${request.headers.authorization}`, code: 'invalid_api_key' } }),
    )
  })

/** An agent behind a network that does the same. */
const gossip = (): Promise<string> =>
  remote.serve((request, response) => {
    sent.push(request.headers.authorization)
    response.writeHead(500, { 'content-type': 'text/plain', 'x-echo': String(request.headers.authorization) })
    response.end(`It broke with ${inspect(request.headers)}`)
  })

function asking(client: OpenAI): Orchestration<string, string> {
  class Asking extends AgentRunnable<string, string> {
    readonly agent = new Agent({ client, model: 'gpt-4.1-mini', name: 'Asked', instructions: 'Answer.' })
  }
  class AskModel extends Orchestration<string, string> {
    override initialRunnable = new Asking()
  }
  return new AskModel().configure({ input: String, output: String })
}

describe('a secret of the server', () => {
  it('is nowhere: not in journals, events, logs, answers, streams, metrics or documents (AC-10)', async () => {
    vi.stubEnv('ADVANCER_TEST_SECRET', secrets.variable)
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    const store = new SqliteJournalStore(join(folder, 'runs.db'))
    const client = new OpenAI({ apiKey: secrets.apiKey, baseURL: await talkative(), maxRetries: 0, logLevel: 'off' })
    const endpoint = await gossip()
    const agent = a2aAgent({ url: await gossip(), name: 'gossip', headers: { authorization: secrets.agent } })
    const logs: unknown[] = []
    const served = await serve({
      store,
      monitor: false,
      orchestrations: [asking(client), research(), failing()],
      workflows: {
        agents: { gossip: agent, quiet: () => ({ ok: true }) },
        hosts: [new URL(endpoint).host],
        allowPrivate: true,
        headersFor: () => ({ authorization: secrets.header }),
      },
      auth: { tokens: [{ token, tenant: 'acme', name: 'Ada' }] },
      logger: { warn: (...warning: unknown[]) => void logs.push(warning) },
    })
    const server = await listen(served.handler, { port: 0 })
    cleanups.push(() => store.close())
    cleanups.push(() => server.close(0))

    const said: [where: string, text: string][] = []
    const say = async (where: string, response: Response): Promise<string> => {
      const text = await response.text()
      said.push([where, `${text}\n${JSON.stringify([...response.headers])}`])
      return text
    }
    const as = { token }
    const ask = async (method: string, path: string, body?: unknown, headers = {}) =>
      say(
        `${method} ${path}`,
        await served.fetch(method, path, { ...as, headers, ...(body === undefined ? {} : { body }) }),
      )

    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${base}/live`, [
      'advancer.live',
      `bearer.${token}`,
    ])
    socket.on('message', data => said.push(['WebSocket', (data as Buffer).toString()]))
    await once(socket, 'open')
    said.push(['upgrade', socket.protocol])
    socket.send('{"type":"subscribe"}')
    await once(socket, 'message')

    const flows = [
      { id: 'by-endpoint', name: 'E', nodes: [{ id: 'out', type: 'agent_call', config: { endpoint } }] },
      { id: 'by-agent', name: 'A', nodes: [{ id: 'out', type: 'agent_call', config: { agent_id: 'gossip' } }] },
    ]
    for (const flow of flows) await ask('POST', 'workflows', flow)
    const ids: string[] = []
    for (const [path, body] of [
      ['orchestrations/AskModel/execute', { input: 'hello' }],
      ['orchestrations/Research/execute', { input: { topic: 'bees' } }],
      ['orchestrations/Failing/execute', {}],
      ['workflows/by-endpoint/execute', {}],
      ['workflows/by-agent/execute', {}],
    ] as const) {
      const { execution_id: id } = JSON.parse(await ask('POST', path, body))
      await settled(served, id)
      ids.push(id)
      for (const about of [
        '',
        '/nodes',
        '/cost',
        '/requests',
        '/graph',
        '/graph?format=svg',
        '/history',
        '/state',
        '/events',
      ])
        await ask('GET', `executions/${id}${about}`, undefined, { accept: 'application/json, image/svg+xml' })
      await ask('GET', `executions/${id}/events?limit=1000`, undefined, { accept: 'application/json' })
    }
    await ask('POST', `executions/${ids[0]}/fork`, { at: 1 })
    await ask('GET', `executions/${ids[0]}/diff?with=${ids[1]}`)
    for (const path of [
      'executions',
      'approvals',
      'workflows',
      'orchestrations',
      'orchestrations/AskModel',
      'templates',
      '/metrics',
      '/openapi.json',
      '/healthz',
      '/.well-known/agent-card.json',
      '/v1/models',
    ])
      await ask('GET', path)
    const messages = [{ role: 'user', content: 'hello' }]
    for (const stream of [false, true]) {
      await ask('POST', '/v1/chat/completions', { model: 'AskModel', messages, stream, metadata: { progress: 'true' } })
      await ask('POST', '/v1/responses', { model: 'workflow/by-endpoint', input: '{}', stream })
    }
    const accept = { accept: 'application/json, text/event-stream' }
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    const call = { name: 'AskModel', arguments: { input: 'hello' }, _meta: meta }
    await ask(
      'POST',
      '/mcp',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call },
      { ...accept, 'mcp-protocol-version': '2026-07-28' },
    )
    const message = {
      kind: 'message',
      messageId: 'm',
      role: 'user',
      parts: [{ kind: 'text', text: 'x' }],
      metadata: { skill_id: 'AskModel' },
    }
    await ask('POST', '/a2a', {
      jsonrpc: '2.0',
      id: 1,
      method: 'message/send',
      params: { message, configuration: { blocking: true } },
    })
    // What is refused, and what goes wrong.
    for (const wrong of [`${token}x`, token.slice(1), ''])
      await say('refused', await served.fetch('GET', `executions?access_token=none`, { token: wrong }))
    await ask('POST', 'orchestrations/AskModel/execute', '{"input":', {})
    await ask('GET', 'nowhere')
    const list = store.list.bind(store)
    store.list = () => Promise.reject(new Error(`cannot read ${folder}/runs.db`))
    const fault = await ask('GET', 'executions')
    store.list = list
    expect(fault).not.toContain(folder)
    socket.close()
    await once(socket, 'close')

    const states = await Promise.all(ids.map(async id => (await store.get(id))?.status))
    expect(states).toEqual(['failed', 'running', 'failed', 'failed', 'failed'])
    expect(sent).toEqual(expect.arrayContaining([`Bearer ${secrets.apiKey}`, secrets.header, secrets.agent]))
    expect(said.length).toBeGreaterThan(80)
    for (const line of logs) said.push(['log', inspect(line, { depth: 20, showHidden: true })])
    for (const file of readdirSync(folder)) said.push([file, readFileSync(join(folder, file), 'latin1')])
    const leaks = said.flatMap(([where, text]) => {
      const at = text.indexOf(marker)
      return at < 0 ? [] : [`${where}: ${text.slice(Math.max(0, at - 150), at + 40)}`]
    })
    expect(leaks).toEqual([])
    // Neither is what tells an attacker about the server: where its files are, what its code is.
    const told = said.filter(([where]) => where !== 'log' && !where.startsWith('runs.db'))
    const places = told.flatMap(([where, text]) =>
      /node_modules|\.ts:\d+|\bat \w+ \(|file:\/\//.test(text) ? [where] : [],
    )
    expect(places).toEqual([])
  })
})

async function settled(served: Served, id: string): Promise<void> {
  const run = served.handler.server.host.driven(id)
  while (run !== undefined && run.status === 'running' && run.requests.length === 0)
    await new Promise(resolve => setImmediate(resolve))
}
