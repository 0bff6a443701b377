import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSqliteDriver, type SqliteDatabase } from '../../src/durability/sqlite/sqlite-driver.js'
import { SqliteFile } from '../../src/durability/sqlite/sqlite-file.js'
import { WriteQueue } from '../../src/durability/sqlite/write-queue.js'
import { drivers } from './sqlite-drivers.js'

const insert = 'INSERT INTO documents (collection, id, data, revision) VALUES (?, ?, ?, 1)'

describe.each(drivers)('S4-29 writes through %s that come in at the same time', name => {
  let directory: string
  let file: SqliteFile
  let queue: WriteQueue
  let database: SqliteDatabase
  let commits: number

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sqlite-commit-'))
    const driver = await loadSqliteDriver(name)
    const counting = {
      ...driver,
      open(path: string): SqliteDatabase {
        database = driver.open(path)
        const exec = database.exec.bind(database)
        return Object.assign(database, {
          exec(sql: string) {
            if (sql === 'COMMIT') commits++
            exec(sql)
          },
        })
      },
    }
    file = new SqliteFile(counting, { path: join(directory, 'runs.db'), synchronous: 'full', busyTimeout: 1000 })
    queue = new WriteQueue(file)
    commits = 0
  })
  afterEach(() => {
    file.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const put = (id: string, data = '{}') => queue.add(connection => connection.run(insert, 'c', id, data))
  const ids = () =>
    file.use('read', connection => connection.all('SELECT id FROM documents ORDER BY id').map(row => row.id))

  it('share a commit', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => put(`${index}`)))
    expect(commits).toBe(1)
    expect(await ids()).toHaveLength(200)
  })

  it('have one commit each when one waits for the other', async () => {
    for (let index = 0; index < 20; index++) await put(`${index}`)
    expect(commits).toBe(20)
  })

  it('do not suffer from one among them that fails, of which nothing stays', async () => {
    const failing = queue.add(connection => {
      connection.run(insert, 'c', 'half', '{}')
      throw new Error('no')
    })
    const outcomes = await Promise.allSettled([put('a'), failing, put('a'), put('b')])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(await ids()).toEqual(['a', 'b'])
  })

  it('are there or not as a whole when the disk is full: those that fit are written', async () => {
    await put('first')
    database.exec('PRAGMA store.max_page_count = 40')
    const large = JSON.stringify('x'.repeat(400_000))
    const two = queue.add(connection => {
      connection.run(insert, 'c', 'half', '{}')
      return connection.run(insert, 'c', 'too large', large)
    })
    const outcomes = await Promise.allSettled([put('a'), two, put('b')])
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'STORE_FAILED', retryable: true, message: expect.stringMatching(/full.+make room/) } },
      { status: 'fulfilled' },
    ])
    await expect(put('alone', large)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await ids()).toEqual(['a', 'b', 'first'])
    database.exec('PRAGMA store.max_page_count = 4000')
    await put('too large', large)
    expect(await ids()).toEqual(['a', 'b', 'first', 'too large'])
  })
})
