import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'
import { base, echo, listening, research, type Served, serve, tokens } from './served.js'

/** How many requests are sent. */
const requests = propertyRuns(5000)

/** What a path may have where it needs a name. */
const names: string[] = ['Echo', 'Research', 'Listening', 'flow', 'nothing', '__proto__', 'constructor', '0', '-1']
const odd = [
  '',
  '.',
  '..',
  '%2e%2e%2f',
  '%00',
  '%E0%A4%A',
  '%0d%0aset-cookie:a=b',
  '\u{1f41d}',
  'x'.repeat(3000),
  '*',
  ':id',
]

let served: Served
let routes: readonly (readonly [method: string, path: string])[]
const warnings: unknown[] = []

beforeAll(async () => {
  served = await serve({
    orchestrations: [research(), echo(), listening()],
    workflows: { agents: { echo: () => ({ said: true, _cost: 0.01 }) } },
    monitor: false,
    limits: { maxBodyBytes: 20_000, maxRuns: 100_000, maxStreams: 100_000 },
    logger: { warn: (...warning: unknown[]) => void warnings.push(warning) },
  })
  const flow = { id: 'flow', name: 'Flow', nodes: [{ id: 'a', type: 'agent_call', config: { agent_id: 'echo' } }] }
  await served.post('workflows', flow)
  const id = await served.execute('Research', { topic: 'bees' })
  const { pending_approvals: approvals } = await served.settled(id)
  const done = await served.execute('Echo', { a: 1 })
  await served.settled(done)
  const reply = await served.post('/v1/responses', { model: 'Echo', input: 'hello' })
  names.push(id, done, approvals[0].request_id, reply.body.id)
  const { body } = await served.get('/openapi.json')
  routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => [method.toUpperCase(), path] as const),
  )
})

const key = fc.constantFrom(
  ...['input', 'input_data', 'run_id', 'max_budget', 'approved', 'reason', 'data', 'payload', 'node_id', 'at', 'edits'],
  ...['inputs', 'outputs', 'properties', 'resume', 'name', 'id', 'nodes', 'edges', 'type', 'config', 'graph_json'],
  ...['model', 'messages', 'role', 'content', 'stream', 'metadata', 'previous_response_id', 'tools', 'n', 'store'],
  ...['jsonrpc', 'method', 'params', 'arguments', 'message', 'parts', 'kind', 'text', 'taskId', 'messageId', 'uri'],
  ...['topic', 'status', 'version', '__proto__', 'constructor', 'toString', 'a.b', ''],
)
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    'Echo',
    'flow',
    'workflow/flow',
    '{{input.a}}',
  ),
  fc.constantFrom(
    'user',
    'approve',
    '2.0',
    'tools/call',
    'initialize',
    'message/send',
    'tasks/get',
    'SendMessage',
    'user',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
)
const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
  ),
}))
const name = fc.oneof(
  { weight: 4, arbitrary: fc.nat().map(at => names[at % names.length] as string) },
  fc.constantFrom(...odd),
)
const id = fc.oneof(name, scalar)
/** Bodies that are nearly what some route takes, so that more than their form is looked at. */
const nearly = fc.oneof(
  fc.record({ input: tree, run_id: fc.option(name, { nil: undefined }) }),
  fc.record({
    model: name,
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system', 'tool'), content: tree }), {
      maxLength: 3,
    }),
    stream: fc.boolean(),
  }),
  fc.record({
    model: name,
    input: tree,
    previous_response_id: fc.option(name, { nil: undefined }),
    stream: fc.boolean(),
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    method: fc.constantFrom('initialize', 'tools/list', 'tools/call', 'resources/read', 'ping', 'nothing'),
    params: tree,
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    method: fc.constant('tools/call'),
    params: fc.record({
      name: fc.constantFrom(
        'Echo',
        'Research',
        'workflow_execute',
        'workflow_status',
        'approval_list',
        'approval_answer',
      ),
      arguments: tree,
    }),
  }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    method: fc.constantFrom(
      'message/send',
      'message/stream',
      'tasks/get',
      'tasks/cancel',
      'tasks/resubscribe',
      'SendMessage',
      'GetTask',
      'ListTasks',
    ),
    params: fc.oneof(
      tree,
      fc.record({
        id,
        message: fc.record({
          messageId: id,
          role: fc.constant('user'),
          parts: fc.array(fc.record({ kind: fc.constantFrom('text', 'data', 'file', 'x'), text: scalar, data: tree }), {
            maxLength: 2,
          }),
        }),
      }),
    ),
  }),
  fc.record({ name: scalar, nodes: tree, edges: tree }),
  fc.record({ approved: scalar, reason: scalar, data: tree }),
)
const body = fc.oneof(
  fc.constant(undefined),
  tree.map(value => JSON.stringify(value)),
  nearly.map(value => JSON.stringify(value)),
  nearly.map(value => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.uint8Array({ maxLength: 50 }),
  fc.constantFrom('{', '['.repeat(2000), `"${'x'.repeat(30_000)}"`, '{"__proto__":{"a":1}}', 'null', ''),
)
const parameter = fc.constantFrom(
  'limit',
  'cursor',
  'from',
  'status',
  'at',
  'with',
  'format',
  'offset',
  'orchestration',
  'open_request',
  '__proto__',
  'x',
)
const query = fc.array(
  fc.tuple(
    parameter,
    fc.oneof(
      name,
      fc.constantFrom('0', '1', '-1', '1e9', '9007199254740993', 'svg', 'running,paused', 'true', 'e30=', 'bnVsbA'),
      fc.string({ maxLength: 10 }),
    ),
  ),
  { maxLength: 3 },
)
const header = fc.oneof(
  fc.tuple(
    fc.constant('content-type'),
    fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/JSON; charset=utf-8',
      'multipart/form-data',
      '',
    ),
  ),
  fc.tuple(
    fc.constant('accept'),
    fc.constantFrom(
      'application/json',
      'text/event-stream',
      'image/svg+xml',
      '*/*',
      'application/json, text/event-stream',
      'x',
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      'last-event-id',
      'if-match',
      'if-none-match',
      'idempotency-key',
      'mcp-session-id',
      'mcp-protocol-version',
      'a2a-version',
      'content-length',
    ),
    fc.constantFrom(
      '0',
      '-1',
      '*',
      '"1"',
      'W/"1"',
      '99999999999999999999',
      '1.0',
      '0.3',
      '2026-07-28',
      '2025-06-18',
      'a b',
    ),
  ),
  fc.tuple(
    fc.constantFrom('authorization', 'host', 'origin', 'x-forwarded-host', 'upgrade'),
    fc.constantFrom(
      'Bearer',
      'Basic YTpi',
      `Bearer ${tokens.read}`,
      `Bearer ${tokens.other}`,
      'attacker.example',
      'null',
      'websocket',
    ),
  ),
)
const path = fc.oneof(
  { weight: 6, arbitrary: fc.record({ route: fc.nat(), values: fc.array(name, { minLength: 3, maxLength: 3 }) }) },
  fc.array(fc.oneof(name, fc.string({ maxLength: 8 })), { maxLength: 4 }).map(parts => `/${parts.join('/')}`),
)
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE')

