import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../durability/postgres-server.js'
import { buildServer } from './processes/build-server.js'
import { base } from './served.js'

const folder = mkdtempSync(join(tmpdir(), 'advancer-dying-'))
const cleanUp: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
let program = ''
beforeAll(async () => {
  const { path, remove } = await buildServer()
  program = path
  cleanUp.push(remove)
})
afterAll(async () => {
  for (const clean of cleanUp.reverse()) await clean()
})

type Loose = any // any: JSON that the test knows the form of

/** A server that is killed now and then, and started again at the same place. */
class Mortal {
  readonly url: string
  readonly #port: number
  readonly #store: string
  #child: ChildProcess | undefined

  constructor(port: number, store: string) {
    this.url = `http://127.0.0.1:${port}`
    this.#port = port
    this.#store = store
    cleanUp.push(() => this.kill())
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [program, String(this.#port)], {
      env: { ...process.env, STORE: this.#store },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    await once(createInterface(child.stdout), 'line')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

/** A client that knows several servers and asks another one where one does not answer. */
class Client {
  #gone = false

  constructor(readonly servers: readonly Mortal[]) {}

  /** Whatever it still waits for is given up. */
  leave(): void {
    this.#gone = true
  }

  #anyServer(): Mortal {
    if (this.#gone) throw new Fault('The client has gone.')
    return this.servers[Math.floor(Math.random() * this.servers.length)] as Mortal
  }

  /** @returns `undefined` if it is not known what has come of it */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Loose } | undefined> {
    const { url } = this.#anyServer()
    try {
      const response = await fetch(`${url}${base}/${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer = { status: response.status, body: (await response.json()) as Loose }
      if (answer.status >= 500 && answer.status !== 503) throw new Fault(`${method} ${path}: ${JSON.stringify(answer)}`)
      return answer
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown
      await delay(50)
      return undefined
    }
  }

  async insist(...asked: Parameters<Client['ask']>): Promise<{ status: number; body: Loose }> {
    for (;;) {
      const answer = await this.ask(...asked)
      if (answer !== undefined && answer.status !== 503) return answer
    }
  }

  /** All events of an execution, each taken up behind the last one wherever a stream breaks off. */
  async follow(id: string): Promise<readonly Loose[]> {
    const events: Loose[] = []
    for (;;) {
      const { url } = this.#anyServer()
      const last = events.at(-1)
      try {
        const response = await fetch(`${url}${base}/executions/${id}/events`, {
          headers: {
            accept: 'text/event-stream',
            ...(last === undefined ? {} : { 'last-event-id': String(last.seq) }),
          },
        })
        if (response.status === 204) return events
        if (response.status !== 200 || response.body === null) throw new Error(String(response.status))
        let text = ''
        for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
          text += chunk
          const whole = text.split('\n\n')
          text = whole.pop() ?? ''
          for (const part of whole) {
            const data = /^data: (.+)$/m.exec(part)?.[1]
            if (data !== undefined) events.push(JSON.parse(data))
          }
        }
      } catch {
        await delay(50)
      }
    }
  }
}

class Fault extends Error {}

/** What somebody who is never content does to an execution until it has ended; its last state. */
async function live(client: Client, id: string, isToBeCancelled: boolean): Promise<Loose> {
  let cancelled: 'never' | 'perhaps' | 'surely' = 'never'
  let pauses = Math.floor(Math.random() * 3)
  for (;;) {
    const { body } = await client.insist('GET', `executions/${id}`)
    if (['completed', 'failed', 'cancelled'].includes(body.status)) return { ...body, cancelled }
    if (isToBeCancelled && cancelled !== 'surely' && Math.random() < 0.2) {
      const answer = await client.ask('POST', `executions/${id}/cancel`, { reason: 'chance' })
      // What has been asked for and not answered may be done all the same.
      cancelled = answer?.body.status === 'cancelled' ? 'surely' : 'perhaps'
    } else if (body.status === 'running' && pauses > 0 && Math.random() < 0.3) {
      pauses--
      await client.ask('POST', `executions/${id}/pause`)
    } else if (body.status === 'paused' && Math.random() < 0.5) {
      const [open] = body.pending_approvals
      if (open === undefined || Math.random() < 0.5) await client.ask('POST', `executions/${id}/resume`)
      else await client.ask('POST', `executions/${id}/requests/${open.request_id}`, { approved: true })
    }
    await delay(Math.random() * 100)
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

const workflow = {
  id: 'flow',
  name: 'Flow',
  nodes: [
    { id: 'a', type: 'agent_call', agent_id: 'slow' },
    { id: 'b', type: 'agent_call', agent_id: 'slow' },
    { id: 'c', type: 'agent_call', agent_id: 'slow' },
    { id: 'ok', type: 'human_approval', config: { message: 'Go on?' } },
    { id: 'd', type: 'agent_call', agent_id: 'slow' },
  ],
  edges: [
    { from: 'a', to: 'c' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'ok' },
    { from: 'ok', to: 'd' },
  ],
}

const places: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => join(folder, 'runs.db'),
  PostgreSQL: async () => {
    const server = await startPostgres()
    cleanUp.push(() => server.stop())
    return server.url
  },
}

describe.each(Object.keys(places))('two servers of one %s that are killed while clients are at work', name => {
  it('lose no execution, complete no node twice, tell every event once, and do what they have said', async () => {
    const store = await (places[name] as () => Promise<string>)()
    const servers = [new Mortal(await freePort(), store), new Mortal(await freePort(), store)]
    await Promise.all(servers.map(server => server.start()))
    const client = new Client(servers)
    cleanUp.push(() => client.leave())
    expect((await client.insist('POST', 'workflows', workflow)).status).toBe(201)

    const mostKills = Number(process.env['DYING_KILLS'] ?? 4)
    let kills = 0
    let failed = false
    let underWay = 0
    const one = async (index: number) => {
      const path = index % 2 === 0 ? 'orchestrations/Work/execute' : 'workflows/flow/execute'
      const input = index % 2 === 0 ? `text ${index}` : { index }
      const started = await client.insist('POST', path, { input }, { 'idempotency-key': `key-${index}` })
      expect(started.status).toBe(202)
      const id: string = started.body.execution_id
      const [end, events] = await Promise.all([live(client, id, index % 4 === 3), client.follow(id)])
      return { id, end, events }
    }
    const under: ReturnType<typeof one>[] = []
    const starting = (async () => {
      while (kills < mostKills && !failed) {
        if (underWay >= 12) {
          await delay(20)
          continue
        }
        underWay++
        const execution = one(under.length)
        execution.then(
          () => underWay--,
          () => (failed = true),
        )
        under.push(execution)
        await delay(250)
      }
    })()
    while (kills < mostKills && !failed) {
      await delay(200 + Math.random() * 1500)
      const victims = Math.random() < 0.2 ? servers : [servers[kills % 2] as Mortal]
      await Promise.all(
        victims.map(async server => {
          await server.kill()
          await server.start()
        }),
      )
      kills++
    }
    await starting
    const ended = await Promise.all(under)
    for (const { id, end, events } of ended) {
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      const steps = events.filter(({ type }) => type === 'state.completed')
      const tokens = steps.map(({ inner_run_id: run = '', token }) => `${run}/${token}`)
      expect(new Set(tokens).size).toBe(tokens.length)
      expect(events.at(-1)?.type).toBe(`orchestration.${end.status}`)
      const may = { never: ['completed'], perhaps: ['completed', 'cancelled'], surely: ['cancelled'] }[
        end.cancelled as 'never'
      ]
      expect({ id, may, status: end.status, error: end.error }).toEqual({ id, may, status: expect.toBeOneOf(may) })
      if (end.status !== 'completed') continue
      if (end.workflow_id === undefined) expect(end.output).toMatch(/^text \d+ Draft Left Right Edit Publish$/)
      else expect(Object.keys(end.output)).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']))
    }
    const kept: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await client.insist('GET', `executions?limit=200${cursor}`)
      kept.push(...body.executions.map((each: Loose) => each.execution_id))
      if (body.next_cursor === undefined) break
      cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`
    }
    expect(kept.sort()).toEqual(ended.map(({ id }) => id).sort())
  }, 600_000)
})
