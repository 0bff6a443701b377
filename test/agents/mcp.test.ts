import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LLMock } from '@copilotkit/aimock'
import {
  createMcpHandler,
  fromJsonSchema,
  InMemoryTransport,
  McpServer as OfficialServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  Agent,
  AgentRunnable,
  AgentRunner,
  type AgentTool,
  McpServer,
  type McpServerOptions,
  mcpServer,
} from '../../src/agents/index.js'
import { loadMcpPackage } from '../../src/agents/mcp/mcp-package.js'
import { Orchestration } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import type { OrchestrationError } from '../../src/errors/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { serve, type WebServer } from './web-server.js'

const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js')
const killable = fileURLToPath(new URL('mcp-process.mjs', import.meta.url))

const open: McpServer[] = []

function connect(options: McpServerOptions): McpServer {
  const server = mcpServer(options)
  open.push(server)
  return server
}

const started = (file: string, more: { env?: Record<string, string>; timeoutMs?: number } = {}) =>
  connect({ name: 'tested', command: process.execPath, args: [file], ...more })

afterEach(async () => {
  await Promise.all(open.splice(0).map(server => server.close()))
})

async function failureOf(call: Promise<unknown>): Promise<OrchestrationError> {
  return call.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as OrchestrationError,
  )
}

async function asked(tools: readonly AgentTool[], ...replies: ScriptedReply[]) {
  const client = new ScriptedModel(replies)
  const result = await AgentRunner.run(new Agent({ client, model: 'scripted', tools }), 'go')
  const results = client.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === 'tool' ? content : []))
  return { result, results, client }
}