interface Sent {
  readonly path: string | { readonly route: number; readonly values: readonly string[] }
  readonly method: string | undefined
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
}

const sent: fc.Arbitrary<Sent> = fc.record({
  path,
  // Mostly one that the route has.
  method: fc.option(method, { nil: undefined, freq: 6 }),
  query,
  headers: fc.array(header, { maxLength: 3 }),
  body,
})

/** What is sent as a request; `undefined` for what no client can send. */
function requestOf({
  path: given,
  method: wanted,
  query: parameters,
  headers: more,
  body: content,
}: Sent): Request | undefined {
  const [own, template] =
    typeof given === 'string' ? ['GET', given] : (routes[given.route % routes.length] as [string, string])
  const values = typeof given === 'string' ? [] : [...given.values]
  const target = template.replaceAll(/\{\w+\}/g, () => values.shift() ?? 'x')
  const search = parameters.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
  const verb = wanted ?? own
  const headers = new Headers({ authorization: `Bearer ${tokens.all}`, 'content-type': 'application/json' })
  // What MCP asks of its clients.
  if (target === '/mcp') headers.set('accept', 'application/json, text/event-stream')
  for (const [key, value] of more) headers.set(key, value)
  try {
    return new Request(`http://localhost:8787${target}${search === '' ? '' : `?${search}`}`, {
      method: verb,
      headers,
      ...(content === undefined || verb === 'GET' || verb === 'HEAD' ? {} : { body: content }),
    })
  } catch {
    return undefined
  }
}

/** Stacks and the places of files. */
const inside = new RegExp(`node_modules|\\bat \\S+ \\(|${process.cwd()}|file:/`)

async function check(request: Request): Promise<void> {
  const { pathname } = new URL(request.url)
  const response = await served.handler.fetch(request)
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    expect(status).toBe(200)
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader()
    await reader?.cancel()
    return
  }
  const text = await response.text()
  expect(status, `${text}`).toBeLessThan(500)
  expect(text).not.toMatch(inside)
  if (pathname === '/mcp' || pathname === '/a2a') expect(text).not.toContain('-32603')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  if (status < 400 || request.method === 'HEAD') return
  const told = JSON.parse(text)
  if (pathname === '/v1' || pathname.startsWith('/v1/')) {
    expect(type).toBe('application/json')
    expect(told.error).toMatchObject({ message: expect.any(String), type: expect.any(String) })
    return
  }
  if (told.jsonrpc === '2.0') {
    expect(['/mcp', '/a2a']).toContain(pathname)
    expect(told.error).toMatchObject({ code: expect.any(Number), message: expect.any(String) })
    return
  }
  expect(type).toBe('application/problem+json')
  expect(told).toMatchObject({
    status,
    title: expect.stringMatching(/^(?!Error)/),
    detail: expect.any(String),
    request_id: expect.any(String),
  })
}

describe('a request that somebody has made up', () => {
  it('is answered, never by a fault of the server, and told in the form of its protocol what is wrong (S2-41)', {
    timeout: propertyTimeout(5000),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(sent, async given => {
        const request = requestOf(given)
        if (request !== undefined) await check(request)
      }),
      { numRuns: requests },
    )
    expect(warnings).toEqual([])
    expect((await served.get('workflows/flow')).status).toBe(200)
    expect(served.handler.server.streams.open).toBe(0)
    expect((await served.get(`${base}/executions`)).status).toBe(200)
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })
})
