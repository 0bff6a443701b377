import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { type JournalStore, MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { type Listening, listen } from '../../src/serving/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { EventReader } from './event-reader.js'
import { base, counting, type Served, serve, tokens } from './served.js'

/** The whole load takes too long for every day; `npm run test:sweep` has it. */
const isThorough = process.env['PROPERTY_RUNS'] !== undefined
const executions = isThorough ? 500 : 100
const readers = isThorough ? 50 : 20
const slowReaders = 3
const eventsOfLong = 2000

const headers = { authorization: `Bearer ${tokens.all}` }
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const each of cleanups.splice(0).reverse()) await each()
})

const flow = {
  id: 'flow',
  name: 'Flow',
  nodes: [
    { id: 'one', type: 'agent_call', config: { agent_id: 'echo' } },
    { id: 'two', type: 'agent_call', config: { agent_id: 'echo' } },
    { id: 'three', type: 'agent_call', config: { agent_id: 'echo' } },
  ],
  edges: [
    { from: 'one', to: 'three' },
    { from: 'two', to: 'three' },
  ],
}

/** Counts who watches a store. */
function watchesOf(store: JournalStore): { readonly count: number } {
  const watches = { count: 0 }
  const watch = store.watch.bind(store)
  store.watch = (runId, listener) => {
    const stop = watch(runId, listener)
    let isOver = false
    watches.count++
    return () => {
      if (!isOver) watches.count--
      isOver = true
      stop()
    }
  }
  return watches
}

interface World {
  readonly served: Served
  readonly server: Listening
  readonly clock: ManualClock
  readonly watches: { readonly count: number }
}

async function world(store: JournalStore): Promise<World> {
  const watches = watchesOf(store)
  // Who is too slow is decided by this clock, so the test is as slow as the machine and decides the same.
  const clock = new ManualClock()
  const served = await serve({
    store,
    clock,
    orchestrations: [counting()],
    workflows: { agents: { echo: ({ input }) => ({ said: input }) } },
    limits: { maxBufferedBytes: 64_000 },
    monitor: false,
  })
  expect((await served.post('workflows', flow)).status).toBe(201)
  const server = await listen(served.handler, { port: 0, recoverEveryMs: 0 })
  cleanups.push(() => server.close(0))
  return { served, server, clock, watches }
}