const calling = (name: string, args: unknown = {}) => ({ toolCalls: [{ name, arguments: args }] })
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a server that nobody here wrote, over stdio', () => {
  let server: McpServer
  beforeAll(() => {
    server = mcpServer({ name: 'everything', command: process.execPath, args: [everything, 'stdio'] })
  })
  afterAll(() => server.close())

  it('lists tools with their own parameters, without those that cannot be waited for', async () => {
    const tools = await server.tools()
    const names = tools.map(tool => tool.name)
    expect(names).toContain('echo')
    expect(names).toContain('get-sum')
    expect(names).not.toContain('simulate-research-query')
    const sum = tools.find(tool => tool.name === 'get-sum')
    expect(sum).toMatchObject({
      strict: false,
      description: expect.stringMatching(/sum/i),
      parameters: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
    })
    expect(await sum?.needsPermission({})).toBe(false)
  })

  it('gives the tools that are wanted, under a prefix', async () => {
    const tools = await server.tools({ include: ['echo', 'get-sum'], exclude: ['get-sum'], prefix: 'every_' })
    expect(tools.map(tool => tool.name)).toEqual(['every_echo'])
    expect(await failureOf(server.tools({ include: ['ecco'] }))).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/include.*"everything" \(echo, .*"ecco"/),
    })
  })

  it('S4-21 has its tools called by an agent, several at once', async () => {
    const { result, results } = await asked(
      await server.tools(),
      {
        toolCalls: [
          { name: 'echo', arguments: { message: 'hello' } },
          { name: 'get-sum', arguments: { a: 19, b: 23 } },
        ],
      },
      'It is 42.',
    )
    expect(result.output).toBe('It is 42.')
    expect(results).toEqual(['Echo: hello', expect.stringContaining('42')])
  })

  it('S4-21 has its tools called by an agent over the HTTP API of OpenAI', async () => {
    const mock = new LLMock({ port: 0 })
    await mock.start()
    try {
      mock.on({ hasToolResult: true }, { content: 'It said hello.' })
      mock.onMessage('say hello', { toolCalls: [{ name: 'echo', arguments: '{"message":"hello"}' }] })
      const client = new OpenAI({ apiKey: 'sk-test-0123456789', baseURL: `${mock.url}/v1`, logLevel: 'off' })
      const agent = new Agent({ client, model: 'gpt-4o', tools: await server.tools({ include: ['echo'] }) })
      expect((await AgentRunner.run(agent, 'say hello')).output).toBe('It said hello.')
      const [first, second] = mock
        .getRequests()
        .map(request => request.body as { tools?: unknown; messages: unknown[] })
      expect(first?.tools).toMatchObject([{ function: { name: 'echo', parameters: { required: ['message'] } } }])
      expect(second?.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Echo: hello' })
    } finally {
      await mock.stop()
    }
  })

  it('tells the model which arguments are wrong, and the program if it wants to fail', async () => {
    const wrong = calling('get-sum', { a: 'x' })
    const { results } = await asked(await server.tools(), wrong, 'done')
    expect(results?.[0]).toMatch(/^Error: .*expected number, received string at a/s)
    const notAnObject = await asked(await server.tools(), calling('echo', [1]), 'done')
    expect(notAnObject.results?.[0]).toMatch(/must be an object \(got array\)/)
    const failure = await failureOf(asked(await server.tools({ onError: 'fail' }), wrong))
    expect(failure).toMatchObject({ code: 'TOOL_FAILED', details: { tool: 'get-sum' }, retryable: false })
  })

  it('says of a tool that is not there that it has failed', async () => {
    expect(await server.callTool('nope')).toMatchObject({
      failed: true,
      text: expect.stringContaining('nope not found'),
    })
    expect(await server.callTool('echo', { message: 'x' })).toEqual({ text: 'Echo: x', failed: false })
  })

  it('has its images, resources and data described to the model', async () => {
    expect((await server.callTool('get-tiny-image')).text).toMatch(/\n\[image image\/png, \d{3,} bytes\]\n/)
    const links = await server.callTool('get-resource-links', { count: 1 })
    expect(links.text).toMatch(/\[resource .* <demo:\/\/resource\/dynamic\/.*>: text\/plain, .*\]$/)
    const embedded = await server.callTool('get-resource-reference', { resourceType: 'Text', resourceId: 1 })
    expect(embedded.text).toMatch(/\[resource <demo:\/\/resource\/dynamic\/text\/1>\]\nResource 1: This is/)
    const data = await server.callTool('get-structured-content', { location: 'Chicago' })
    expect(data.structured).toMatchObject({ temperature: 36 })
    expect(data.text).toContain('"temperature":36')
  })

  it('has resources that are listed and read, by programs and by agents', async () => {
    const resources = await server.resources()
    expect(resources[0]).toMatchObject({ uri: expect.stringMatching(/^demo:/), mimeType: 'text/markdown' })
    expect((await server.resourceTemplates())[0]?.uriTemplate).toBe('demo://resource/dynamic/text/{resourceId}')
    expect(await server.readResource('demo://resource/dynamic/text/1')).toMatchObject([
      { mimeType: 'text/plain', text: expect.stringContaining('Resource 1') },
    ])
    const [blob] = await server.readResource('demo://resource/dynamic/blob/1')
    expect(Buffer.from(blob?.base64 ?? '', 'base64').toString()).toContain('Resource 1')
    const { results } = await asked(
      [server.resourceTool()],
      calling('read_resource', { uri: null }),
      calling('read_resource', { uri: 'demo://resource/dynamic/text/7' }),
      'done',
    )
    expect(results?.[0]).toContain('demo://resource/dynamic/text/{resourceId}: Dynamic Text Resource')
    expect(results?.[1]).toContain('Resource 7')
    expect(await failureOf(server.readResource('demo://nope'))).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      retryable: false,
      message: expect.stringMatching(/^MCP server "everything" refused to read demo:\/\/nope: .*not found/),
      details: { server: 'everything' },
    })
  })

  it('has prompts that become the messages of a conversation', async () => {
    const prompts = await server.prompts()
    expect(prompts.find(prompt => prompt.name === 'args-prompt')?.arguments).toMatchObject([
      { name: 'city', required: true },
      { name: 'state', required: false },
    ])
    const messages = await server.prompt('args-prompt', { city: 'Oslo' })
    expect(messages).toEqual([{ role: 'user', content: "What's weather in Oslo?" }])
    const client = new ScriptedModel(['Cold.'])
    const { output } = await AgentRunner.run(new Agent({ client, model: 'scripted' }), messages)
    expect(output).toBe('Cold.')
    expect(client.requests[0]?.messages.at(-1)).toEqual(messages[0])
    expect(await failureOf(server.prompt('args-prompt'))).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      message: expect.stringContaining('expected string, received undefined at city'),
    })
  })

  it('is not waited for longer than a call may take', async () => {
    const long = { duration: 20, steps: 1 }
    const failure = await failureOf(server.callTool('trigger-long-running-operation', long, { timeoutMs: 50 }))
    expect(failure).toMatchObject({ code: 'TOOL_TIMED_OUT', retryable: true, details: { timeoutMs: 50 } })
    const { results } = await asked(
      await server.tools({ timeoutMs: 50 }),
      calling('trigger-long-running-operation', long),
      'done',
    )
    expect(results?.[0]).toMatch(/^Error: .*longer than 50 ms/)
    expect((await server.callTool('echo', { message: 'still there' })).failed).toBe(false)
  })
})

