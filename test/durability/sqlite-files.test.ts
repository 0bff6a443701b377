import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { loadLibsql } from '../../src/durability/sqlite/libsql-driver.js'
import { openDirectly } from './sqlite-drivers.js'
import { entry, newRun, running } from './sqlite-sample.js'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqlite-files-'))
  path = join(directory, 'runs.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Puts a store with 50 runs at `path`; its bytes. */
async function filled(): Promise<Buffer> {
  // A file that nobody has ever opened.
  const original = join(directory, 'original.db')
  const store = new SqliteJournalStore(original)
  for (let run = 0; run < 50; run++) {
    await store.create(newRun(`run ${run}`, { entries: [entry(1, JSON.stringify('x'.repeat(900)))] }))
  }
  await store.close()
  const bytes = readFileSync(original)
  writeFileSync(path, bytes)
  return bytes
}

describe('S1-27 the file of a SqliteJournalStore', () => {
  it('is created together with its directory at the first call, not before', async () => {
    const deep = join(directory, 'a', 'b', 'runs.db')
    const store = new SqliteJournalStore(deep)
    expect(existsSync(join(directory, 'a'))).toBe(false)
    expect(await store.get('nobody')).toBeUndefined()
    expect(existsSync(deep)).toBe(true)
    await store.close()
  })

  it('is the only one left after the store was closed, with everything in it', async () => {
    const bytes = await filled()
    expect(readdirSync(directory).sort()).toEqual(['original.db', 'runs.db'])
    expect(bytes.length).toBeGreaterThan(50 * 900)
  })

  it('is migrated once when many store objects open it at the same time', async () => {
    const stores = Array.from({ length: 8 }, () => new SqliteJournalStore(path))
    await Promise.all(stores.map((store, index) => store.create(newRun(`run ${index}`))))
    expect((await stores[0]?.list())?.runs).toHaveLength(8)
    await Promise.all(stores.map(store => store.close()))
  })

  it('may be memory, for one store object', async () => {
    const [store, other] = [new SqliteJournalStore(':memory:'), new SqliteJournalStore(':memory:')]
    await store.create(newRun('run'))
    await store.append('run', 1, [entry(2)], running)
    expect(await store.claim('run')).toBe(false)
    expect(await store.read('run')).toHaveLength(2)
    expect(await other.get('run')).toBeUndefined()
    expect(existsSync(':memory:')).toBe(false)
    await Promise.all([store.close(), other.close()])
  })
})

describe('S1-27 a file that is no store of this version is refused and left as it is', () => {
  async function refused(code: string, message: RegExp): Promise<void> {
    const before = readFileSync(path)
    const store = new SqliteJournalStore(path)
    for (let times = 0; times < 2; times++) {
      await expect(store.create(newRun('new'))).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
      await expect(store.get('run 1')).rejects.toMatchObject({ code })
    }
    await store.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  }

  it('text', async () => {
    writeFileSync(path, 'Dear diary, today I wrote no database. '.repeat(200))
    await refused('STORE_FAILED', /no SQLite database.+left as it was|no SQLite database/)
  })

  it('a file that was cut off', async () => {
    const { length } = await filled()
    truncateSync(path, length - 3 * 4096)
    await refused('STORE_FAILED', /damaged or cut off.+recover/)
  })

  it('a file that was cut off within its first page', async () => {
    await filled()
    truncateSync(path, 1000)
    await refused('STORE_FAILED', /damaged/)
  })

  it('a file whose beginning is gone', async () => {
    const bytes = await filled()
    writeFileSync(path, bytes.fill(0, 0, 100))
    await refused('STORE_FAILED', /no SQLite database/)
  })

  it('a database of another program', async () => {
    const database = await openDirectly(path)
    database.exec('CREATE TABLE recipes (name TEXT); PRAGMA user_version = 3')
    database.close()
    await refused('STORE_FAILED', /another program.+path of its own/)
  })

  it('a store of a newer format', async () => {
    await filled()
    const database = await openDirectly(path)
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99')
    database.close()
    await refused('STORE_FORMAT_UNKNOWN', /format 99.+up to 1.+use the version/)
  })

  it('damage in the middle is told when it is met, and runs beside it can be read', async () => {
    const bytes = await filled()
    // The last page holds the entries of the last runs.
    writeFileSync(path, bytes.fill(0xff, bytes.length - 4096))
    const store = new SqliteJournalStore(path)
    await expect(store.read('run 49')).rejects.toMatchObject({ code: 'STORE_FAILED', message: /damaged/ })
    expect(await store.read('run 0')).toHaveLength(1)
    await store.close()
  })

  it('and the same store object goes on when a good file is back in place', async () => {
    const bytes = await filled()
    writeFileSync(path, 'nonsense '.repeat(100))
    const store = new SqliteJournalStore(path)
    await expect(store.get('run 7')).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true })
    writeFileSync(path, bytes)
    expect(await store.get('run 7')).toMatchObject({ runId: 'run 7' })
    await store.close()
  })
})

describe('S1-27 the options of a SqliteJournalStore', () => {
  it('are checked at once', () => {
    expect(() => new SqliteJournalStore('')).toThrow(/`path`/)
    expect(() => new SqliteJournalStore(path, { driver: 'sqlite3' as 'libsql' })).toThrow(/`driver`/)
    expect(() => new SqliteJournalStore(path, { synchronous: 'off' as 'full' })).toThrow(/`synchronous`/)
    expect(() => new SqliteJournalStore(path, { busyTimeout: Number.NaN })).toThrow(/`busyTimeout`/)
  })

  it('a library that is missing is an error that says what to install', async () => {
    const absent = () => Promise.reject(new Error('Cannot find package'))
    await expect(loadLibsql(absent)).rejects.toMatchObject({ code: 'PACKAGE_MISSING', message: /npm i libsql/ })
  })

  it.skipIf(process.getBuiltinModule('node:sqlite'))('node:sqlite is not in this Node, which is said', async () => {
    const store = new SqliteJournalStore(path, { driver: 'node:sqlite' })
    await expect(store.get('run')).rejects.toMatchObject({ code: 'PACKAGE_MISSING', message: /22\.13/ })
    await store.close()
  })
})
