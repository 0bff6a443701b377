import { setImmediate as turn } from 'node:timers/promises'
import { Client, type Progress, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, it } from 'vitest'
import { mcpServer } from '../../src/agents/index.js'
import { Orchestration } from '../../src/core/index.js'
import { type Listening, listen, type ServingOptions } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { pass } from '../core/machines.js'
import { echo, gated, research, type Served, serve, tokens } from './served.js'
import { WatchedStore } from './watched-store.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const each of cleanups.splice(0).reverse()) await each()
})

type Era = 'legacy' | 'auto'
const eras: readonly Era[] = ['legacy', 'auto']

interface Running extends Listening {
  readonly served: Served
  client(options?: { token?: string; era?: Era }): Promise<Client>
}

/** A server on loopback, and official clients of it. */
async function running(options: Partial<ServingOptions> = {}): Promise<Running> {
  const served = await serve(options)
  const listening = await listen(served.handler, { port: 0 })
  cleanups.push(() => listening.close(0))
  return {
    ...listening,
    served,
    async client({ token = tokens.all, era = 'legacy' } = {}) {
      const client = new Client({ name: 'tested', version: '1.0.0' }, { versionNegotiation: { mode: era } })
      const requestInit = { headers: { authorization: `Bearer ${token}` } }
      await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', listening.url), { requestInit }))
      cleanups.push(() => client.close())
      return client
    },
  }
}

interface Called {
  readonly structured: any // any: tests look into whatever has come
  readonly text: string
  readonly isError: boolean
}

async function call(client: Client, name: string, args?: object, options: object = {}): Promise<Called> {
  const {
    structuredContent,
    content,
    isError = false,
  } = await client.callTool(
    { name, ...(args === undefined ? {} : { arguments: args as Record<string, unknown> }) },
    options,
  )
  const [first] = content
  return { structured: structuredContent, text: first?.type === 'text' ? first.text : '', isError }
}

const workflow = {
  id: 'greeting',
  name: 'Greeting',
  description: 'Asks before it greets.',
  nodes: [{ id: 'ask', type: 'human_approval', config: { message: 'Greet {{input.name}}?' } }],
}

