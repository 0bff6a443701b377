import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresJournalStore } from '../../src/durability/postgres/postgres-journal-store.js'
import { runOf } from './postgres-run.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

let server: PostgresServer
let store: PostgresJournalStore
const started: ChildProcess[] = []

beforeAll(async () => {
  server = await startPostgres()
  store = new PostgresJournalStore({ connectionString: server.url })
})

afterAll(async () => {
  await Promise.all(started.map(kill))
  await store.close()
  await server.stop()
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Starts a process of `postgres-child.ts`; `line` resolves to what it says next. */
function start(role: string[], imports: string[] = []) {
  const script = fileURLToPath(new URL('postgres-child.ts', import.meta.url))
  const preloaded = ['tsx', ...imports].flatMap(module => ['--import', module])
  const child = spawn(process.execPath, [...preloaded, script, ...role], {
    env: { ...process.env, DATABASE_URL: server.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started.push(child)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null')
  const exit = once(child, 'exit')
  return { child, line, exit }
}

describe('S3-30 processes that share a PostgreSQL', () => {
  it('append to one run at the same time, and every turn is there exactly once', async () => {
    await store.create(runOf('contested'))
    const children = [1, 2, 3].map(() => start(['append', 'contested', '50']))
    const appended = (await Promise.all(children.map(({ line }) => line()))) as number[][]
    await Promise.all(children.map(({ exit }) => exit))
    const journal = await store.read('contested')
    const expected = Array.from({ length: 151 }, (_, index) => index + 1)
    expect(journal.map(({ seq }) => seq)).toEqual(expected)
    expect([1, ...appended.flat()].toSorted((a, b) => a - b)).toEqual(expected)
    for (const [index, { child }] of children.entries()) {
      const its = journal.filter(({ data }) => data === `"${child.pid}"`).map(({ seq }) => seq)
      expect(its).toEqual(appended[index])
    }
  })

  it('S1-36 take over the run of one that is killed, as soon as the server has noticed', async () => {
    await store.create(runOf('orphaned'))
    await store.release('orphaned')
    const owner = start(['own', 'orphaned'])
    expect(await owner.line()).toBe(true)
    expect(await store.claim('orphaned')).toBe(false)
    await kill(owner.child)
    await expect.poll(() => store.claim('orphaned')).toBe(true)
  })

  it('end by themselves with a store left open that watches and owns a run, and own it no longer', async () => {
    await store.create(runOf('watched'))
    await store.release('watched')
    const watcher = start(['watch', 'watched'])
    expect(await watcher.line()).toBe(true)
    expect(await watcher.exit).toEqual([0, null])
    await expect.poll(() => store.claim('watched')).toBe(true)
  })

  it('say which package to install where pg is missing', async () => {
    const { line } = start(['fail', 'any'], [new URL('without-pg.mjs', import.meta.url).href])
    expect(await line()).toMatchObject({
      code: 'PACKAGE_MISSING',
      message: expect.stringContaining('npm install pg'),
      details: { package: 'pg' },
    })
  })
})
