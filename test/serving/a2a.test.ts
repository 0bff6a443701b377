import { setImmediate as turn } from 'node:timers/promises'
import { type Message, Role, type SendMessageRequest, type StreamResponse, type Task, TaskState } from '@a2a-js/sdk'
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  type RequestOptions,
} from '@a2a-js/sdk/client'
import { afterEach, describe, expect, it } from 'vitest'
import { a2aAgent } from '../../src/agents/index.js'
import { type Listening, listen, type ServingOptions } from '../../src/serving/index.js'
import { echo, gated, listening, research, type Served, serve, tokens } from './served.js'
import { WatchedStore } from './watched-store.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const each of cleanups.splice(0).reverse()) await each()
})

interface Running extends Listening {
  readonly served: Served
  client(token?: string): Promise<Client>
}

function fetchWith(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  }
}

/** A server on loopback, and official clients of it. */
async function running(options: Partial<ServingOptions> = {}): Promise<Running> {
  const served = await serve(options)
  const listening = await listen(served.handler, { port: 0 })
  cleanups.push(() => listening.close(0))
  return {
    ...listening,
    served,
    client(token = tokens.all) {
      const fetchImpl = fetchWith(token)
      const factory = new ClientFactory({
        transports: [new JsonRpcTransportFactory({ fetchImpl })],
        cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
      })
      return factory.createFromUrl(listening.url)
    },
  }
}

type Content = string | { readonly data: unknown }

interface Sent {
  readonly taskId?: string
  readonly contextId?: string
  readonly messageId?: string
  readonly skill?: string
  readonly returnImmediately?: boolean
  readonly requestId?: string
}

