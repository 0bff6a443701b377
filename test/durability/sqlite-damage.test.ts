import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DurableDefinition } from '../../src/core/internal.js'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { sqliteFailure } from '../../src/durability/sqlite/sqlite-failure.js'
import { drivers } from './sqlite-drivers.js'
import { approval, entry, newRun, running } from './sqlite-sample.js'

const program = fileURLToPath(new URL('processes/sqlite-descriptors.ts', import.meta.url))

describe.each(drivers)('a SqliteJournalStore with %s', driver => {
  let directory: string
  let path: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sqlite-damage-'))
    path = join(directory, 'runs.db')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const open = () => new SqliteJournalStore(path, { driver })

  /** Stores what `fill` says, and overwrites the second byte of each QQQQ in the file. */
  async function damaged(fill: (store: SqliteJournalStore) => Promise<void>): Promise<SqliteJournalStore> {
    const store = open()
    await fill(store)
    await store.close()
    const bytes = readFileSync(path)
    let found = 0
    for (let at = bytes.indexOf('QQQQ'); at >= 0; at = bytes.indexOf('QQQQ', at + 4)) {
      bytes[at + 1] = 0xff
      found++
    }
    expect(found).toBeGreaterThan(0)
    writeFileSync(path, bytes)
    return open()
  }

  it.each([4, 5000])('S4-29 says which entry has text that is damaged, of %d bytes and more', async size => {
    const text = JSON.stringify('Q'.repeat(4).padEnd(size, 'x'))
    const store = await damaged(async before => {
      await before.create(newRun('good'))
      await before.create(newRun('bad'))
      await before.append('bad', 1, [entry(2, text), entry(3)], running)
    })
    await expect(store.read('bad')).rejects.toMatchObject({
      code: 'JOURNAL_DAMAGED',
      retryable: false,
      message: expect.stringMatching(/run "bad".+entry 2: its text is not UTF-8/),
      details: { runId: 'bad', where: 'entry 2' },
    })
    expect(await store.read('bad', 3)).toEqual([entry(3)])
    expect(await store.read('good')).toEqual([entry(1)])
    await store.append('bad', 3, [entry(4)], running)
    await store.close()
  })

  it('S4-29 says what else is damaged, and leaves other runs alone', async () => {
    const store = await damaged(async before => {
      await before.create(newRun('good'))
      await before.create(
        newRun('bad', { tags: { topic: 'QQQQ' }, definition: { fingerprint: 'f2', version: 1, data: '"QQQQ"' } }),
      )
      await before.create(newRun('asks', { change: { ...running, opened: [{ ...approval('ok?'), input: '"QQQQ"' }] } }))
      await before.answer('asks', { requestId: 'ok?', data: '"QQQQ"', at: 1 })
      await before.create(
        newRun('asks too', { change: { ...running, opened: [{ ...approval('ok?'), input: '"QQQQ"' }] } }),
      )
      await before.saveSnapshot('bad', { seq: 1, data: '"QQQQ"' })
      await before.write([{ collection: 'c', id: 'd', data: '"QQQQ"' }])
    })
    const outcomes = await Promise.allSettled([
      store.get('bad'),
      store.list(),
      store.snapshot('bad'),
      store.requests(),
      store.answers('asks'),
      store.definition('f2'),
      store.document('c', 'd'),
      store.documents('c'),
    ])
    const errors = outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason : undefined))
    expect(errors.map(error => error?.code)).toEqual([
      ...Array(5).fill('JOURNAL_DAMAGED'),
      ...Array(3).fill('STORE_FAILED'),
    ])
    const messages = errors.map(error => error?.message)
    expect(messages).toMatchObject([
      expect.stringMatching(/"bad".+its record/),
      expect.stringMatching(/"bad".+its record/),
      expect.stringMatching(/"bad".+snapshot 1/),
      expect.stringMatching(/"asks too".+request "ok\?"/),
      expect.stringMatching(/"asks".+the answer to request "ok\?"/),
      expect.stringMatching(/f2/),
      expect.stringMatching(/"d" of "c"/),
      expect.stringMatching(/"d" of "c"/),
    ])
    expect(await store.get('good')).toMatchObject({ runId: 'good' })
    const abandoned = await store.abandoned({ name: 'report' } as DurableDefinition)
    expect([...abandoned].sort()).toEqual(['asks', 'asks too', 'bad', 'good'])
    await store.close()
  })

  it('gives back text that UTF-8 cannot have, whether it reads one entry or many', async () => {
    const store = open()
    const texts = ['{}', 'a\0b', '\ud800', '', '\ufeffmark', 'é😀', 'x'.repeat(5000), `${'é'.repeat(5000)}\udfff`]
    const entries = texts.map((text, index) => entry(index + 1, text))
    await store.create(newRun('run', { entries }))
    expect(await store.read('run')).toEqual(entries)
    for (const one of entries) expect(await store.read('run', one.seq, 1)).toEqual([one])
    await store.close()
  })

  it('S1-27 refuses what is not empty and does not begin as a database does, however short', async () => {
    for (const size of [1, 2, 15, 16, 99, 100, 511, 512, 4096]) {
      for (const byte of ['S', '\0']) {
        const content =
          size < 100 && byte === 'S' ? 'SQLite format 3\0'.padEnd(size, '\0').slice(0, size) : byte.repeat(size)
        writeFileSync(path, content)
        const store = open()
        await expect(store.create(newRun('run')), `${size}`).rejects.toMatchObject({ code: 'STORE_FAILED' })
        await store.close()
        expect(readFileSync(path, 'latin1')).toBe(content)
      }
    }
  })

  it.runIf(process.platform === 'linux')('has no file open when it is closed', async () => {
    const opened = () =>
      readdirSync('/proc/self/fd').filter(descriptor => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(directory)
        } catch {
          return false
        }
      })
    for (let times = 0; times < 20; times++) {
      const store = open()
      await store.create(newRun(`run ${times}`))
      await store.list()
      expect(await store.read('run 0')).toHaveLength(1)
      expect(opened()).not.toEqual([])
      await store.close()
      expect(opened()).toEqual([])
    }
    expect(readdirSync(directory)).toEqual(['runs.db'])
  })
})

describe('S4-29 a SqliteJournalStore in a process that has too many files open', () => {
  it('says so', () => {
    const cause = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'scandir' })
    expect(sqliteFailure('read', '/runs.db', cause)).toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringMatching(/as many files open as it may \(EMFILE\).+ulimit/),
      details: { systemCode: 'EMFILE' },
    })
  })

  it.runIf(process.platform === 'linux').each(drivers)(
    'also where %s only says that it cannot open the file',
    driver => {
      const directory = mkdtempSync(join(tmpdir(), 'sqlite-descriptors-'))
      try {
        // The limit is the shell's, so that this process keeps its own.
        const command = 'ulimit -n 400; exec "$0" --import tsx "$@"'
        const said = execFileSync('sh', ['-c', command, process.execPath, program, join(directory, 'runs.db'), driver])
        expect(JSON.parse(said.toString())).toMatchObject({
          code: 'STORE_FAILED',
          message: expect.stringMatching(/EMFILE.+ulimit/),
          details: { systemCode: 'EMFILE' },
        })
      } finally {
        rmSync(directory, { recursive: true, force: true })
      }
    },
  )
})
