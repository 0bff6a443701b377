import { once } from 'node:events'
import { AgentCard, formatSSEEvent, type Message, Role, SSE_HEADERS, type Task, TaskState } from '@a2a-js/sdk'
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from '@a2a-js/sdk/server'
import { firstValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { loadA2aPackage } from '../../src/agents/a2a/a2a-package.js'
import { type A2aAgentOptions, type A2aUpdate, Agent, AgentRunner, a2aAgent, textOf } from '../../src/agents/index.js'
import { Orchestration, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import type { OrchestrationError } from '../../src/errors/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { serve, type WebServer } from './web-server.js'

const part = (value: string) => ({
  content: { $case: 'text' as const, value },
  metadata: undefined,
  filename: '',
  mediaType: 'text/plain',
})

const said = (text: string, more: Partial<Message> = {}): Message => ({
  messageId: crypto.randomUUID(),
  contextId: '',
  taskId: '',
  role: Role.ROLE_AGENT,
  parts: [part(text)],
  metadata: undefined,
  extensions: [],
  referenceTaskIds: [],
  ...more,
})

const textIn = (message: Message): string =>
  message.parts.flatMap(each => (each.content?.$case === 'text' ? each.content.value : [])).join()

/** Translates by capital letters; what it is asked decides how it goes on. */
class Translator implements AgentExecutor {
  readonly seen: Message[] = []
  readonly events = new EventTarget()

  async execute({ taskId, contextId, userMessage, task }: RequestContext, bus: ExecutionEventBus): Promise<void> {
    this.seen.push(userMessage)
    const text = textIn(userMessage)
    if (text === 'quick') {
      bus.publish(AgentEvent.message(said('at once', { contextId })))
      bus.finished()
      return
    }
    const status = (state: TaskState, message?: string) =>
      bus.publish(
        AgentEvent.statusUpdate({
          taskId,
          contextId,
          status: { state, message: message === undefined ? undefined : said(message), timestamp: undefined },
          metadata: undefined,
        }),
      )
    const artifact = (value: string, append: boolean) =>
      bus.publish(
        AgentEvent.artifactUpdate({
          taskId,
          contextId,
          artifact: {
            artifactId: 'translation',
            name: '',
            description: '',
            parts: [part(value)],
            metadata: undefined,
            extensions: [],
          },
          append,
          lastChunk: append,
          metadata: undefined,
        }),
      )
    const submitted = { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp: undefined }
    const fresh: Task = { id: taskId, contextId, status: submitted, artifacts: [], history: [], metadata: undefined }
    bus.publish(AgentEvent.task(task ?? fresh))
    status(TaskState.TASK_STATE_WORKING, 'reading')
    if (text === 'hang') {
      this.events.dispatchEvent(new Event('hanging'))
      await once(this.events, 'canceled')
      status(TaskState.TASK_STATE_CANCELED)
    } else if (text === 'fail') status(TaskState.TASK_STATE_FAILED, 'out of ink, token tok-0123456789')
    else if (text === 'refuse') status(TaskState.TASK_STATE_REJECTED, 'I do not do that')
    else if (text === 'ask') status(TaskState.TASK_STATE_INPUT_REQUIRED, 'Into which language?')
    else {
      artifact(text.slice(0, 4).toUpperCase(), false)
      artifact(text.slice(4).toUpperCase(), true)
      status(TaskState.TASK_STATE_COMPLETED)
    }
    bus.finished()
  }

  async cancelTask(): Promise<void> {
    this.events.dispatchEvent(new Event('canceled'))
  }
}

const servers: WebServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

/** An agent of the official SDK on loopback. */
async function translator(more: { streaming?: boolean; key?: string; interfaceUrl?: string } = {}) {
  const { streaming = true, key, interfaceUrl } = more
  const executor = new Translator()
  // Their address is not known before there is a server.
  const made: { card?: AgentCard; handler?: JsonRpcTransportHandler } = {}
  const server = await serve(async request => {
    if (key !== undefined && request.headers.get('x-api-key') !== key) {
      return new Response(`no ${request.headers.get('x-api-key')}`, { status: 401 })
    }
    if (request.method === 'GET') return Response.json(AgentCard.toJSON(made.card as AgentCard))
    const answer = await (made.handler as JsonRpcTransportHandler).handle(
      (await request.json()) as Record<string, unknown>,
      new ServerCallContext({ requestedVersion: request.headers.get('a2a-version') ?? '1.0' }),
    )
    if (!(Symbol.asyncIterator in answer)) return Response.json(answer)
    const events = new ReadableStream({
      async pull(controller) {
        const { value, done } = await answer.next()
        if (done === true) controller.close()
        else controller.enqueue(new TextEncoder().encode(formatSSEEvent(value)))
      },
    })
    return new Response(events, { headers: { ...SSE_HEADERS } })
  })
  servers.push(server)
  const card = AgentCard.fromJSON({
    name: 'Trans Lator',
    description: 'Translates texts',
    version: '1.0.0',
    supportedInterfaces: [{ url: interfaceUrl ?? server.url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'up', name: 'Upwards', description: 'Into capital letters', tags: [] }],
  })
  made.card = card
  made.handler = new JsonRpcTransportHandler(new DefaultRequestHandler(card, new InMemoryTaskStore(), executor))
  return { executor, server, card }
}

async function failureOf(call: Promise<unknown>): Promise<OrchestrationError> {
  return call.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as OrchestrationError,
  )
}

describe.each([true, false])('an agent behind a network, streaming: %s', streaming => {
  it('S2-06 does a task, and its pieces come together', async () => {
    const { server } = await translator({ streaming })
    const remote = a2aAgent({ url: server.url, pollMs: 5 })
    const updates: A2aUpdate[] = []
    const reply = await remote.send('good morning', { onUpdate: update => updates.push(update) })
    expect(reply).toMatchObject({ state: 'completed', text: 'GOOD MORNING', taskId: expect.any(String) })
    if (streaming)
      expect(updates.map(({ state, text }) => `${state} ${text}`)).toEqual(['working reading', 'completed '])
    expect((await remote.send('quick')).text).toBe('at once')
  })

  it('S2-06 is a tool of another agent, which can go on with a task that asked for more', async () => {
    const { server, executor } = await translator({ streaming })
    const tool = await a2aAgent({ url: server.url, pollMs: 5 }).tool()
    expect(tool).toMatchObject({
      name: 'Trans_Lator',
      description: 'Translates texts\n- Upwards: Into capital letters',
      strict: true,
    })
    const client = new ScriptedModel([
      { toolCalls: [{ name: 'Trans_Lator', arguments: { message: 'ask', taskId: null } }] },
      ({ messages }) => {
        const taskId = /taskId "([^"]+)"/.exec(textOf(messages.at(-1)))?.[1]
        return { toolCalls: [{ name: 'Trans_Lator', arguments: { message: 'into french', taskId } }] }
      },
      'done',
    ])
    await AgentRunner.run(new Agent({ client, model: 'scripted', tools: [tool] }), 'go')
    const results = client.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === 'tool' ? content : []))
    expect(results?.[0]).toMatch(/^The agent is not done; it needs more from you\. .*\nInto which language\?$/)
    expect(results?.[1]).toBe('INTO FRENCH')
    expect(executor.seen[1]?.taskId).toMatch(/./)
  })

  it('that fails or refuses is an error with what it said', async () => {
    const { server } = await translator({ streaming, key: 'tok-0123456789' })
    const remote = a2aAgent({ name: 'T', url: server.url, pollMs: 5, headers: { 'x-api-key': 'tok-0123456789' } })
    const failure = await failureOf(remote.send('fail'))
    expect(failure).toMatchObject({ code: 'TOOL_SERVER_FAILED', retryable: false, details: { state: 'failed' } })
    expect(failure.message).toMatch(/^Agent "T" did not do .* has failed: out of ink, token \[redacted\]/)
    expect((await failureOf(remote.send('refuse'))).message).toContain('was rejected: I do not do that')
  })

  it('hears of it when nobody waits any more, or it takes too long', async () => {
    const { server, executor } = await translator({ streaming })
    const controller = new AbortController()
    const reason = new Error('enough')
    const isCanceled = once(executor.events, 'canceled')
    const isHanging = once(executor.events, 'hanging')
    const updated = new EventTarget()
    const isUpdated = once(updated, 'update')
    const call = failureOf(
      a2aAgent({ url: server.url, pollMs: 5 }).send('hang', {
        signal: controller.signal,
        onUpdate: () => updated.dispatchEvent(new Event('update')),
      }),
    )
    await isHanging
    await isUpdated
    controller.abort(reason)
    expect(await call).toBe(reason)
    await isCanceled
    const slow = a2aAgent({ name: 'Slow', url: server.url, pollMs: 5, timeoutMs: 200 })
    expect(await failureOf(slow.send('hang'))).toMatchObject({ code: 'TOOL_TIMED_OUT', details: { timeoutMs: 200 } })
  })
})

