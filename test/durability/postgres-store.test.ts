import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PostgresJournalStore } from '../../src/durability/postgres/postgres-journal-store.js'
import { goesOn, runOf, turn } from './postgres-run.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

describe('S1-27 PostgresJournalStore', () => {
  it('takes DATABASE_URL where it is told nothing', async () => {
    vi.stubEnv('DATABASE_URL', server.url)
    const store = new PostgresJournalStore()
    expect(await store.get('any')).toBeUndefined()
    await store.close()
  })

  it.each([
    [{}, /DATABASE_URL/],
    [{ connectionString: 'postgres://localhost', schema: 'a; drop' }, /`schema`/],
    [{ connectionString: 'postgres://localhost', maxConnections: 1 }, /`maxConnections`/],
    [{ connectionString: 'postgres://localhost', connectTimeoutMs: 0 }, /`connectTimeoutMs`/],
    [{ connectionString: 'postgres://localhost', pool: new pg.Pool() }, /`connectionString`.*`pool`/],
    [{ pool: new pg.Pool({ max: 1 }) }, /`pool`/],
  ])('refuses options that make no sense: %o', (options, message) => {
    vi.stubEnv('DATABASE_URL', undefined)
    const construct = () => new PostgresJournalStore(options)
    expect(construct).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(construct).toThrow(message)
  })

  it('makes its tables once, however many open it for the first time at once', async () => {
    const schema = 'contested'
    const stores = Array.from(
      { length: 8 },
      () => new PostgresJournalStore({ connectionString: server.url, schema, maxConnections: 2 }),
    )
    await Promise.all(stores.map((store, index) => store.create(runOf(`run ${index}`))))
    expect((await stores[0]?.list())?.runs).toHaveLength(8)
    await Promise.all(stores.map(store => store.close()))
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query('select number, name from contested.migrations')
    expect(rows).toEqual([{ number: 1, name: '0001-runs.sql' }])
    await client.end()
  })

  it('keeps schemas apart', async () => {
    const one = new PostgresJournalStore({ connectionString: server.url, schema: 'One' })
    const two = new PostgresJournalStore({ connectionString: server.url, schema: 'two' })
    await one.create(runOf('here'))
    expect(await two.get('here')).toBeUndefined()
    await Promise.all([one.close(), two.close()])
  })

  it('works through a pool of the application, whatever parsers that has set, and leaves it open', async () => {
    const parseInt8 = pg.types.getTypeParser(pg.types.builtins.INT8)
    pg.types.setTypeParser(pg.types.builtins.INT8, BigInt)
    const pool = new pg.Pool({ connectionString: server.url, max: 2 })
    const store = new PostgresJournalStore({ pool })
    await store.create(runOf('pooled'))
    await store.append('pooled', 1, [turn(2)], goesOn)
    expect(await store.get('pooled')).toMatchObject({ seq: 2, createdAt: 1001, updatedAt: 1002, states: ['work'] })
    await store.close()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    const locks = await pool.query(`select from pg_locks where locktype = 'advisory'`)
    expect(locks.rowCount).toBe(0)
    await pool.end()
    pg.types.setTypeParser(pg.types.builtins.INT8, parseInt8)
  })

  it('S3-32 refuses a cursor that no page has had', async () => {
    const store = new PostgresJournalStore({ connectionString: server.url })
    const forged = [
      '',
      'x',
      '../..',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["1","a"]').toString('base64url'),
    ]
    for (const cursor of forged) {
      await expect(store.list({ cursor })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
      await expect(store.requests({ cursor })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    }
    await store.close()
  })

  it('finishes what is under way before it closes, and frees its claims', async () => {
    const store = new PostgresJournalStore({ connectionString: server.url })
    const other = new PostgresJournalStore({ connectionString: server.url })
    const creating = store.create(runOf('last'))
    await Promise.all([store.close(), creating])
    await expect(store.get('last')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(await other.claim('last')).toBe(true)
    await other.close()
  })

  it('notifies of changes whoever watches from elsewhere, and nobody if only the writer does', async () => {
    const writer = new PostgresJournalStore({ connectionString: server.url })
    const other = new PostgresJournalStore({ connectionString: server.url })
    const client = new pg.Client({ connectionString: server.url })
    const notified: (string | undefined)[] = []
    client.on('notification', ({ payload }) => notified.push(payload))
    await client.connect()
    await client.query('listen advancer')
    const calls = { writer: 0, other: 0 }
    await writer.create(runOf('told'))
    writer.watch('told', () => {
      calls.writer += 1
    })
    await expect.poll(() => calls.writer).toBeGreaterThan(0)
    const before = calls.writer
    await writer.append('told', 1, [turn(2)], goesOn)
    expect(calls.writer).toBeGreaterThan(before)
    other.watch('told', () => {
      calls.other += 1
    })
    await expect.poll(() => calls.other).toBe(1)
    await writer.append('told', 2, [turn(3)], goesOn)
    await expect.poll(() => calls.other).toBe(2)
    await expect.poll(() => notified).toEqual(['created:told', 'changed:told'])
    await Promise.all([writer.close(), other.close(), client.end()])
  })

  it('makes exactly one of the appends at one place where transactions are serializable by default', async () => {
    const serializable = encodeURIComponent('-c default_transaction_isolation=serializable')
    const connectionString = `${server.url}?options=${serializable}`
    const store = new PostgresJournalStore({ connectionString })
    await store.create(runOf('strict'))
    const appends = await Promise.allSettled(
      Array.from({ length: 8 }, () => store.append('strict', 1, [turn(2)], goesOn)),
    )
    const refused = appends.flatMap(append => (append.status === 'rejected' ? [append.reason as unknown] : []))
    expect(refused).toEqual(Array.from({ length: 7 }, () => expect.objectContaining({ code: 'RUN_CONFLICT' })))
    expect(await store.delete('strict')).toBe(true)
    await store.close()
  })

  it('touches no index and no earlier turn when a run takes another', async () => {
    const store = new PostgresJournalStore({ connectionString: server.url, schema: 'narrow' })
    await store.create(runOf('long'))
    for (let seq = 1; seq < 200; seq++) await store.append('long', seq, [turn(seq + 1)], goesOn)
    await store.close()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const updates = `
      select n_tup_upd::int as made, n_tup_hot_upd::int as hot
      from pg_stat_user_tables where schemaname = 'narrow' and relname = 'runs'`
    await expect.poll(async () => (await client.query(updates)).rows[0]?.made).toBe(199)
    const { hot } = (await client.query(updates)).rows[0]
    expect(hot).toBeGreaterThan(150)
    await client.end()
  })
})