async function post({ server }: World, path: string, body: unknown): Promise<{ execution_id: string }> {
  const response = await fetch(`${server.url}${base}/${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(202)
  return (await response.json()) as { execution_id: string }
}

/** Starts all of them at once: every other one a JSON workflow. Returns their ids. */
async function startAll(at: World): Promise<readonly string[]> {
  const started = Array.from({ length: executions }, (_, number) =>
    number % 2 === 0
      ? post(at, 'workflows/flow/execute', { input: { number } })
      : post(at, 'orchestrations/Counting/execute', { input: { count: 20 + (number % 50), size: 100 } }),
  )
  return (await Promise.all(started)).map(each => each.execution_id)
}

/** Reads an execution to its end, again and again from the last event if the connection ends before that. */
async function readToEnd(
  { server }: World,
  id: string,
  { seen = [], dropEvery = Infinity }: { seen?: number[]; dropEvery?: number } = {},
): Promise<readonly number[]> {
  for (;;) {
    const last = seen.at(-1)
    const gone = new AbortController()
    const response = await fetch(`${server.url}${base}/executions/${id}/events`, {
      headers: {
        ...headers,
        accept: 'text/event-stream',
        ...(last !== undefined && { 'last-event-id': String(last) }),
      },
      signal: gone.signal,
    })
    if (response.status === 204) return seen
    expect(response.status).toBe(200)
    const reader = new EventReader(response)
    try {
      for (let taken = 0; taken < dropEvery; taken++) {
        const event = await reader.next()
        if (event === undefined) break
        seen.push(event.id)
      }
    } catch {
      // It was cut off for being slow, which is no reason to lose anything.
    }
    gone.abort()
  }
}

/** Asks for the events of an execution and takes nothing of them until it is told to. */
async function dawdler({ server }: World, id: string): Promise<IncomingMessage> {
  const request = get(`${server.url}${base}/executions/${id}/events`, { headers })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

/** The events that a dawdler finds once it looks: all that had come before its connection went. */
async function takenBy(response: IncomingMessage): Promise<number[]> {
  let text = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
    throw new Error('It was not cut off.')
  } catch (thrown) {
    expect((thrown as { code?: string }).code).toBe('ECONNRESET')
  }
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
  return [...whole.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))
}

/** One round of everything at once; returns how many events were delivered. */
async function load(at: World): Promise<number> {
  const { served, server, clock } = at
  const { execution_id: long } = await post(at, 'orchestrations/Counting/execute', {
    input: { count: eventsOfLong, size: 4000 },
  })
  const slow = await Promise.all(Array.from({ length: slowReaders }, () => dawdler(at, long)))
  const ids = await startAll(at)

  let isOver = false
  const polling = (async () => {
    for (let number = 0; !isOver; number++) {
      const response = await fetch(`${server.url}${base}/executions/${ids[number % ids.length]}`, { headers })
      expect(response.status).toBe(200)
      await response.text()
    }
  })()
  const reading = Array.from({ length: readers }, async (_, reader) => {
    const counts: number[] = []
    for (const id of ids.filter((_id, index) => index % readers === reader)) {
      const seen = await readToEnd(at, id, reader % 2 === 0 ? {} : { dropEvery: 7 + reader })
      expect(seen).toEqual(seen.map((_each, index) => index))
      counts.push(seen.length)
    }
    return counts
  })
  const delivered = (await Promise.all(reading)).flat()
  isOver = true
  await polling
  expect(delivered).toHaveLength(executions)

  while (served.handler.server.host.driven(long) !== undefined) await turn()
  // Nobody else reads any more: whoever is there has taken nothing for as long as the clock goes on.
  while (served.handler.server.streams.open > 0) {
    await clock.advance(5000)
    await turn()
  }
  const late = await Promise.all(
    slow.map(async response => {
      const seen = await takenBy(response)
      const before = seen.length
      expect(before).toBeLessThan(eventsOfLong)
      await readToEnd(at, long, { seen })
      expect(seen).toEqual(seen.map((_, index) => index))
      expect(seen.length).toBeGreaterThan(eventsOfLong)
      return seen.length
    }),
  )
  for (const id of [...ids, long]) {
    const record = await served.handler.server.host.record(id)
    expect(record.status).toBe('completed')
  }
  return [...delivered, ...late].reduce((sum, count) => sum + count, 0)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function settledHeap(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await turn()
    collect()
  }
  return process.memoryUsage().heapUsed
}

async function deleteAll({ served }: World): Promise<void> {
  const { store } = served.handler.server.host
  for (;;) {
    const { runs } = await store.list({ limit: 200 })
    if (runs.length === 0) return
    for (const { runId } of runs) await store.delete(runId)
  }
}

/** What is left of a round, once those who read have gone. */
async function expectNothingLeft({ served, clock, watches }: World): Promise<void> {
  const { host, streams, started$ } = served.handler.server
  while (streams.open > 0 || host.active > 0 || watches.count > 0) await turn()
  expect(clock.pendingTimers).toBe(0)
  expect(started$.observed).toBe(false)
}

describe.each(['memory', 'SQLite'] as const)(
  `${executions} executions with ${readers} readers at once, in %s`,
  kind => {
    function open(): JournalStore {
      if (kind === 'memory') return new MemoryJournalStore()
      const folder = mkdtempSync(join(tmpdir(), 'load-'))
      const store = new SqliteJournalStore(join(folder, 'runs.db'), { synchronous: 'normal' })
      cleanups.push(async () => {
        await store.close()
        rmSync(folder, { recursive: true, force: true })
      })
      return store
    }

    it('lose no event and tell each in its order, also to those that drop and those that are cut off, and leave nothing behind (S1-61)', {
      timeout: isThorough ? 600_000 : 120_000,
    }, async () => {
      const at = await world(open())
      const delivered = await load(at)
      expect(delivered).toBeGreaterThan(executions * 10)
      await expectNothingLeft(at)
      await deleteAll(at)
      const before = await settledHeap()
      expect(await load(at)).toBe(delivered)
      await expectNothingLeft(at)
      await deleteAll(at)
      const grown = (await settledHeap()) - before
      // What a run had would be some kilobytes for each; what is left is the compiler's and the client's.
      expect(grown).toBeLessThan(2 ** 20 + executions * 2048)
    })
  },
)
