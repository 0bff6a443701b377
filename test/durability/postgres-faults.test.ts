import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PostgresJournalStore } from '../../src/durability/postgres/postgres-journal-store.js'
import { StoreError } from '../../src/durability/store-error.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { goesOn, runOf, turn } from './postgres-run.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

let server: PostgresServer
let store: PostgresJournalStore

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

beforeEach(() => {
  store = new PostgresJournalStore({ connectionString: server.url })
})

afterEach(() => store.close())

async function failureOf(call: Promise<unknown>): Promise<OrchestrationError> {
  const failure: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!OrchestrationError.isInstance(failure)) throw new Error(`Not a typed error: ${String(failure)}`)
  expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('not-to-be-printed')
  return failure
}

async function asAdministrator<T>(body: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    return await body(client)
  } finally {
    await client.end()
  }
}

/** Ends every connection but the one that asks for it; when that is done, they are gone, with what they have locked. */
async function endConnections(): Promise<void> {
  await asAdministrator(client =>
    client.query(
      `select pg_terminate_backend(pid, 60000) from pg_stat_activity
       where pid <> pg_backend_pid() and backend_type = 'client backend'`,
    ),
  )
}

/** Ends the connections that hold claims, in another process: when it returns, this one has not heard of it yet. */
function endConnectionsOfListeners(): void {
  const program = `
    import pg from 'pg'
    const client = new pg.Client(${JSON.stringify({ connectionString: server.url })})
    await client.connect()
    await client.query("select pg_terminate_backend(pid, 60000) from pg_stat_activity where query like 'listen %'")
    await client.end()`
  execFileSync(process.execPath, ['--input-type=module', '--eval', program])
}

/** What a call gives once it does: a connection whose end has not come in yet fails a call. */
async function surely<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (failure) {
      expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: true })
    }
  }
}

/** Appends a turn, if need be again: a connection whose end has not come in yet fails a call. */
async function appendSurely(runId: string, expected: number): Promise<void> {
  for (;;) {
    const failure: unknown = await store
      .append(runId, expected, [turn(expected + 1)], goesOn)
      .catch((reason: unknown) => reason)
    if (failure === undefined) return
    if (!(failure instanceof StoreError)) throw new Error('Not an error of the store', { cause: failure })
    if (failure.code === 'RUN_CONFLICT' && (await store.get(runId))?.seq === expected + 1) return
    expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: true })
  }
}