describe('an agent behind a network', () => {
  it('S2-06 works for a state; what it tells on the way is in the stream of the run', async () => {
    const { server } = await translator()
    const remote = a2aAgent({ name: 'T', url: server.url })
    class Translating extends OrchestrationRunnable<string, string> {
      override async invoke(input: string, context: RunContext): Promise<string> {
        return (await remote.send(input, { context })).text
      }
    }
    const machine = new (class Machine extends Orchestration<string, string> {
      override initialRunnable = new Translating()
    })()
    const run = machine.start('hello')
    const [events, result] = await Promise.all([firstValueFrom(run.events$.pipe(toArray())), run.result])
    expect(result).toBe('HELLO')
    expect(events.flatMap(event => (event.type === 'custom' ? [event] : []))).toMatchObject([
      { name: 'a2a.status', stateName: 'Translating', data: { agent: 'T', state: 'working', text: 'reading' } },
      { name: 'a2a.status', data: { state: 'completed' } },
    ])
  })

  it('is reached by its card, too', async () => {
    const { card } = await translator()
    expect((await a2aAgent({ card: AgentCard.toJSON(card) as object }).send('hello')).text).toBe('HELLO')
  })

  it('is called at no host that its card makes up', async () => {
    const elsewhere = await translator()
    const { server } = await translator({ interfaceUrl: elsewhere.server.url })
    const headers = { authorization: 'Bearer tok-0123456789' }
    const failure = await failureOf(a2aAgent({ name: 'T', url: server.url, headers }).send('hello'))
    expect(failure).toMatchObject({ code: 'TOOL_SERVER_FAILED', retryable: false })
    expect(failure.message).toMatch(/is to be called at 127\.0\.0\.1:\d+, which is not allowed\. Add the host/)
    expect(elsewhere.executor.seen).toEqual([])
    const allowedHosts = [server, elsewhere.server].map(({ url }) => new URL(url).host)
    expect((await a2aAgent({ url: server.url, allowedHosts }).send('hello')).text).toBe('HELLO')
  })

  it('that is not there, refuses the key, redirects, or is none, is an error that says so', async () => {
    const { server } = await translator({ key: 'right' })
    const refused = await failureOf(a2aAgent({ url: server.url, headers: { 'x-api-key': 'wrong-one' } }).tool())
    expect(refused).toMatchObject({ code: 'TOOL_SERVER_FAILED', retryable: false, details: { status: 401 } })
    expect(`${refused.message}${JSON.stringify(refused)}`).not.toContain('wrong-one')
    const gone = await serve(() => new Response())
    await gone.close()
    expect(await failureOf(a2aAgent({ url: gone.url }).send('x'))).toMatchObject({
      retryable: true,
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
    })
    const answers: [Response, boolean][] = [
      [new Response('<html>'), false],
      [Response.json({}), false],
      [new Response('down', { status: 503 }), true],
      [Response.redirect(server.url, 302), true],
    ]
    for (const [answer, retryable] of answers) {
      const odd = await serve(() => answer.clone())
      servers.push(odd)
      const failure = await failureOf(a2aAgent({ name: 'odd', url: odd.url }).send('x'))
      expect(failure).toMatchObject({ code: 'TOOL_SERVER_FAILED', retryable, details: { server: 'odd' } })
    }
  })

  it.each<[string, unknown]>([
    ['neither address nor card', {}],
    ['both', { url: 'http://localhost', card: { name: 'x' } }],
    ['no HTTP address', { url: 'file:///etc/passwd' }],
    ['a card without a name', { card: {} }],
    ['a host with a path', { url: 'http://localhost', allowedHosts: ['a/b'] }],
    ['a time that is none', { url: 'http://localhost', timeoutMs: -1 }],
  ])('has options that are refused: %s', (_what, options) => {
    expect(() => a2aAgent(options as A2aAgentOptions)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  it('names what to install when the package is not there', async () => {
    const failure = await failureOf(loadA2aPackage(() => Promise.reject(new Error('Cannot find package'))))
    expect(failure).toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm install @a2a-js/sdk'),
    })
  })
})
