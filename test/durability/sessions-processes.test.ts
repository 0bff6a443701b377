import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileStorageBackend, SqliteJournalStore, StateManager } from '../../src/durability/index.js'
import { line } from './session-machines.js'

const program = fileURLToPath(new URL('processes/session-process.ts', import.meta.url))

let root: string
let directory: string
let started: ChildProcess[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sessions-'))
  directory = join(root, 'kept', 'here')
  started = []
})
afterEach(async () => {
  await Promise.all(started.map(kill))
  rmSync(root, { recursive: true, force: true })
})

function start(what: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, next: async () => (await lines.next()).value as string }
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

describe('sessions in a directory', () => {
  it('S1-27 FileStorageBackend keeps everything in one file there, whatever the ids are', async () => {
    const store = new FileStorageBackend(directory)
    expect([store instanceof SqliteJournalStore, existsSync(directory)]).toEqual([true, false])
    const manager = new StateManager(store)
    const session = await manager.createSession({ task: 't', sessionId: 'con.txt:aux *?' })
    expect(await session.run(line([]))).toBe('t, planned, researched, written')
    const checkpointId = await session.createCheckpoint('~ $HOME')
    await store.close()
    expect(readdirSync(directory).filter(name => !name.startsWith('advancer.db'))).toEqual([])
    const reopened = new FileStorageBackend(directory)
    const state = await new StateManager(reopened).restoreCheckpoint(checkpointId)
    await reopened.close()
    expect(state).toMatchObject({ sessionId: 'con.txt:aux *?', name: '~ $HOME', status: 'completed' })
    expect(() => new FileStorageBackend('')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  it('S1-36 S1-59 go on in another process after the first was killed', async () => {
    const first = start('start')
    expect(await first.next()).toBe('at work')
    await kill(first.child)
    const second = start('resume')
    expect(JSON.parse(await second.next())).toEqual({
      output: 't, planned, researched, written',
      calls: ['Research', 'Write'],
    })
  })

  it('S1-35 S1-36 are paused by one process while another one drives them, and resumed by a third', async () => {
    const driver = start('start')
    expect(await driver.next()).toBe('at work')
    const store = new FileStorageBackend(directory)
    const manager = new StateManager(store, { pollMs: 20 })
    const paused = manager.pauseSession('analysis_123')
    const asked = async () => (await store.documents('run-wishes'))[0]?.data
    await expect.poll(asked).toContain('accepted')
    driver.child.kill('SIGUSR2')
    expect([await paused, await driver.next()]).toEqual([true, 'paused'])
    expect(await manager.listSessions()).toMatchObject([{ sessionId: 'analysis_123', status: 'paused', paused: true }])
    await store.close()
    // The driver is still there, but what is paused belongs to nobody.
    const third = start('resume')
    expect(JSON.parse(await third.next())).toEqual({ output: 't, planned, researched, written', calls: ['Write'] })
  })

  it('are not paused by asking a process that has died', async () => {
    const driver = start('start')
    expect(await driver.next()).toBe('at work')
    await kill(driver.child)
    const store = new FileStorageBackend(directory)
    expect(await new StateManager(store).pauseSession('analysis_123')).toBe(false)
    await store.close()
  })
})
