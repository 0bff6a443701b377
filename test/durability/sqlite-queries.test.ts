import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import type { SqliteDatabase } from '../../src/durability/sqlite/sqlite-driver.js'
import { type PreparedQuery, requestQuery, runQuery } from '../../src/durability/sqlite/sqlite-queries.js'
import { openDirectly } from './sqlite-drivers.js'
import { approval, completed, entry, newRun, running } from './sqlite-sample.js'

const directory = mkdtempSync(join(tmpdir(), 'sqlite-queries-'))
const path = join(directory, 'runs.db')
const store = new SqliteJournalStore(path)
let database: SqliteDatabase

beforeAll(async () => {
  const runs = Array.from({ length: 1000 }, (_, index) => {
    const change = index % 10 === 0 ? { ...running, opened: [approval('ok?', index)] } : completed
    // Many of the same age, so that pages end between them.
    const entries = [{ ...entry(1), at: Math.floor(index / 7) }]
    return newRun(`run ${index}`, { orchestration: `o${index % 3}`, change, entries, tags: { shard: `${index % 4}` } })
  })
  await Promise.all(runs.map(run => store.create(run)))
  database = await openDirectly(path)
})
afterAll(async () => {
  database.close()
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

function plan({ sql, values }: PreparedQuery): string {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  return steps.map(({ detail }) => (typeof detail === 'string' ? detail : '')).join('; ')
}

describe('S3-32 queries on a SqliteJournalStore', () => {
  it.each([
    ['everything', runQuery({}), 'runs_by_age'],
    ['time', runQuery({ created: { from: 5, to: 9 } }), 'runs_by_age'],
    ['status', runQuery({ status: ['running'] }), 'runs_by_status'],
    ['orchestration and time', runQuery({ orchestration: 'o1', created: { from: 5 } }), 'runs_by_orchestration'],
    [
      'orchestration, status and time',
      runQuery({ orchestration: 'o1', status: ['running'], created: { from: 5, to: 90 } }),
      'runs_by_orchestration_and_status',
    ],
    ['open requests', requestQuery({}), 'open_requests'],
    ['open requests of an orchestration', requestQuery({ orchestration: 'o1' }), 'open_requests_by_orchestration'],
  ])('by %s take an index and sort nothing', (_, query, index) => {
    const found = plan(query)
    expect(found).toMatch(new RegExp(`USING (COVERING )?INDEX ${index}\\b`))
    expect(found).not.toContain('TEMP B-TREE')
  })

  it('by several statuses take an index', () => {
    expect(plan(runQuery({ status: ['running', 'failed'] }))).toContain('USING INDEX')
  })

  it('by page give every run once, the youngest first', async () => {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.list({ limit: 33, ...(cursor === undefined ? {} : { cursor }) })
      found.push(...page.runs.map(({ runId }) => runId))
      cursor = page.next
    } while (cursor !== undefined)
    expect(new Set(found).size).toBe(1000)
    expect(found).toHaveLength(1000)
    expect(found[0]).toBe('run 999')
    expect(found.at(-1)).toBe('run 0')
  })

  it('by label and open request combine', async () => {
    const { runs } = await store.list({ tags: { shard: '2' }, openRequest: 'approval', limit: 200 })
    expect(runs.map(({ runId }) => Number(runId.slice(4)))).toEqual(
      expect.arrayContaining(Array.from({ length: 50 }, (_, index) => 10 + 20 * index)),
    )
    expect(runs).toHaveLength(50)
  })

  it.each([
    'x',
    '',
    '[1,"run 1"]',
    Buffer.from('[1,"run 1",2]').toString('base64url'),
    Buffer.from('["1","run 1"]').toString('base64url'),
    Buffer.from('{"__proto__":1}').toString('base64url'),
    `${Buffer.from('[1,"run 1"]').toString('base64url')}=`,
  ])('refuse %j as a cursor, which is of no page', async cursor => {
    await expect(store.list({ cursor })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(store.requests({ cursor })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it.each([0, -1, 1.5, Number.NaN])('refuse %d as a limit', async limit => {
    await expect(store.list({ limit })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})