function message(content: Content, sent: Sent = {}): SendMessageRequest {
  const {
    taskId = '',
    contextId = '',
    messageId = crypto.randomUUID(),
    skill,
    requestId,
    returnImmediately = false,
  } = sent
  const value =
    typeof content === 'string'
      ? { $case: 'text' as const, value: content }
      : { $case: 'data' as const, value: content.data }
  const metadata = {
    ...(skill === undefined ? {} : { skill_id: skill }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
  }
  return {
    tenant: '',
    message: {
      messageId,
      taskId,
      contextId,
      role: Role.ROLE_USER,
      parts: [{ content: value, metadata: undefined, filename: '', mediaType: '' }],
      metadata,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately },
    metadata: undefined,
  }
}

async function send(client: Client, content: Content, sent: Sent = {}, options?: RequestOptions): Promise<Task> {
  return (await client.sendMessage(message(content, sent), options)) as Task
}

async function streamed(events: AsyncIterable<StreamResponse>): Promise<StreamResponse[]> {
  const all: StreamResponse[] = []
  for await (const event of events) all.push(event)
  return all
}

const get = (client: Client, id: string) => client.getTask({ tenant: '', id })
const cancel = (client: Client, id: string) => client.cancelTask({ tenant: '', id, metadata: undefined })
const outputOf = ({ artifacts }: Task) => artifacts[0]?.parts[0]?.content?.value
const stateOf = ({ status }: Pick<Task, 'status'>) => status?.state

function textOf(said: Message | undefined): string {
  return (said?.parts ?? []).flatMap(({ content }) => (content?.$case === 'text' ? content.value : [])).join('\n')
}

/** What a stream told, in short. */
function told(events: readonly StreamResponse[]): string[] {
  return events.map(({ payload }) => {
    if (payload?.$case === 'task') return `task ${TaskState[payload.value.status?.state ?? 0]}`
    if (payload?.$case === 'artifactUpdate')
      return `artifact ${String(payload.value.artifact?.parts[0]?.content?.value)}`
    if (payload?.$case !== 'statusUpdate') return 'nothing'
    const { state = 0, message: said } = payload.value.status ?? {}
    return `${TaskState[state]} ${textOf(said)}`.trim().replace(/^TASK_STATE_/, '')
  })
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn()
}

const rpc = (
  served: Served,
  method: string,
  params: unknown,
  options: { token?: string; headers?: Record<string, string> } = {},
) => served.post('/a2a', { jsonrpc: '2.0', id: 7, method, params }, options)

describe('the card', () => {
  it('has a skill for each orchestration, says how to say who one is, and is for everybody', async () => {
    const { served, url } = await running()
    const { status, body } = await served.get('/.well-known/agent-card.json', {
      token: '',
      headers: { 'a2a-version': '1.0' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      name: 'advancer',
      capabilities: { streaming: true, extendedAgentCard: true },
      securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: 'bearer' } } },
      securityRequirements: [{ schemes: { bearer: {} } }],
    })
    expect(body.skills.map((each: { id: string }) => each.id)).toEqual([
      'Research',
      'Echo',
      'Counting',
      'Listening',
      'Failing',
    ])
    const card = (await (
      await fetch(`${url}/.well-known/agent-card.json`, { headers: { 'a2a-version': '1.0' } })
    ).json()) as any // any: a card as JSON
    expect(card.supportedInterfaces).toEqual([
      { url: `${url}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${url}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    ])
  })

  it('is in the form of 0.3 for clients of that, at the old place too', async () => {
    const { served } = await running()
    for (const path of ['/.well-known/agent-card.json', '/.well-known/agent.json']) {
      const { body } = await served.get(path, { token: '' })
      expect(body).toMatchObject({
        protocolVersion: '0.3',
        preferredTransport: 'JSONRPC',
        url: 'http://localhost:8787/a2a',
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
        supportsAuthenticatedExtendedCard: true,
      })
    }
  })

  it('has the workflows of a tenant for that tenant only', async () => {
    const { served, client } = await running({ workflows: true })
    await served.post('workflows', {
      id: 'greet',
      name: 'Greet',
      nodes: [{ id: 'ask', type: 'human_approval', config: { message: 'Hm?' } }],
    })
    const skills = async (token: string) => {
      const { body } = await served.get('/.well-known/agent-card.json', { token, headers: { 'a2a-version': '1.0' } })
      return body.skills.map((each: { id: string }) => each.id) as string[]
    }
    expect(await skills(tokens.all)).toContain('greet')
    expect(await skills(tokens.other)).not.toContain('greet')
    expect(await skills('')).not.toContain('greet')
    const { body } = await rpc(served, 'GetExtendedAgentCard', {}, { headers: { 'a2a-version': '1.0' } })
    expect(body.result.skills.map((each: { id: string }) => each.id)).toContain('greet')
    const task = await send(await client(), { data: { name: 'Ann' } }, { skill: 'greet' })
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(stateOf(await send(await client(), 'yes', { taskId: task.id }))).toBe(TaskState.TASK_STATE_COMPLETED)
  })

  it('is only for this machine where nobody has to say who they are', async () => {
    const { handler } = await serve({ auth: undefined as never })
    const ask = (url: string) =>
      handler.fetch(new Request(`${url}/.well-known/agent-card.json`, { headers: { 'a2a-version': '1.0' } }))
    const card = (await (await ask('http://localhost:8787')).json()) as object
    expect(card).not.toHaveProperty('securitySchemes')
    expect((await ask('http://evil.example')).status).toBe(403)
  })

  it('says what it is set to say', async () => {
    const { served } = await running({
      a2a: { name: 'Librarian', description: 'Knows books.', version: '3', url: 'https://agents.example/' },
    })
    const { body } = await served.get('/.well-known/agent-card.json', { headers: { 'a2a-version': '1.0' } })
    expect(body).toMatchObject({ name: 'Librarian', description: 'Knows books.', version: '3' })
    expect(body.supportedInterfaces[0].url).toBe('https://agents.example/a2a')
    await expect(serve({ a2a: { url: 'agents.example' } })).rejects.toThrow('a2a.url')
  })
})

describe('a task', () => {
  it('is done while the client waits, and its output is an artifact', async () => {
    const { client } = await running()
    const task = await send(await client(), { data: { a: [1] } }, { skill: 'Echo' })
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_COMPLETED)
    expect(outputOf(task)).toEqual({ a: [1] })
    expect(await get(await client(), task.id)).toMatchObject({ id: task.id, contextId: task.contextId })
  })

  it('is a run of the same id, in the context that the client has given', async () => {
    const { client, served } = await running()
    const task = await send(await client(), 'hello', { skill: 'Echo', contextId: 'talk-1' })
    expect(task.contextId).toBe('talk-1')
    expect(outputOf(task)).toBe('hello')
    expect((await served.get(`executions/${task.id}`)).body).toMatchObject({ orchestration: 'Echo', output: 'hello' })
  })

  it('is told from its beginning to its end', async () => {
    const { client } = await running()
    const events = await streamed((await client()).sendMessageStream(message('hello', { skill: 'Echo' })))
    expect(told(events)).toEqual([
      'task TASK_STATE_SUBMITTED',
      'WORKING Say: started',
      'WORKING Say: completed',
      'artifact hello',
      'COMPLETED',
    ])
  })

  it('waits for a decision, and goes on with the next message (S2-10)', async () => {
    const { client, served } = await running()
    const a2a = await client()
    const asking = await send(a2a, { data: { topic: 'bees' } }, { skill: 'Research' })
    expect(stateOf(asking)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(textOf(asking.status?.message)).toBe('Publish a text about bees? Answer "approve" or "reject".')
    const confused = await send(a2a, 'maybe', { taskId: asking.id })
    expect(stateOf(confused)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(textOf(confused.status?.message)).toMatch(/^That is no decision/)
    const events = await streamed(a2a.sendMessageStream(message('Approved: well written', { taskId: asking.id })))
    expect(told(events)).toEqual([
      'task TASK_STATE_WORKING',
      'WORKING Review: completed',
      'WORKING Publish: started',
      'WORKING Publish: completed',
      'artifact published: a text about bees',
      'COMPLETED',
    ])
    const { body } = await served.get(`executions/${asking.id}/events`, { headers: { accept: 'application/json' } })
    expect(body.events).toContainEqual(
      expect.objectContaining({ type: 'approval.answered', outcome: 'approved', by: 'Ada', comment: 'well written' }),
    )
  })

  it('takes a decision as data, and a rejection for what it is', async () => {
    const { client } = await running()
    const a2a = await client()
    const asking = await send(a2a, '{"skill_id": "Research", "input": {"topic": "bees"}}')
    await expect(send(a2a, { data: { approved: 'yes' } }, { taskId: asking.id })).rejects.toThrow('A decision is')
    const done = await send(a2a, { data: { approved: false, reason: 'too short' } }, { taskId: asking.id })
    // Nothing is declared for a rejection, so the run fails.
    expect(stateOf(done)).toBe(TaskState.TASK_STATE_FAILED)
  })

  it('waits for a message where a state does', async () => {
    const { client } = await running()
    const a2a = await client()
    const asking = await send(a2a, 'go', { skill: 'Listening' })
    expect(textOf(asking.status?.message)).toBe('"Hear" waits for a message.')
    await expect(send(a2a, { data: { topic: 7 } }, { taskId: asking.id })).rejects.toThrow('topic')
    const done = await send(a2a, '{"topic": "bees"}', { taskId: asking.id })
    expect([stateOf(done), outputOf(done)]).toEqual([TaskState.TASK_STATE_COMPLETED, { topic: 'bees' }])
  })

  it('is begun and left to itself, looked at, subscribed to and canceled', async () => {
    const { orchestration, reached } = gated()
    const { client } = await running({ orchestrations: [orchestration] })
    const a2a = await client()
    const task = await send(a2a, 'go', { returnImmediately: true })
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_SUBMITTED)
    await reached
    expect(stateOf(await get(a2a, task.id))).toBe(TaskState.TASK_STATE_WORKING)
    await expect(send(a2a, 'and now?', { taskId: task.id })).rejects.toThrow('waits for nothing')
    const subscription = a2a.resubscribeTask({ tenant: '', id: task.id })
    const first = await subscription.next()
    expect(told([first.value as StreamResponse])).toEqual(['task TASK_STATE_WORKING'])
    const canceled = await cancel(a2a, task.id)
    expect(stateOf(canceled)).toBe(TaskState.TASK_STATE_CANCELED)
    expect(told(await streamed(subscription)).at(-1)).toBe('CANCELED')
    expect(stateOf(await cancel(a2a, task.id))).toBe(TaskState.TASK_STATE_CANCELED)
  })

  it('fails with what went wrong, and nothing else', async () => {
    const { client } = await running()
    const a2a = await client()
    const task = await send(a2a, 'go', { skill: 'Failing' })
    expect(stateOf(task)).toBe(TaskState.TASK_STATE_FAILED)
    expect(textOf(task.status?.message)).toContain('it broke')
    expect(JSON.stringify(task)).not.toContain('secret')
    await expect(cancel(a2a, task.id)).rejects.toThrow('cannot be canceled')
    await expect(send(a2a, 'again', { taskId: task.id })).rejects.toThrow('nothing more comes of it')
    await expect(streamed(a2a.resubscribeTask({ tenant: '', id: task.id }))).rejects.toThrow('nothing more comes of it')
  })

  it('is begun once by a message that is sent twice', async () => {
    const { client, served } = await running()
    const a2a = await client()
    const once = await send(a2a, 'hello', { skill: 'Echo', messageId: 'm-1' })
    const twice = await send(a2a, 'hello', { skill: 'Echo', messageId: 'm-1' })
    expect(twice.id).toBe(once.id)
    expect((await send(a2a, 'other', { skill: 'Echo', messageId: 'm-1' })).id).not.toBe(once.id)
    expect((await served.get('executions')).body.executions).toHaveLength(2)
  })

  it('is in the list of the tenant', async () => {
    const { client } = await running()
    const [a2a, eve] = [await client(), await client(tokens.other)]
    const done = await send(a2a, 'hello', { skill: 'Echo', contextId: 'talk-1' })
    const asking = await send(a2a, { data: { topic: 'bees' } }, { skill: 'Research' })
    const wanted = {
      tenant: '',
      contextId: '',
      status: TaskState.TASK_STATE_UNSPECIFIED,
      pageToken: '',
      statusTimestampAfter: undefined,
    }
    const ids = async (client: Client, more: object = {}) =>
      (await client.listTasks({ ...wanted, ...more })).tasks.map(({ id }) => id)
    expect(new Set(await ids(a2a))).toEqual(new Set([asking.id, done.id]))
    expect(await ids(a2a, { contextId: 'talk-1' })).toEqual([done.id])
    expect(await ids(a2a, { status: TaskState.TASK_STATE_INPUT_REQUIRED })).toEqual([asking.id])
    expect(await ids(a2a, { status: TaskState.TASK_STATE_COMPLETED })).toEqual([done.id])
    expect(await ids(a2a, { pageSize: 1 })).toHaveLength(1)
    expect(await ids(eve)).toEqual([])
    await expect(ids(a2a, { pageSize: 101 })).rejects.toThrow('pageSize')
  })

  it('is on a store that outlives the server', async () => {
    const store = new WatchedStore()
    const { client, close } = await running({ store })
    const asking = await send(await client(), { data: { topic: 'bees' } }, { skill: 'Research' })
    await close()
    const next = await running({ store: store.reopen() })
    await next.served.handler.recover()
    const a2a = await next.client()
    expect(stateOf(await get(a2a, asking.id))).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    expect(outputOf(await send(a2a, 'yes', { taskId: asking.id }))).toBe('published: a text about bees')
  })
})

describe('a task that waits for several decisions', () => {
  const nodes = ['one', 'two'].map(id => ({ id, type: 'human_approval', config: { message: `Decide ${id}?` } }))

  it('has to be told which one is meant, and goes on when it has them all', async () => {
    const { client, served } = await running({ workflows: true })
    await served.post('workflows', { id: 'both', name: 'Both', nodes })
    const a2a = await client()
    const begun = await send(a2a, { data: {} }, { skill: 'both' })
    await until(async () => (await served.get('approvals')).body.approvals.length === 2)
    const asking = await get(a2a, begun.id)
    expect(textOf(asking.status?.message)).toMatch(/Decide one\?.*request_id.*\n.*Decide two\?/s)
    await expect(send(a2a, 'yes', { taskId: begun.id })).rejects.toThrow('several answers')
    const [first, second] = (await served.get('approvals')).body.approvals.map(
      (each: { request_id: string }) => each.request_id,
    )
    const half = await send(a2a, 'yes', { taskId: begun.id, requestId: second })
    expect(stateOf(half)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    const done = await send(a2a, { data: { approved: true, request_id: first } }, { taskId: begun.id })
    expect(stateOf(done)).toBe(TaskState.TASK_STATE_COMPLETED)
  })
})

describe('a caller', () => {
  it('does what its token allows, with the tasks of its tenant', async () => {
    const { client, served } = await running()
    const [ada, eve, bob, cy] = await Promise.all(
      [tokens.all, tokens.other, tokens.read, tokens.run].map(token => client(token)),
    )
    const asking = await send(ada as Client, { data: { topic: 'bees' } }, { skill: 'Research' })
    await expect(get(eve as Client, asking.id)).rejects.toThrow('no task')
    await expect(cancel(eve as Client, asking.id)).rejects.toThrow('no task')
    await expect(send(eve as Client, 'yes', { taskId: asking.id })).rejects.toThrow('no task')
    expect(stateOf(await get(bob as Client, asking.id))).toBe(TaskState.TASK_STATE_INPUT_REQUIRED)
    for (const token of [tokens.read, tokens.run]) {
      const params = { message: { messageId: 'm', taskId: asking.id, role: 'ROLE_USER', parts: [{ text: 'yes' }] } }
      const { status, body } = await rpc(served, 'SendMessage', params, { token })
      expect([status, body.detail]).toEqual([403, expect.stringContaining('lacks the scope "approve"')])
      const streaming = await rpc(served, 'SendStreamingMessage', params, { token })
      expect(streaming.status).toBe(403)
    }
    await expect(cancel(bob as Client, asking.id)).rejects.toThrow('403')
    expect(stateOf(await cancel(cy as Client, asking.id))).toBe(TaskState.TASK_STATE_CANCELED)
    for (const token of ['', 'a-token-that-nobody-has']) {
      expect((await rpc(served, 'GetTask', { id: asking.id }, { token })).status).toBe(401)
    }
  })

  it('that goes away leaves its task at work, and nothing else behind', async () => {
    const store = new WatchedStore()
    const { orchestration, reached, open } = gated()
    const { client, served } = await running({ store, orchestrations: [orchestration] })
    const a2a = await client()
    const gone = new AbortController()
    const waiting = send(a2a, 'one', {}, { signal: gone.signal })
    waiting.catch(() => undefined)
    const stream = a2a.sendMessageStream(message('two'), { signal: gone.signal })
    await stream.next()
    await reached
    await until(() => served.handler.server.streams.open === 2)
    gone.abort()
    await expect(waiting).rejects.toThrow(/abort/i)
    await until(() => store.watches === 0 && served.handler.server.streams.open === 0)
    expect((await store.list()).runs.map(({ status }) => status)).toEqual(['running', 'running'])
    open()
    await until(async () => (await store.list({ status: ['completed'] })).runs.length === 2)
  })

  it('is told what is wrong, and the way out', async () => {
    const { client, served } = await running()
    const a2a = await client()
    await expect(send(a2a, 'hello')).rejects.toThrow(/Which skill is meant\?.*Research, Echo/)
    await expect(send(a2a, 'hello', { skill: 'Eco' })).rejects.toThrow('Did you mean "Echo"?')
    await expect(send(a2a, { data: { topic: 7 } }, { skill: 'Research' })).rejects.toThrow('topic')
    await expect(send(a2a, 'yes', { taskId: 'none' })).rejects.toThrow('no task "none"')
    await expect(get(a2a, 'none')).rejects.toThrow('no task "none"')
    const asking = await send(a2a, { data: { topic: 'bees' } }, { skill: 'Research' })
    await expect(send(a2a, 'yes', { taskId: asking.id, contextId: 'other' })).rejects.toThrow('does not belong')
    await expect(send(a2a, 'yes', { taskId: asking.id, requestId: 'nope' })).rejects.toThrow(
      'Request "nope" is not open',
    )
    const v1 = { headers: { 'a2a-version': '1.0' } }
    const code = async (method: string, params: unknown, options: object = v1) =>
      (await rpc(served, method, params, options)).body.error?.code
    expect(await code('NoSuchMethod', {})).toBe(-32601)
    expect(await code('GetTask', 7)).toBe(-32602)
    expect(await code('GetTask', { id: 'none' })).toBe(-32001)
    expect(await code('GetTask', { id: '' })).toBe(-32602)
    expect(await code('SendMessage', {})).toBe(-32602)
    expect(await code('SendMessage', { message: { messageId: '', parts: [{ text: 'x' }] } })).toBe(-32602)
    expect(await code('SendMessage', { message: { messageId: 'm', parts: [] } })).toBe(-32602)
    expect(await code('SendMessage', { message: { messageId: 'm', parts: [{}] } })).toBe(-32602)
    for (const part of [{ url: 'http://x' }, { raw: 'aGk=', mediaType: 'image/png' }])
      expect(await code('SendMessage', { message: { messageId: 'm', parts: [{ text: 'x' }, part] } })).toBe(-32005)
    const file = { kind: 'file', file: { uri: 'http://x', mimeType: 'image/png' } }
    const old = { message: { kind: 'message', messageId: 'm', role: 'user', parts: [file] } }
    expect(await code('message/stream', old, {})).toBe(-32005)
    expect(await code('CreateTaskPushNotificationConfig', { taskId: 'x', url: 'http://x' })).toBe(-32003)
    expect(await code('GetTask', { id: 'x' }, { headers: { 'a2a-version': '9.0' } })).toBe(-32009)
    expect((await served.post('/a2a', '{"jsonrpc":')).body).toMatchObject({ id: null, error: { code: -32700 } })
    expect((await served.post('/a2a', '{"__proto__":1}')).body).toMatchObject({ error: { code: -32600 } })
    expect((await served.post('/a2a', '[]')).body.error.code).toBe(-32600)
    expect((await served.post('/a2a', 'x', { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await served.get('/a2a')).status).toBe(405)
  })
})

describe('a client of protocol 0.3', () => {
  it('sends, gets, streams, answers and cancels', async () => {
    const { served } = await running()
    const params = (content: object, more: object = {}) => ({
      message: { kind: 'message', messageId: crypto.randomUUID(), role: 'user', parts: [content], ...more },
      configuration: { blocking: true },
    })
    const skill = { metadata: { skillId: 'Research' } }
    const { body } = await rpc(served, 'message/send', params({ kind: 'data', data: { topic: 'bees' } }, skill))
    expect(body.result).toMatchObject({ kind: 'task', status: { state: 'input-required' } })
    const { id: taskId } = body.result
    const answered = await rpc(served, 'message/send', params({ kind: 'text', text: 'approve' }, { taskId }))
    expect(answered.body.result).toMatchObject({
      status: { state: 'completed' },
      artifacts: [{ parts: [{ kind: 'text', text: 'published: a text about bees' }] }],
    })
    expect((await rpc(served, 'tasks/get', { id: taskId })).body.result.status.state).toBe('completed')
    expect((await rpc(served, 'tasks/cancel', { id: taskId })).body.error.code).toBe(-32002)
    expect((await rpc(served, 'tasks/get', { id: 'none' })).body.error.code).toBe(-32001)
    const { text } = await rpc(
      served,
      'message/stream',
      params({ kind: 'text', text: 'hi' }, { metadata: { skill_id: 'Echo' } }),
    )
    const kinds = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '').result.kind)
    expect(kinds).toEqual(['task', 'status-update', 'status-update', 'artifact-update', 'status-update'])
  })
})

describe('our own client', () => {
  it('works with our own server', async () => {
    const { url } = await running({ orchestrations: [research()] })
    const agent = a2aAgent({ url, headers: { authorization: `Bearer ${tokens.all}` } })
    const asking = await agent.send('bees')
    expect(asking).toMatchObject({
      state: 'input-required',
      text: expect.stringContaining('Publish a text about bees?'),
    })
    const done = await agent.send('approve', { taskId: asking.taskId as string })
    expect(done).toMatchObject({ state: 'completed', text: 'published: a text about bees' })
  })

  it('sends what another skill takes as JSON', async () => {
    const { url } = await running({ orchestrations: [echo(), listening()] })
    const agent = a2aAgent({ url, headers: { authorization: `Bearer ${tokens.all}` } })
    const { text } = await agent.send('{"skill_id": "Echo", "input": [1, 2]}')
    expect(JSON.parse(text)).toEqual([1, 2])
  })
})
