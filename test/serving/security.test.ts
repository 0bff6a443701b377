import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { listen, type Scope } from '../../src/serving/index.js'
import { type Answer, base, type CallOptions, echo, research, type Served, serve, tokens } from './served.js'

const scopes: readonly Scope[] = ['read', 'run', 'approve', 'define']
const lacking = (scope: Scope) => `token-that-lacks-the-scope-${scope}`

/** What only those of the tenant may ever see. */
const private_ = 'marker-of-acme-only'

const flow = {
  id: 'flow-of-acme',
  name: 'Flow',
  description: private_,
  nodes: [{ id: 'ask', type: 'human_approval', config: { message: `${private_}: go on?` } }],
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const each of cleanups.splice(0).reverse()) await each()
})

interface Route {
  readonly method: string
  readonly path: string
  readonly template: string
  readonly scope: Scope | 'public'
}

interface World {
  readonly served: Served
  readonly routes: readonly Route[]
  readonly execution: string
  readonly flowExecution: string
  readonly request: string
  readonly response: string
  readonly task: string
  readonly session: string
}

/** A tenant that has one of everything, and every route of the server with the names of those. */
async function world(): Promise<World> {
  const served = await serve({
    orchestrations: [research(), echo()],
    workflows: {},
    auth: {
      tokens: [
        { token: tokens.all, tenant: 'acme', name: 'Ada' },
        { token: tokens.other, tenant: 'other', name: 'Eve' },
        ...scopes.map(scope => ({
          token: lacking(scope),
          tenant: 'acme',
          name: `Without ${scope}`,
          scopes: scopes.filter(each => each !== scope),
        })),
      ],
    },
  })
  expect((await served.post('workflows', flow)).status).toBe(201)
  const execution = await served.execute('Research', { topic: private_ })
  const {
    pending_approvals: [{ request_id: request }],
  } = await served.settled(execution)
  const { body: executed } = await served.post('workflows/flow-of-acme/execute', { input: { text: private_ } })
  await served.settled(executed.execution_id)
  const { body: reply } = await served.post('/v1/responses', { model: 'Echo', input: private_ })
  const { body: sent } = await served.post('/a2a', rpc('message/send', messageTo('Echo', private_)))
  const initialized = await served.post('/mcp', rpc('initialize', hello), mcp)
  const names: Readonly<Record<string, string>> = {
    execution_id: execution,
    request_id: request,
    workflow_id: flow.id,
    id: flow.id,
    name: 'Research',
    version: '1',
    model: `workflow/${flow.id}`,
    response_id: reply.id,
    file: 'main.js',
  }
  const { body: document } = await served.get('/openapi.json')
  const paths = Object.entries(document.paths as Record<string, Record<string, { 'x-scope'?: Scope }>>)
  const routes = paths.flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, { 'x-scope': scope = 'public' as const }]) => {
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? `?${name}`))
      return { method: method.toUpperCase(), path, template, scope }
    }),
  )
  // A route with a name that is not known here would be tried with one that is nothing.
  expect(routes.filter(({ path }) => path.includes('%3F'))).toEqual([])
  return {
    served,
    routes,
    execution,
    flowExecution: executed.execution_id,
    request,
    response: reply.id,
    task: sent.result.id,
    session: initialized.headers.get('mcp-session-id') ?? '',
  }
}

const mcp: CallOptions = { headers: { accept: 'application/json, text/event-stream' } }
const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'tested', version: '1' } }

function rpc(method: string, params: unknown) {
  return { jsonrpc: '2.0', id: 1, method, params }
}

function messageTo(skill: string, text: string) {
  const parts = [{ kind: 'text', text }]
  const message = {
    kind: 'message',
    messageId: crypto.randomUUID(),
    role: 'user',
    parts,
    metadata: { skill_id: skill },
  }
  return { message, configuration: { blocking: true } }
}

const hasBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH'

