import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, on, once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SqliteJournalStore } from '../../src/durability/index.js'
import { type BuiltProgram, buildProgram } from './processes/built-program.js'
import { drivers, openDirectly } from './sqlite-drivers.js'
import { entry, newRun, running } from './sqlite-sample.js'

let program: BuiltProgram
beforeAll(async () => {
  program = await buildProgram('sqlite-process.ts')
})
afterAll(() => program.remove())

let directory: string
let path: string
let started: ChildProcess[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sqlite-processes-'))
  path = join(directory, 'runs.db')
  started = []
})
afterEach(async () => {
  await Promise.all(started.map(kill))
  rmSync(directory, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  readonly lines: Interface
}

function start(job: string, ...rest: readonly string[]): Started {
  return startWith({}, job, ...rest)
}

function startWith(environment: Readonly<Record<string, string>>, job: string, ...rest: readonly string[]): Started {
  const child = spawn(process.execPath, [program.path, job, path, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  started.push(child)
  return { child, lines: createInterface({ input: child.stdout }) }
}

async function output({ child, lines }: Started): Promise<string[]> {
  const ended = once(child, 'exit')
  const said: string[] = []
  for await (const line of lines) said.push(line)
  expect(await ended).toEqual([0, null])
  return said
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const ownerFiles = () => readdirSync(directory).filter(name => name.includes('-owner-'))

describe('S4-29 several processes with one SqliteJournalStore each', () => {
  it('open a new file at the same time', async () => {
    const said = await Promise.all(Array.from({ length: 4 }, (_, index) => output(start('create', `run ${index}`))))
    expect(said.flat()).toEqual(['created', 'created', 'created', 'created'])
    const store = new SqliteJournalStore(path)
    expect((await store.list()).runs).toHaveLength(4)
    await store.close()
  })

  it('append to one run, and every number is given once', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    const marks = ['a', 'b', 'c', 'd']
    const said = await Promise.all(marks.map(mark => output(start('race', 'run', mark, '60'))))
    const owners = new Map(said.flatMap((seqs, index) => seqs.map(seq => [Number(seq), marks[index]])))
    expect(said.flat()).toHaveLength(240)
    expect(owners.size).toBe(240)
    const journal = await store.read('run')
    expect(journal.map(({ seq }) => seq)).toEqual(Array.from({ length: 241 }, (_, index) => index + 1))
    for (const { seq, data } of journal.slice(1)) expect(data).toBe(`"${owners.get(seq)}"`)
    await store.close()
  })

  it.skipIf(drivers.length < 2)('may use different libraries', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    const races = [...drivers, ...drivers].map(name => startWith({ SQLITE_DRIVER: name }, 'race', 'run', name, '30'))
    const said = await Promise.all(races.map(output))
    expect(new Set(said.flat()).size).toBe(120)
    const owner = startWith({ SQLITE_DRIVER: 'libsql' }, 'own', 'run')
    expect(await once(owner.lines, 'line')).toEqual(['mine'])
    expect(await store.claim('run')).toBe(false)
    await kill(owner.child)
    expect(await store.claim('run')).toBe(true)
    await store.close()
  })

  it('S1-36 lose their runs when they are killed, and not before', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    await store.release('run')
    const first = start('own', 'run')
    expect(await once(first.lines, 'line')).toEqual(['mine'])
    const second = start('own', 'run')
    expect(await once(second.lines, 'line')).toEqual(['taken'])
    expect(await store.claim('run')).toBe(false)
    await kill(first.child)
    expect(await store.claim('run')).toBe(true)
    await kill(second.child)
    await store.close()
    expect(ownerFiles()).toEqual([])
  })

  it('S1-36 see the changes of each other', async () => {
    const store = new SqliteJournalStore(path)
    await store.create(newRun('run'))
    const calls = new EventEmitter()
    const end = store.watch('run', () => calls.emit('changed'))
    const seen = (async () => {
      for await (const _ of on(calls, 'changed')) if ((await store.get('run'))?.seq === 4) return
    })()
    await output(start('race', 'run', 'x', '3'))
    await seen
    end()
    await store.close()
  })

  it('S4-29 keep everything that was acknowledged when they are killed while writing, 20 times', async () => {
    const runs = ['r1', 'r2', 'r3', 'r4', 'r5']
    const acknowledged: { readonly run: string; readonly seq: number; readonly data: string }[] = []
    for (let round = 0; round < 20; round++) {
      // Every other time it dies at the very moment that it is told of a commit, else anywhere.
      const limit = 30 + 17 * round
      const { child, lines } = start('write', `${round}`, round % 2 === 0 ? `${limit}` : 'Infinity', ...runs)
      let heard = 0
      lines.on('line', line => {
        const [run = '', seq] = line.split(' ')
        acknowledged.push({ run, seq: Number(seq), data: `"${round}"` })
        if (++heard === limit) child.kill('SIGKILL')
      })
      await once(lines, 'close')
      expect(heard).toBeGreaterThanOrEqual(limit)
      await kill(child)
    }
    const store = new SqliteJournalStore(path)
    for (const run of runs) {
      const journal = await store.read(run)
      expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1))
      for (const { seq, data } of acknowledged.filter(each => each.run === run)) {
        expect(journal[seq - 1]).toMatchObject({ seq, data })
      }
      expect(await store.get(run)).toMatchObject({ seq: journal.length })
      expect(await store.claim(run)).toBe(true)
      await store.append(run, journal.length, [entry(journal.length + 1)], running)
    }
    expect(ownerFiles()).toHaveLength(1)
    await store.close()
    const database = await openDirectly(path)
    expect(database.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
    database.close()
  })

  it.skipIf(process.platform === 'win32')('are told when they may not write to the directory', async () => {
    const closed = join(directory, 'closed')
    mkdirSync(closed)
    path = join(closed, 'runs.db')
    chmodSync(directory, 0o755)
    chmodSync(closed, 0o555)
    expect(await output(start('fail'))).toEqual([expect.stringMatching(/^STORE_FAILED .+directory/)])
    expect(existsSync(path)).toBe(false)
  })
})