/** Until something that happens elsewhere has happened; vitest ends a test that waits for ever. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn()
}

describe.each(eras)('MCP over HTTP, as a client of the %s protocol sees it', era => {
  it('offers its tools, one for each orchestration, typed by what it takes and returns (S2-36, S2-37)', async () => {
    const { client } = await running()
    const mcp = await client({ era })
    expect(mcp.getServerCapabilities()).toMatchObject({ tools: { listChanged: false } })
    const { tools } = await mcp.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['workflow_execute', 'workflow_status', 'approval_list', 'approval_answer', 'signal_send'],
      ...['Research', 'Echo', 'Counting', 'Listening', 'Failing'],
    ])
    const [execute, , , , , researching, echoing, counting] = tools
    expect(execute?.inputSchema).toMatchObject({ required: ['workflow_id'], properties: { wait: { type: 'boolean' } } })
    expect(researching?.inputSchema).toMatchObject({ properties: { topic: { type: 'string' } }, required: ['topic'] })
    expect(echoing?.description).toBe('Says it again.')
    expect(echoing?.inputSchema.properties).toHaveProperty('input')
    expect(counting?.outputSchema?.['properties']).toMatchObject({ output: { type: 'number' } })
  })

  it('runs an orchestration by its tool, and tells how it goes on', async () => {
    const { client } = await running()
    const told: Progress[] = []
    const mcp = await client({ era })
    const { structured, text, isError } = await call(
      mcp,
      'Echo',
      { input: { a: [1] } },
      { onprogress: (each: Progress) => told.push(each) },
    )
    expect(structured).toMatchObject({ status: 'completed', output: { a: [1] } })
    expect(JSON.parse(text)).toEqual(structured)
    expect(isError).toBe(false)
    expect(told.map(({ message }) => message)).toEqual(['Say: started', 'Say: completed'])
    expect(told.map(({ progress }) => progress)).toEqual([1, 2])
  })

  it('executes, asks, decides and tells what came of it (S2-36, S2-37, S2-10)', async () => {
    const { client } = await running()
    const mcp = await client({ era })
    const begun = await call(mcp, 'workflow_execute', { workflow_id: 'Research', input: { topic: 'bees' }, wait: true })
    expect(begun.structured).toMatchObject({ status: 'paused', pending_approvals: [{ node_id: 'Review' }] })
    expect(begun.text).toContain('approval_answer')
    const { execution_id } = begun.structured
    expect((await call(mcp, 'workflow_status', { execution_id })).structured).toMatchObject({
      execution_id,
      status: 'paused',
      total_cost: 0.3,
      current_nodes: ['Review'],
      pending_approvals: [{ message: 'Publish a text about bees?' }],
    })
    const { structured: open } = await call(mcp, 'approval_list')
    expect(open.approvals).toHaveLength(1)
    const [{ request_id }] = open.approvals
    const answered = await call(mcp, 'approval_answer', { execution_id, request_id, approved: true, reason: 'good' })
    expect(answered.structured).toEqual({ execution_id, request_id, node_id: 'Review', approved: true })
    await until(async () => (await call(mcp, 'workflow_status', { execution_id })).structured.status === 'completed')
    const { structured: done } = await call(mcp, 'workflow_status', { execution_id })
    expect(done).toMatchObject({ output: 'published: a text about bees', pending_approvals: [], current_nodes: [] })
    const again = await call(mcp, 'approval_answer', { execution_id, request_id, approved: false })
    expect(again).toMatchObject({ isError: true, text: expect.stringContaining('is not open') })
  })

  it('tells which message an execution waits for, and sends it', async () => {
    const { client } = await running()
    const mcp = await client({ era })
    const begun = await call(mcp, 'Listening')
    expect(begun.structured).toMatchObject({
      status: 'running',
      pending_signals: [{ node_id: 'Hear', kind: 'signal' }],
    })
    expect(begun.text).toContain('signal_send')
    const { execution_id } = begun.structured
    const waiting = await call(mcp, 'workflow_status', { execution_id })
    expect(waiting.structured).toMatchObject({ pending_approvals: [], pending_signals: [{ execution_id }] })
    const [{ request_id }] = waiting.structured.pending_signals
    const sent = { execution_id, request_id }
    const refused = await call(mcp, 'approval_answer', { ...sent, approved: true })
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('payload') })
    expect((await call(mcp, 'signal_send', { ...sent, payload: { topic: 1 } })).text).toContain('topic')
    expect((await call(mcp, 'signal_send', sent)).isError).toBe(true)
    const guest = await client({ token: tokens.run, era })
    expect((await call(guest, 'signal_send', { ...sent, payload: { topic: 'bees' } })).text).toContain('approve')
    const { structured } = await call(mcp, 'signal_send', { ...sent, payload: { topic: 'bees' } })
    expect(structured).toEqual({ ...sent, node_id: 'Hear' })
    await until(async () => (await call(mcp, 'workflow_status', { execution_id })).structured.status === 'completed')
    const { structured: done } = await call(mcp, 'workflow_status', { execution_id })
    expect(done).toMatchObject({ output: { topic: 'bees' } })
    expect(done).not.toHaveProperty('pending_signals')
  })

  it('starts a JSON workflow with a budget, and does not wait unless it is told to (S2-36)', async () => {
    const { client, served } = await running({ workflows: true })
    await served.post('workflows', workflow)
    const mcp = await client({ era })
    const { tools } = await mcp.listTools()
    expect(tools[0]?.description).toContain('- greeting (Greeting: Asks before it greets.)')
    const begun = await call(mcp, 'workflow_execute', {
      workflow_id: 'greeting',
      input: { name: 'Ann' },
      max_budget: 1,
    })
    expect(begun.structured).toEqual({ execution_id: expect.any(String), status: 'running' })
    const { execution_id } = begun.structured
    await until(async () => (await call(mcp, 'workflow_status', { execution_id })).structured.status === 'paused')
    const { structured } = await call(mcp, 'workflow_status', { execution_id })
    expect(structured).toMatchObject({ current_nodes: ['ask'], pending_approvals: [{ message: 'Greet Ann?' }] })
    expect((await served.get(`executions/${execution_id}`)).body).toMatchObject({
      workflow_id: 'greeting',
      max_budget: 1,
    })
  })

  it('tells what is wrong with a call, all of it, and the way out, never a stack', async () => {
    const { client } = await running()
    const mcp = await client({ era })
    const refused = async (name: string, args: object) => {
      const { text, isError } = await call(mcp, name, args)
      expect(isError).toBe(true)
      expect(text).not.toMatch(/\n\s+at |secret/)
      return text
    }
    expect(await refused('Research', { topic: 7 })).toMatch(/topic/)
    expect(await refused('workflow_execute', { workflow_id: 'Reserch' })).toContain('Did you mean "Research"?')
    const both = await refused('workflow_execute', { workflow: 'Research', max_budget: -1 })
    expect(both).toContain('workflow_id')
    expect(await refused('workflow_execute', { workflow_id: 'Echo', max_budget: 1 })).toContain('leave the budget out')
    expect(await refused('workflow_status', { execution_id: 'none' })).toContain('no execution "none"')
    expect(await refused('approval_answer', { execution_id: 'none', request_id: 'x', approved: true })).toContain(
      '"none"',
    )
    expect(await refused('Failing', {})).toMatch(/has failed: .*it broke/)
  })

  it("lets callers do what their token allows, with what is their tenant's", async () => {
    const { client, served } = await running()
    const id = await served.execute('Echo', 1)
    await served.settled(id)
    const eve = await client({ era, token: tokens.other })
    expect(await call(eve, 'workflow_status', { execution_id: id })).toMatchObject({ isError: true })
    const bob = await client({ era, token: tokens.read })
    expect((await call(bob, 'workflow_status', { execution_id: id })).structured).toMatchObject({ output: 1 })
    expect((await call(bob, 'Echo', { input: 1 })).text).toContain('lacks the scope "run"')
    const cy = await client({ era, token: tokens.run })
    const { structured } = await call(cy, 'Research', { topic: 'bees' })
    const [{ execution_id, request_id }] = structured.pending_approvals
    expect((await call(eve, 'approval_list')).structured.approvals).toEqual([])
    const decided = await call(cy, 'approval_answer', { execution_id, request_id, approved: true })
    expect(decided.text).toContain('lacks the scope "approve"')
    const foreign = await call(eve, 'approval_answer', { execution_id, request_id, approved: true })
    expect(foreign.text).toContain('There is no execution')
    await expect(client({ era, token: 'a-token-that-nobody-has' })).rejects.toThrow(/401|Unauthorized|authoriz/i)
  })

  it('ends the run of a call that is cancelled, and leaves nothing behind', async () => {
    const store = new WatchedStore()
    const { orchestration, reached } = gated()
    const { client, served } = await running({ store, orchestrations: [orchestration] })
    const abort = new AbortController()
    const mcp = await client({ era })
    const called = call(mcp, 'Gated', { input: 1 }, { signal: abort.signal })
    called.catch(() => undefined)
    await reached
    abort.abort('enough')
    await expect(called).rejects.toThrow('enough')
    await until(async () => (await store.list({ status: ['cancelled'] })).runs.length === 1)
    await until(() => store.watches === 0 && served.handler.server.streams.open <= (era === 'legacy' ? 1 : 0))
  })

  it('answers that a run goes on when it takes longer than a call may', async () => {
    const { orchestration, reached, open } = gated()
    const { client } = await running({ orchestrations: [orchestration], mcp: { maxWaitMs: 20 } })
    const mcp = await client({ era })
    const { structured, text } = await call(mcp, 'Gated', {})
    expect(structured).toMatchObject({ status: 'running' })
    expect(text).toContain('workflow_status')
    await reached
    open()
    const { execution_id } = structured
    await until(async () => (await call(mcp, 'workflow_status', { execution_id })).structured.status === 'completed')
  })

  it('gives the status of an execution as a resource', async () => {
    const { client, served } = await running()
    const id = await served.execute('Echo', 'hello')
    await served.settled(id)
    const mcp = await client({ era })
    const { contents } = await mcp.readResource({ uri: `run://${id}` })
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ execution_id: id, output: 'hello' })
    await expect(mcp.readResource({ uri: 'run://none' })).rejects.toThrow('no execution "none"')
  })
})

describe('a run whose call is cancelled', () => {
  it('goes on where the server is set so', async () => {
    const { orchestration, reached, open } = gated()
    const store = new WatchedStore()
    const { client } = await running({ store, orchestrations: [orchestration], mcp: { cancelRuns: false } })
    const abort = new AbortController()
    const called = call(await client(), 'Gated', {}, { signal: abort.signal })
    called.catch(() => undefined)
    await reached
    abort.abort()
    await expect(called).rejects.toThrow(/abort/i)
    await until(() => store.watches === 0)
    open()
    await until(async () => (await store.list({ status: ['completed'] })).runs.length === 1)
  })
})

describe('where there is no room for more streams', () => {
  it('a call is refused before it starts anything, or answered that its run goes on', async () => {
    const store = new WatchedStore()
    const { served, url } = await running({ store, limits: { maxStreams: 1 } })
    const headers = await session(url)
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'Echo', arguments: { input: 1 } } }
    const ask = () => fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(message) })
    const leave = served.handler.server.streams.enter(() => undefined)
    const refused = await ask()
    expect([refused.status, (await store.list()).runs]).toEqual([503, []])
    leave()
    // One for the answer, and none to wait for the run.
    expect(await (await ask()).text()).toMatch(/"status":"(running|completed)"/)
    expect((await store.list()).runs).toHaveLength(1)
    await until(() => served.handler.server.streams.open === 0)
  })
})

describe('a connection that drops', () => {
  it('ends the waiting of an older client, not the run', async () => {
    const { orchestration, reached, open } = gated()
    const store = new WatchedStore()
    const { served, url } = await running({ store, orchestrations: [orchestration] })
    const headers = await session(url)
    const gone = new AbortController()
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'Gated', arguments: {} },
    })
    await fetch(`${url}/mcp`, { method: 'POST', headers, body, signal: gone.signal })
    await reached
    expect(served.handler.server.streams.open).toBe(2)
    gone.abort()
    await until(() => store.watches === 0 && served.handler.server.streams.open === 0)
    expect((await store.list()).runs.map(({ status }) => status)).toEqual(['running'])
    open()
    await until(async () => (await store.list({ status: ['completed'] })).runs.length === 1)
  })

  it('has no streams left when the server closes', async () => {
    const { orchestration, reached } = gated()
    const store = new WatchedStore()
    const { client, served, close } = await running({ store, orchestrations: [orchestration] })
    const called = call(await client(), 'Gated', {})
    called.catch(() => undefined)
    await reached
    await close(0)
    expect(served.handler.server.streams.open).toBe(0)
    await until(() => store.watches === 0)
  })
})

describe('sessions of older clients', () => {
  it('belong to whom they were opened for', async () => {
    const { url } = await running()
    const headers = await session(url)
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    const ask = (token: string) =>
      fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` }, body: list })
    expect((await ask(tokens.other)).status).toBe(404)
    expect((await ask(tokens.read)).status).toBe(404)
    expect((await ask(tokens.all)).status).toBe(200)
  })

  it('are forgotten when they are idle, when they are ended, and when there are too many', async () => {
    const clock = new ManualClock()
    const { url } = await running({ clock, mcp: { maxSessions: 2, sessionIdleMs: 1000 } })
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`${url}/mcp`, { method: 'POST', headers, body: list })
      await response.text()
      return response.status
    }
    const [first, second] = [await session(url), await session(url)]
    expect([await ask(second), await ask(first)]).toEqual([200, 200])
    const third = await session(url)
    expect([await ask(first), await ask(second), await ask(third)]).toEqual([200, 404, 200])
    expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers: third })).status).toBe(200)
    expect(await ask(third)).toBe(404)
    await clock.advance(999)
    expect(await ask(first)).toBe(200)
    await clock.advance(1000)
    expect(await ask(first)).toBe(404)
  })

  it('are refused when all that may be are in use', async () => {
    const { url } = await running({ mcp: { maxSessions: 1 } })
    const headers = await session(url)
    const stream = await fetch(`${url}/mcp`, { headers })
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    const refused = await initialize(url)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    await stream.body?.cancel()
    await until(async () => (await initialize(url)).status === 200)
  })
})

describe('what no MCP client sends', () => {
  it('is refused with a problem', async () => {
    const { served } = await running({ limits: { maxBodyBytes: 2000 } })
    const status = async (body: unknown, headers: Record<string, string> = {}) =>
      (await served.post('/mcp', body, { headers: { accept: 'application/json, text/event-stream', ...headers } }))
        .status
    expect(await status('{"jsonrpc":')).toBe(400)
    expect(await status('')).toBe(400)
    expect(await status(`{"a":"${'x'.repeat(3000)}"}`)).toBe(413)
    expect(await status('{"__proto__":1}')).toBe(400)
    expect(await status({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).toBe(400)
    expect(await status({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': 'nope' })).toBe(404)
    expect(await status({ jsonrpc: '2.0', id: 1 }, { 'content-type': 'text/plain' })).toBe(415)
    expect((await served.get('/mcp')).status).toBe(400)
    expect((await served.call('PUT', '/mcp')).status).toBe(405)
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect((await served.call(method, '/mcp', { token: '' })).status).toBe(401)
    }
  })
})

describe('names of tools', () => {
  it('are ones that every client takes, each for one tool', async () => {
    const named = (name: string) => {
      class Named extends Orchestration<unknown, unknown> {
        override initialRunnable = pass('Say')
      }
      return new Named().configure({ name } as never)
    }
    const names = ['a b', 'a/b', 'workflow_execute', 'ü'.repeat(3), 'x'.repeat(70), `${'x'.repeat(70)}y`]
    const { client } = await running({ orchestrations: names.map(named) })
    const { tools } = await (await client()).listTools()
    const own = tools.slice(5).map(({ name }) => name)
    expect(own).toEqual(['a_b', 'a_b_2', 'workflow_execute_2', '_', 'x'.repeat(64), `${'x'.repeat(62)}_2`])
    for (const name of own) expect(name).toMatch(/^[\w-]{1,64}$/)
  })
})

describe('our own client', () => {
  it('works with our own server', async () => {
    const { url } = await running({ orchestrations: [echo(), research()] })
    const client = mcpServer({ name: 'own', url: `${url}/mcp`, headers: { authorization: `Bearer ${tokens.all}` } })
    cleanups.push(() => client.close())
    const tools = await client.tools()
    const tool = tools.find(({ name }) => name.endsWith('Echo'))
    expect(tool).toBeDefined()
    const answer = await tool?.execute({ input: 'hi' }, { signal: new AbortController().signal, callId: 'c' } as never)
    expect(answer).toContain('"output":"hi"')
  })
})

function initialize(url: string): Promise<Response> {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })
  return fetch(`${url}/mcp`, { method: 'POST', headers: rawHeaders, body })
}

const rawHeaders = {
  authorization: `Bearer ${tokens.all}`,
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
}

/** The headers of a session that was opened without a client. */
async function session(url: string): Promise<Record<string, string>> {
  const response = await initialize(url)
  await response.text()
  const id = response.headers.get('mcp-session-id') ?? ''
  const headers = { ...rawHeaders, 'mcp-session-id': id, 'mcp-protocol-version': '2025-06-18' }
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
  await (await fetch(`${url}/mcp`, { method: 'POST', headers, body })).text()
  return headers
}