describe('every route of REST, OpenAI, MCP, A2A, the monitor and operations', () => {
  it('is in the table, and the public ones are known: all others ask who calls (S2-41)', async () => {
    const { routes } = await world()
    expect(routes.length).toBeGreaterThan(45)
    for (const path of ['/v1/chat/completions', '/v1/responses', '/mcp', '/a2a', '/metrics', `${base}/live`])
      expect(routes.some(route => route.path === path && route.scope !== 'public')).toBe(true)
    const open = routes.filter(({ scope }) => scope === 'public').map(({ template }) => template)
    expect(new Set(open)).toEqual(
      new Set([
        ...['/', '/monitor', '/monitor/', '/monitor/{version}/{file}', '/healthz', '/openapi.json'],
        ...['/.well-known/agent-card.json', '/.well-known/agent.json'],
      ]),
    )
  })

  it('answers 401 without a token and with wrong ones, whatever else is sent, and 405 or 404 to nobody before that', async () => {
    const { served, routes } = await world()
    const wrong: readonly CallOptions[] = [
      { token: '' },
      { token: 'a-wrong-token-of-this-length' },
      { token: tokens.all.slice(0, -1) },
      { token: `${tokens.all}x` },
      { token: tokens.all.toUpperCase() },
      { token: '', headers: { authorization: `Basic ${btoa(`ada:${tokens.all}`)}` } },
      { token: '', headers: { authorization: tokens.all } },
      { token: '', headers: { cookie: `token=${tokens.all}`, 'x-api-key': tokens.all } },
      { token: '', headers: { 'sec-websocket-protocol': 'bearer.a-wrong-token-here' } },
    ]
    for (const { method, path, scope } of routes) {
      if (scope === 'public') continue
      for (const options of wrong) {
        const body = hasBody(method) ? {} : undefined
        const answer = await served.call(method, `${path}?access_token=${tokens.all}`, { ...options, body })
        expect(answer.status, `${method} ${path}`).toBe(401)
        expect(answer.text).not.toContain(tokens.all)
        expect(answer.text).not.toContain(private_)
      }
    }
  })

  it('answers 403 without the scope that it asks for, and does nothing (S2-41)', async () => {
    const { served, routes, execution } = await world()
    for (const { method, path, scope } of routes) {
      if (scope === 'public') continue
      const answer = await served.call(method, path, {
        ...mcp,
        token: lacking(scope),
        ...(hasBody(method) ? { body: {} } : {}),
      })
      expect(answer.status, `${method} ${path}`).toBe(403)
      expect(answer.text).toMatch(new RegExp(`lacks the scope .{0,2}${scope}`))
      expect(answer.text).not.toContain(private_)
    }
    expect((await served.get(`executions/${execution}`)).body.status).toBe('paused')
    expect((await served.get('workflows/flow-of-acme')).body.status).toBe('active')
  })

  it('shows nothing of a tenant to another one, not even that it is there (S2-41)', async () => {
    const { served, routes, execution, flowExecution, request } = await world()
    const eve: CallOptions = { ...mcp, token: tokens.other }
    const bodies: Readonly<Record<string, unknown>> = {
      '/v1/chat/completions': { model: `workflow/${flow.id}`, messages: [{ role: 'user', content: 'hi' }] },
      '/v1/responses': { model: `workflow/${flow.id}`, input: 'hi' },
      '/mcp': rpc('tools/list', {}),
      '/a2a': rpc('tasks/get', { id: execution }),
    }
    for (const { method, path, template, scope } of routes) {
      if (scope === 'public') continue
      const body = hasBody(method)
        ? (bodies[template] ?? (path.endsWith(request) ? { approved: true } : {}))
        : undefined
      const { status, text } = await served.call(method, path, { ...eve, body })
      expect(text, `${method} ${path}`).not.toContain(private_)
      // What is named belongs to somebody else; names of orchestrations in code are for everybody.
      if (/\{(?!name|version\}\/\{file)/.test(template)) expect(status, `${method} ${path}`).toBe(404)
      if (!path.includes(execution) && path !== '/a2a') expect(text).not.toContain(execution)
      expect(text).not.toContain(flowExecution)
    }
    for (const [id, of] of [
      [execution, 'paused'],
      [flowExecution, 'paused'],
    ] as const)
      expect((await served.get(`executions/${id}`)).body.status).toBe(of)
    const { body: approvals } = await served.get('approvals')
    expect(approvals.approvals.map((each: { request_id: string }) => each.request_id)).toContain(request)
  })
})

describe('what has no route of its own', () => {
  it('is of one tenant too: what is named in the bodies of OpenAI, MCP and A2A', async () => {
    const { served, execution, request, response, task, session } = await world()
    const eve: CallOptions = { ...mcp, token: tokens.other }
    const none = (answer: Answer) => {
      expect(answer.text).not.toContain(private_)
      return answer
    }
    const after = { model: 'Echo', input: 'and?', previous_response_id: response }
    expect(none(await served.post('/v1/responses', after, eve)).body.error.param).toBe('previous_response_id')
    const inSession = { ...eve, headers: { ...mcp.headers, 'mcp-session-id': session } }
    expect(none(await served.post('/mcp', rpc('tools/list', {}), inSession)).status).toBe(404)
    expect(none(await served.call('DELETE', '/mcp', inSession)).status).toBe(404)
    const own = (await served.post('/mcp', rpc('initialize', hello), eve)).headers.get('mcp-session-id') ?? ''
    for (const [name, args] of [
      ['workflow_status', { execution_id: execution }],
      ['workflow_execute', { workflow_id: flow.id }],
      ['approval_answer', { execution_id: execution, request_id: request, approved: true }],
      ['approval_list', {}],
    ] as const) {
      const options = { ...eve, headers: { ...mcp.headers, 'mcp-session-id': own } }
      const { text } = none(await served.post('/mcp', rpc('tools/call', { name, arguments: args }), options))
      expect(text).toMatch(name === 'approval_list' ? /"approvals":\[\]/ : /"isError":true/)
    }
    for (const id of [execution, task]) {
      for (const method of ['tasks/get', 'tasks/cancel', 'tasks/resubscribe', 'GetTask', 'CancelTask']) {
        const { body, status } = none(await served.post('/a2a', rpc(method, { id }), eve))
        expect([method, status, body.error.code]).toEqual([method, 200, -32001])
      }
    }
    const taken = rpc('message/send', { message: { ...messageTo('Echo', 'x').message, taskId: execution } })
    expect(none(await served.post('/a2a', taken, eve)).body.error.code).toBe(-32001)
    const list = none(await served.post('/a2a', rpc('ListTasks', {}), eve))
    expect(list.text).not.toContain(task)
    for (const card of ['agent-card', 'agent'])
      none(await served.get(`/.well-known/${card}.json`, { token: tokens.other }))
    const {
      body: { choices },
    } = await served.post('/v1/chat/completions', {
      model: 'Research',
      messages: [{ role: 'user', content: '{"topic":"mine"}' }],
    })
    // The question is sealed for the tenant that it was asked: what it names is not to be answered by another one.
    const messages = [
      { role: 'user', content: '{"topic":"mine"}' },
      choices[0].message,
      { role: 'user', content: 'approve' },
    ]
    const { body: decided } = await served.post('/v1/chat/completions', { model: 'Research', messages }, eve)
    expect(JSON.stringify(decided)).not.toContain('published')
    expect((await served.get(`executions/${execution}`)).body.status).toBe('paused')
  })

  it('is asked for its scopes where a route has more than one meaning', async () => {
    const { served, execution, request, session } = await world()
    const without = (scope: Scope): CallOptions => ({ ...mcp, token: lacking(scope) })
    const resumed = await served.post(`executions/${execution}/resume`, { approved: true }, without('approve'))
    expect(resumed.status).toBe(403)
    const asked = rpc('message/send', messageTo('Echo', 'x'))
    expect((await served.post('/a2a', asked, without('run'))).status).toBe(403)
    const own =
      (await served.post('/mcp', rpc('initialize', hello), without('run'))).headers.get('mcp-session-id') ?? ''
    const tool = rpc('tools/call', { name: 'Echo', arguments: { input: 1 } })
    const { text } = await served.post('/mcp', tool, {
      ...without('run'),
      headers: { ...mcp.headers, 'mcp-session-id': own },
    })
    expect(text).toMatch(/"isError":true/)
    expect(text).toContain('lacks the scope')
    const stolen = { ...without('run'), headers: { ...mcp.headers, 'mcp-session-id': session } }
    expect((await served.post('/mcp', tool, stolen)).status).toBe(404)
    expect(
      (await served.post(`executions/${execution}/requests/${request}`, { approved: true }, without('approve'))).status,
    ).toBe(403)
    expect((await served.get(`executions/${execution}`)).body.status).toBe('paused')
  })
})

describe('the upgrade to a WebSocket', () => {
  it('asks who calls and what they may, and then tells one tenant nothing of another', async () => {
    const { served, execution, request } = await world()
    const server = await listen(served.handler, { port: 0 })
    cleanups.push(() => server.close(0))
    const url = `${server.url.replace('http', 'ws')}${base}/live`
    const refused = (headers: Record<string, string>, protocols: string[] = []) =>
      new Promise<number | undefined>((resolve, reject) => {
        const socket = new WebSocket(url, protocols, { headers })
        socket.on('error', () => undefined)
        socket.on('open', () => reject(new Error('it was let in')))
        socket.on('unexpected-response', (_request, response) => {
          response.resume()
          resolve(response.statusCode)
        })
      })
    expect(await refused({})).toBe(401)
    expect(await refused({ authorization: 'Bearer a-wrong-token-of-this-length' })).toBe(401)
    expect(await refused({}, ['advancer.live', `bearer.${tokens.all}x`])).toBe(401)
    expect(await refused({ authorization: `Bearer ${lacking('read')}` })).toBe(403)
    expect(await refused({ authorization: `Bearer ${tokens.all}`, origin: 'https://attacker.example' })).toBe(403)
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${tokens.other}` } })
    await once(socket, 'open')
    const heard: string[] = []
    socket.on('message', data => heard.push((data as Buffer).toString()))
    const answers = async (message: object) => {
      socket.send(JSON.stringify({ ...message, id: 'last' }))
      while (!heard.at(-1)?.includes('"reply_to":"last"')) await once(socket, 'message')
      return JSON.parse(heard.pop() as string)
    }
    expect(await answers({ type: 'subscribe', execution_id: execution, from: 0 })).toMatchObject({
      data: { status: 404 },
    })
    const decision = { execution_id: execution, request_id: request, approved: true }
    expect(await answers({ type: 'approve', ...decision })).toMatchObject({ data: { status: 404 } })
    expect(await answers({ type: 'subscribe' })).toMatchObject({ type: 'subscribed' })
    const another = await served.execute('Research', { topic: private_ })
    await served.settled(another)
    expect(await answers({ type: 'ping' })).toMatchObject({ type: 'pong' })
    expect(heard.join('')).not.toContain(private_)
    expect(heard.join('')).not.toContain(another)
    socket.terminate()
  })
})