describe('S3-31 a PostgreSQL store under faults', () => {
  it('goes on after the server was restarted, with all that was written', async () => {
    await store.create(runOf('restarted'))
    await store.append('restarted', 1, [turn(2)], goesOn)
    await server.restart()
    await appendSurely('restarted', 2)
    expect(await store.read('restarted')).toEqual([turn(1), turn(2), turn(3)])
  })

  it('says what to check while the server is down, and works when it is up again', async () => {
    await store.create(runOf('down'))
    await server.halt()
    await store.get('down').catch(() => {})
    const failure = await failureOf(store.append('down', 1, [turn(2)], goesOn))
    expect(failure).toMatchObject({ code: 'STORE_FAILED', retryable: true })
    expect(failure.message).toMatch(/journal of run "down".*ECONNREFUSED.*Check that the server is up/)
    await server.restart()
    await store.append('down', 1, [turn(2)], goesOn)
    expect((await store.get('down'))?.seq).toBe(2)
  })

  it('opens when the server comes up after the store', async () => {
    await server.halt()
    expect(await failureOf(store.get('any'))).toMatchObject({ code: 'STORE_FAILED' })
    await server.restart()
    expect(await store.get('any')).toBeUndefined()
  })

  it('fails the call whose connection is ended by hand, and no other', async () => {
    await store.create(runOf('blocked'))
    const failing = await asAdministrator(async client => {
      await client.query('begin')
      await client.query(`select from advancer.runs where run_id = 'blocked' for update`)
      const blocked = failureOf(store.append('blocked', 1, [turn(2)], goesOn))
      await expect
        .poll(() => client.query(`select from pg_stat_activity where wait_event_type = 'Lock'`).then(r => r.rowCount))
        .toBe(1)
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`)
      return blocked
    })
    expect(failing).toMatchObject({ code: 'STORE_FAILED', retryable: true, details: { postgres: '57P01' } })
    expect(failing.message).toMatch(/connects again/)
    await store.append('blocked', 1, [turn(2)], goesOn)
  })

  it('S1-36 loses its claims with its connection, and can claim again under another identity', async () => {
    const other = new PostgresJournalStore({ connectionString: server.url })
    await store.create(runOf('lost'))
    expect(await other.claim('lost')).toBe(false)
    await endConnections()
    expect(await surely(() => other.claim('lost'))).toBe(true)
    expect(await surely(() => store.claim('lost'))).toBe(false)
    // What keeps the first from committing is the place in the journal, not the claim.
    await other.append('lost', 1, [turn(2)], goesOn)
    expect(await failureOf(store.append('lost', 1, [turn(2)], goesOn))).toMatchObject({ code: 'RUN_CONFLICT' })
    await other.close()
    expect(await store.claim('lost')).toBe(true)
  })

  it('S1-36 claims nothing through a connection that is gone, also before it has heard so', async () => {
    await store.create(runOf('gone'))
    const other = new PostgresJournalStore({ connectionString: server.url })
    expect(await other.claim('gone')).toBe(false)
    endConnectionsOfListeners()
    expect(await failureOf(other.claim('gone'))).toMatchObject({ code: 'STORE_FAILED', retryable: true })
    expect(await surely(() => other.claim('gone'))).toBe(true)
    expect(await surely(() => store.claim('gone'))).toBe(false)
    await other.close()
  })

  it('calls listeners once the connection is back, and for every change from then on', async () => {
    const watcher = new PostgresJournalStore({ connectionString: server.url })
    await store.create(runOf('followed'))
    let calls = 0
    watcher.watch('followed', () => {
      calls += 1
    })
    await expect.poll(() => calls).toBe(1)
    await endConnections()
    await expect.poll(() => calls).toBeGreaterThan(1)
    const before = calls
    await appendSurely('followed', 1)
    await expect.poll(() => calls).toBeGreaterThan(before)
    await watcher.close()
  })

  it('refuses tables of a newer version, and leaves them as they are', async () => {
    await store.get('any')
    await asAdministrator(async client => {
      await client.query(`create schema newer`)
      await client.query(`create table newer.migrations (number integer primary key, name text not null)`)
      await client.query(`insert into newer.migrations values (1000, '1000-future.sql')`)
    })
    const newer = new PostgresJournalStore({ connectionString: server.url, schema: 'newer' })
    const failure = await failureOf(newer.get('any'))
    expect(failure).toMatchObject({ code: 'STORE_FORMAT_UNKNOWN', retryable: false, details: { format: 1000 } })
    expect(failure.message).toMatch(/Update the package/)
    await newer.close()
  })

  it('tells a wrong password, a missing database and a URL that is none apart, and prints none of them', async () => {
    const wrong = {
      password: server.url.replace('not-to-be-printed', 'not-to-be-printed-either'),
      database: server.url.replace(/postgres$/, 'nowhere'),
      url: 'postgres://postgres:not-to-be-printed/of-course@127.0.0.1/postgres',
    }
    const failures = await Promise.all(
      Object.values(wrong).map(async connectionString => {
        const unusable = new PostgresJournalStore({ connectionString })
        const failure = await failureOf(unusable.get('any'))
        await unusable.close()
        return failure
      }),
    )
    expect(failures.map(({ code }) => code)).toEqual(['STORE_FAILED', 'STORE_FAILED', 'OPTION_INVALID'])
    expect(failures[0]?.message).toMatch(/Check user and password/)
    expect(failures[1]?.message).toMatch(/Create the database/)
    expect(failures[2]?.message).toMatch(/postgres:\/\/user:password@host/)
  })

  it('says so where the server takes no writes, and still reads', async () => {
    await store.create(runOf('standby'))
    const readOnly = `${server.url}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`
    const standby = new PostgresJournalStore({ connectionString: readOnly })
    const failure = await failureOf(standby.append('standby', 1, [turn(2)], goesOn))
    expect(failure).toMatchObject({ code: 'STORE_FAILED', details: { postgres: '25006' } })
    expect(failure.message).toMatch(/primary/)
    expect((await standby.get('standby'))?.seq).toBe(1)
    await standby.close()
  })
})