describe('a server process', () => {
  it('is started at the first use, shared, and gone after close', async () => {
    const server = started(killable)
    const [one, two] = await Promise.all([server.callTool('pid'), server.callTool('pid')])
    expect(one.text).toBe(two.text)
    expect(isAlive(Number(one.text))).toBe(true)
    await server.close()
    expect(isAlive(Number(one.text))).toBe(false)
    expect(await failureOf(server.callTool('pid'))).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      message: expect.stringContaining('was closed'),
    })
  })

  it('that is killed in the middle of a call is a typed error, and the next call starts it again', async () => {
    const server = started(killable)
    const pid = Number((await server.callTool('pid')).text)
    const hanging = failureOf(server.callTool('hang'))
    process.kill(pid, 'SIGKILL')
    expect(await hanging).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      retryable: true,
      message: 'MCP server "tested" was lost while it was to call tool "hang". The next call connects again.',
    })
    const next = Number((await server.callTool('pid')).text)
    expect(next).not.toBe(pid)
    expect(isAlive(next)).toBe(true)
  })

  it('that is closed in the middle of a call ends the call', async () => {
    const server = started(killable)
    await server.callTool('pid')
    const hanging = failureOf(server.callTool('hang'))
    await server.close()
    expect(await hanging).toMatchObject({ code: 'TOOL_SERVER_FAILED', message: expect.stringContaining('was closed') })
  })

  it('does not outlive `await using`', async () => {
    let pid = 0
    {
      await using server = mcpServer({ name: 'short', command: process.execPath, args: [killable] })
      pid = Number((await server.callTool('pid')).text)
    }
    expect(isAlive(pid)).toBe(false)
  })

  it('keeps the values it was given out of results and errors', async () => {
    const env = { API_TOKEN: 'tok-hunter2hunter2', PLAIN_SETTING: 'a-setting-of-mine' }
    const server = started(killable, { env })
    expect((await server.callTool('tell')).text).toBe('it is [redacted]')
    const failure = await failureOf(asked(await server.tools({ onError: 'fail' }), calling('blurt')))
    expect(`${failure.message}${JSON.stringify(failure)}`).not.toContain('a-setting-of-mine')
    expect(failure.message).toContain('[redacted]')
  })

  it('has tools that ask for permission if it calls them destructive, or the program does', async () => {
    const server = started(killable)
    const tools = await server.tools()
    const { results } = await asked(tools, calling('drop_table'), 'done')
    expect(results).toEqual(['Tool permission was not granted'])
    const calls: unknown[] = []
    const some = await server.tools({
      needsPermission: call => calls.push(call) > 0 && call.tool === 'pid',
      include: ['pid', 'drop.table'],
    })
    const { results: more } = await asked(some, calling('pid'), calling('drop_table'), 'done')
    expect(more).toEqual(['Tool permission was not granted', 'dropped'])
    expect(calls[1]).toEqual({ tool: 'drop.table', arguments: {}, readOnlyHint: false, destructiveHint: true })
  })

  it('that cannot be started, or ends at once, is an error that says so', async () => {
    const none = connect({ name: 'none', command: '/nowhere/at-all', env: { KEY: 'not to be seen' } })
    const failure = await failureOf(none.tools())
    expect(failure).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      retryable: false,
      message: expect.stringMatching(/^MCP server "none" cannot be started \(ENOENT\)\. Check `command`/),
    })
    const run = (code: string) => connect({ name: 'odd', command: process.execPath, args: ['-e', code] })
    expect(await failureOf(run('console.log("no JSON"); process.exit(3)').tools())).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      message: expect.stringContaining('ended before it answered the greeting'),
    })
  })

  it('that never greets is an error that says so, and is gone after close', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'advancer-mcp-'))
    const pidFile = join(folder, 'pid')
    try {
      const code = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); console.log('{ broken'); setInterval(() => {}, 1000)`
      const args = ['-e', code]
      const silent = connect({ name: 'odd', command: process.execPath, args, connectTimeoutMs: 500 })
      // The time passes when it has started, however long that takes.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const failing = failureOf(silent.tools())
      await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/^\d+$/)
      const pid = Number(readFileSync(pidFile, 'utf8'))
      vi.advanceTimersByTime(500)
      vi.useRealTimers()
      expect(await failing).toMatchObject({
        code: 'TOOL_SERVER_FAILED',
        retryable: true,
        message: expect.stringContaining('did not answer the greeting within 500 ms'),
      })
      await silent.close()
      expect(isAlive(pid)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] })
const nothing = fromJsonSchema<Record<string, unknown>>({ type: 'object' })

/** What the servers below have, with a tool that can be held. */
class Held {
  readonly reached = new EventTarget()
  aborted: unknown
  server(): OfficialServer {
    const server = new OfficialServer({ name: 'web', version: '1.0.0' })
    server.registerTool('hold', { description: 'Holds', inputSchema: nothing }, async (_args, { mcpReq }) => {
      mcpReq.signal.addEventListener('abort', () => {
        this.aborted = true
        this.reached.dispatchEvent(new Event('aborted'))
      })
      this.reached.dispatchEvent(new Event('held'))
      return new Promise<never>(() => {})
    })
    server.registerTool('greet', { description: 'Greets', inputSchema: nothing }, () => text('good morning'))
    return server
  }
}

describe('a server over streamable HTTP', () => {
  let held: Held
  let web: WebServer
  let handler: ReturnType<typeof createMcpHandler>
  const secret = 'Bearer tok-0123456789abcdef'

  beforeAll(async () => {
    handler = createMcpHandler(() => held.server())
    web = await serve(request =>
      request.headers.get('authorization') === secret
        ? handler.fetch(request)
        : new Response(`not with ${request.headers.get('authorization')}`, { status: 401 }),
    )
  })
  afterAll(() => web.close())

  it('S4-21 has its tools called by an agent, with the headers it is given', async () => {
    held = new Held()
    const server = connect({ name: 'web', url: web.url, headers: { authorization: secret } })
    const { results } = await asked(await server.tools(), calling('greet'), 'done')
    expect(results).toEqual(['good morning'])
  })

  it('hears of it when nobody waits for a call any more', async () => {
    held = new Held()
    const server = connect({ name: 'web', url: web.url, headers: { authorization: secret } })
    const controller = new AbortController()
    const isHeld = once(held.reached, 'held')
    const isAborted = once(held.reached, 'aborted')
    const reason = new Error('enough')
    const call = failureOf(
      AgentRunner.run(
        new Agent({ client: new ScriptedModel([calling('hold')]), model: 'scripted', tools: await server.tools() }),
        'go',
        { signal: controller.signal },
      ),
    )
    await isHeld
    controller.abort(reason)
    expect(await call).toBe(reason)
    await isAborted
    expect(held.aborted).toBe(true)
    expect((await server.callTool('greet')).text).toBe('good morning')
  })

  it('that refuses the credentials is an error without them', async () => {
    held = new Held()
    const server = connect({ name: 'web', url: web.url, headers: { authorization: 'Bearer wrong-0123456789' } })
    const failure = await failureOf(server.tools())
    expect(failure).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      retryable: false,
      details: { server: 'web', status: 401 },
      message: expect.stringContaining('has refused the credentials (HTTP 401). Check the `headers`'),
    })
    const cause = failure.cause as Error
    expect(`${failure.message}${JSON.stringify(failure)}${cause.message}${cause.stack}`).not.toContain('wrong-0123')
  })

  it('that is not there, or is none, is an error that says so', async () => {
    const gone = await serve(() => new Response())
    await gone.close()
    expect(await failureOf(connect({ name: 'gone', url: gone.url }).tools())).toMatchObject({
      code: 'TOOL_SERVER_FAILED',
      retryable: true,
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
    })
    const answers: [Response, boolean][] = [
      [new Response('<html>', { headers: { 'content-type': 'text/html' } }), false],
      [new Response('{ broken', { headers: { 'content-type': 'application/json' } }), false],
      [new Response('down', { status: 503 }), true],
    ]
    for (const [answer, retryable] of answers) {
      const odd = await serve(() => answer.clone())
      const failure = await failureOf(connect({ name: 'odd', url: odd.url }).tools())
      expect(failure).toMatchObject({ code: 'TOOL_SERVER_FAILED', retryable, details: { server: 'odd' } })
      await odd.close()
    }
  })

  it('that has forgotten the session gets a new one, and the call', async () => {
    const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
    let greetings = 0
    const kept = await serve(async request => {
      const id = request.headers.get('mcp-session-id')
      const known = sessions.get(id ?? '')
      if (known !== undefined) return known.handleRequest(request)
      if (id !== null) return new Response('no such session', { status: 404 })
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: () => `session-${++greetings}`,
        onsessioninitialized: session => void sessions.set(session, transport),
      })
      await new Held().server().connect(transport)
      return transport.handleRequest(request)
    })
    const server = connect({ name: 'kept', url: kept.url })
    expect((await server.callTool('greet')).text).toBe('good morning')
    sessions.clear()
    expect((await server.callTool('greet')).text).toBe('good morning')
    expect([...sessions.keys()]).toEqual(['session-2'])
    await server.close()
    await kept.close()
  })
})

describe('a server on a transport of the program', () => {
  it('tells when its tools have changed, and the next listing has them', async () => {
    const official = new Held().server()
    const changed = new EventTarget()
    const server = connect({
      name: 'memory',
      async transport() {
        const [here, there] = InMemoryTransport.createLinkedPair()
        await official.connect(there)
        return here
      },
      onListChanged: what => changed.dispatchEvent(new Event(what)),
    })
    expect((await server.tools()).map(tool => tool.name)).toEqual(['hold', 'greet'])
    const heard = once(changed, 'tools')
    official.registerTool('later', { description: 'New', inputSchema: nothing }, () => text('new'))
    await heard
    expect((await server.tools()).map(tool => tool.name)).toEqual(['hold', 'greet', 'later'])
  })

  it('gives tools names that every model takes, each only once', async () => {
    const official = new OfficialServer({ name: 'odd', version: '1.0.0' })
    for (const name of ['a.b', 'a/b', 'x'.repeat(80)]) {
      official.registerTool(name, { inputSchema: nothing }, () => text(name))
    }
    const [here, there] = InMemoryTransport.createLinkedPair()
    await official.connect(there)
    const server = connect({ name: 'odd', transport: () => here })
    const tools = await server.tools()
    expect(tools.map(tool => tool.name)).toEqual(['a_b', 'a_b_2', 'x'.repeat(64)])
    expect(tools[1]?.description).toBe('Tool "a/b" of odd')
    const { results } = await asked(tools, calling('a_b_2'), 'done')
    expect(results).toEqual(['a/b'])
  })
})

describe('the options of a server', () => {
  it.each<[string, unknown]>([
    ['no way to reach it', { name: 'x' }],
    ['two ways to reach it', { name: 'x', command: 'node', url: 'http://localhost' }],
    ['no name', { command: 'node' }],
    ['no HTTP address', { name: 'x', url: 'file:///etc/passwd' }],
    ['a time that is none', { name: 'x', command: 'node', timeoutMs: 0 }],
  ])('are refused: %s', (_what, options) => {
    expect(() => new McpServer(options as McpServerOptions)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })

  it('name what to install when the package is not there', async () => {
    const failure = await failureOf(loadMcpPackage(() => Promise.reject(new Error('Cannot find package'))))
    expect(failure).toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm install @modelcontextprotocol/client'),
    })
  })
})

describe('a call of a server in a durable run', () => {
  it('that was committed is not repeated after a crash', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'advancer-mcp-'))
    const log = join(folder, 'calls')
    try {
      const orchestrationOf = async (client: ScriptedModel) => {
        const server = started(killable, { env: { CALL_LOG: log } })
        const tools = await server.tools({ include: ['count', 'hang'] })
        class Counting extends AgentRunnable<string, string> {
          readonly agent = new Agent({ client, model: 'scripted', tools })
        }
        return new (class Machine extends Orchestration<string, string> {
          override initialRunnable = new Counting()
        })()
      }
      const store = new MemoryJournalStore()
      const hangs = calling('hang')
      const first = await orchestrationOf(new ScriptedModel([calling('count'), hangs]))
      const run = first.start('go', { store, runId: 'r' })
      run.result.catch(() => {})
      await new Promise<void>(resolve =>
        run.on('agent.tool.called', ({ tool }) => {
          if (tool === 'hang') resolve()
        }),
      )
      await store.close()
      await Promise.all(open.splice(0).map(server => server.close()))

      const model = new ScriptedModel(['done'])
      const second = await orchestrationOf(model)
      const again = await second.resume('r', { store: store.reopen() })
      const ended = again.result
      await new Promise<void>(resolve =>
        again.on('agent.tool.called', ({ tool }) => {
          if (tool === 'hang') resolve()
        }),
      )
      // What hangs is given up, and the model told.
      const hanging = open.splice(0)
      await new Promise(setImmediate)
      await Promise.all(hanging.map(server => server.close()))
      expect(await ended).toBe('done')
      expect(model.requests[0]?.messages.flatMap(({ role, content }) => (role === 'tool' ? content : []))).toEqual([
        'counted',
        expect.stringContaining('was closed'),
      ])
      expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([expect.stringMatching(/^r\//)])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
