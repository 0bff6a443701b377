import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { openDirectly } from './sqlite-drivers.js'
import { entry, newRun, running } from './sqlite-sample.js'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqlite-faults-'))
  path = join(directory, 'runs.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('S4-29 a SqliteJournalStore whose file somebody else has locked', () => {
  it('gives up after `busyTimeout`, and works again when the lock is gone', async () => {
    const store = new SqliteJournalStore(path, { busyTimeout: 60 })
    await store.create(newRun('run'))
    const other = await openDirectly(path)
    other.exec('BEGIN IMMEDIATE')
    const outcomes = await Promise.allSettled([
      store.append('run', 1, [entry(2)], running),
      store.create(newRun('more')),
    ])
    const failed = { code: 'STORE_FAILED', retryable: true, message: expect.stringMatching(/locked.+busyTimeout/) }
    expect(outcomes).toMatchObject([{ reason: failed }, { reason: failed }])
    expect(await store.read('run')).toHaveLength(1)
    other.exec('ROLLBACK')
    other.close()
    await store.append('run', 1, [entry(2)], running)
    expect((await store.list()).runs).toMatchObject([{ runId: 'run', seq: 2 }])
    await store.close()
  })

  it('waits without keeping the process from other work', async () => {
    const store = new SqliteJournalStore(path, { busyTimeout: 60_000 })
    await store.create(newRun('run'))
    const other = await openDirectly(path)
    other.exec('BEGIN IMMEDIATE')
    let appended = false
    const append = store.append('run', 1, [entry(2)], running).then(() => {
      appended = true
    })
    // Reading needs no lock, so it goes on meanwhile.
    for (let times = 0; times < 200; times++) expect(await store.read('run')).toHaveLength(1)
    expect(appended).toBe(false)
    other.exec('COMMIT')
    other.close()
    await append
    expect(await store.read('run')).toHaveLength(2)
    await store.close()
  })
})

describe('S4-29 a SqliteJournalStore whose file went away', () => {
  it('does not say that something is written which is in no file any more, and starts anew', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
    await expect(store.append('run', 1, [entry(2)], running)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      retryable: true,
      message: expect.stringMatching(/deleted or replaced/),
    })
    await expect(store.append('run', 1, [entry(2)], running)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    await store.create(newRun('run'))
    await store.close()
    const reader = new SqliteJournalStore(path)
    expect(await reader.read('run')).toHaveLength(1)
    await reader.close()
  })

  it('is told by reads as well', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
    await expect(store.get('run')).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await store.get('run')).toBeUndefined()
    await store.close()
  })
})

describe('S4-29 a SqliteJournalStore whose path cannot be a file', () => {
  it('says so, and works as soon as it can', async () => {
    const store = new SqliteJournalStore(join(directory, 'data', 'runs.db'))
    writeFileSync(join(directory, 'data'), '')
    await expect(store.create(newRun('run'))).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true })
    rmSync(join(directory, 'data'))
    await store.create(newRun('run'))
    expect(await store.read('run')).toHaveLength(1)
    await store.close()
  })

  it('a directory is no file', async () => {
    mkdirSync(path)
    const store = new SqliteJournalStore(path)
    await expect(store.get('run')).rejects.toMatchObject({ code: 'STORE_FAILED', message: /not a directory/ })
    await store.close()
  })
})
