import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { openDirectly } from './sqlite-drivers.js'
import { completed, entry, newRun } from './sqlite-sample.js'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqlite-owner-'))
  path = join(directory, 'runs.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const ownerFiles = () => readdirSync(directory).filter(name => name.includes('-owner-'))

describe('S1-36 the owner of runs in a SqliteJournalStore', () => {
  it('has a file of its own from its first run on until it is closed', async () => {
    const store = new SqliteJournalStore(path)
    await store.list()
    expect(ownerFiles()).toEqual([])
    await store.create(newRun('run'))
    expect(ownerFiles()).toHaveLength(1)
    await store.close()
    expect(ownerFiles()).toEqual([])
  })

  it('keeps its runs from another store object of the same process', async () => {
    const [store, other] = [new SqliteJournalStore(path), new SqliteJournalStore(path)]
    await store.create(newRun('run'))
    await store.create(newRun('done'))
    await store.append('done', 1, [entry(2)], completed)
    expect(await other.claim('run')).toBe(false)
    expect(await store.claim('run')).toBe(false)
    expect(await other.claim('done')).toBe(true)
    await store.close()
    expect(await other.claim('run')).toBe(true)
    await other.close()
  })

  it('that nothing is left of has none', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    await store.close()
    const left = `${path}-owner-00000000-0000-4000-8000-000000000000`
    writeFileSync(left, '')
    const other = new SqliteJournalStore(path)
    expect(await other.claim('run')).toBe(true)
    expect(existsSync(left)).toBe(false)
    await other.close()
  })

  it('that was forged leads to no other file', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    await store.release('run')
    const precious = join(directory, 'precious')
    writeFileSync(precious, '')
    writeFileSync(`${path}-owner-x`, '')
    const database = await openDirectly(path)
    database.prepare('UPDATE runs SET owner = ?').run('/../precious')
    database.close()
    expect(await store.claim('run')).toBe(true)
    expect(existsSync(precious)).toBe(true)
    expect(existsSync(`${path}-owner-x`)).toBe(true)
    await store.close()
  })
})
