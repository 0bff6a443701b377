import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { openDirectly } from '../durability/sqlite-drivers.js'
import { cli, emptyDirectory, fixture } from './command-lines.js'
import { spawned } from './processes.js'

const commands = (store: string): readonly (readonly string[])[] => [
  ['run', fixture('several.ts'), '--export', 'shout', '--input-text', 'x', '--store', store],
  ['runs', 'list', '--store', store],
  ['serve', fixture('several.ts'), '--port', '0', '--store', store],
]

/** What each command says of a store that cannot be used; all of them end with 1 and write no result. */
async function refusals(cwd: string, store: string): Promise<readonly string[]> {
  const said: string[] = []
  for (const args of commands(store)) {
    const { code, out, err } = await cli(args, { cwd })
    expect({ args, code, out }).toEqual({ args, code: 1, out: '' })
    // Nothing has begun of which there would be something to look at.
    expect(err.trim().split('\n')).toHaveLength(1)
    said.push(err)
  }
  return said
}

describe('S4-29 the command refuses a store that cannot be one, at once, and leaves it as it is', () => {
  it.each([
    ['a directory where a file is expected', (path: string) => mkdirSync(path), 'It must be a file, not a directory'],
    ['text', (path: string) => writeFileSync(path, 'no database at all'), 'The file is no SQLite database'],
    ['one byte', (path: string) => writeFileSync(path, 'x'), 'it has one byte'],
  ])('%s', async (_, make, said) => {
    const cwd = emptyDirectory()
    make(join(cwd, 'runs.db'))
    for (const err of await refusals(cwd, 'sqlite:runs.db')) expect(err).toContain(said)
  })

  it('a database of another program, and a store of a newer format', async () => {
    const cwd = emptyDirectory()
    const other = await openDirectly(join(cwd, 'other.db'))
    other.exec('CREATE TABLE things (id)')
    other.close()
    const before = readFileSync(join(cwd, 'other.db'))
    for (const err of await refusals(cwd, 'sqlite:other.db'))
      expect(err).toContain('a SQLite database of another program')
    expect(readFileSync(join(cwd, 'other.db')).equals(before)).toBe(true)
    const store = new SqliteJournalStore(join(cwd, 'newer.db'))
    await store.list()
    await store.close()
    const newer = await openDirectly(join(cwd, 'newer.db'))
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    for (const err of await refusals(cwd, 'sqlite:newer.db')) expect(err).toContain('has format 99')
  })

  it('a file where a directory is expected', async () => {
    const cwd = emptyDirectory()
    writeFileSync(join(cwd, '.advancer'), '')
    const [run] = commands('sqlite:.advancer')
    const { code, err } = await cli(run as readonly string[], { cwd })
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('ENOTDIR') })
  })

  it.runIf(process.platform === 'linux')('a path below /proc, where making a directory never succeeds', async () => {
    const [run] = commands('sqlite:/proc/nowhere/runs')
    const running = spawned(run as readonly string[])
    expect(await running.ended).toBe(1)
    expect(running.err()).toContain("ENOENT: no such file or directory, mkdir '/proc/nowhere'")
    const init = spawned(['init', '/proc/nowhere/project'])
    expect(await init.ended).toBe(2)
    expect(init.err()).toContain('/proc/nowhere/project/package.json cannot be written')
  })

  it.runIf(process.platform === 'linux' && process.getuid?.() !== 0)('a directory that is not writable', async () => {
    const cwd = emptyDirectory()
    execFileSync('chmod', ['555', cwd])
    expect(await cli(['init', 'project'], { cwd })).toMatchObject({ code: 2 })
    const [run] = commands('sqlite:runs.db')
    expect(await cli(run as readonly string[], { cwd })).toMatchObject({ code: 1 })
  })
})

describe('the address of a database is shown without what is secret in it', () => {
  it.each([
    ['postgres://me:secret@127.0.0.1:1/runs', 'ECONNREFUSED'],
    ['postgres://me:sec/ret@127.0.0.1:1/runs', 'must be like'],
    ['postgres://127.0.0.1:1/runs?user=me&password=secret', 'ECONNREFUSED'],
    ['mysql://127.0.0.1/runs?password=secret', 'mysql://127.0.0.1/runs?…'],
  ])('%s', async (store, said) => {
    const { err, out } = await cli(['runs', 'list', '--debug', '--store', store])
    expect(err).toContain(said)
    expect(err + out).not.toMatch(/secret|sec\/ret/)
  })
})
