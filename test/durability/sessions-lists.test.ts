import { describe, expect, it } from 'vitest'
import { Journal, MemoryJournalStore, type SessionQuery, StateManager } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { fail, machine, rejection, step } from '../core/machines.js'
import { gate, line, reviewed } from './session-machines.js'

const echo = () => machine<string, string>(step<string, string>('Echo', text => text)).configure({ name: 'Echoing' })

/** Sessions in every condition, as another process sees them. */
async function populated() {
  const store = new MemoryJournalStore()
  const clock = new ManualClock()
  const manager = new StateManager(store, { clock })
  const create = (sessionId: string) => manager.createSession({ task: 't', sessionId })
  await create('new')
  await clock.advance(1000)
  await (await create('done')).run(echo())
  await clock.advance(1000)
  await rejection((await create('broken')).run(machine<string, string>(fail('Bad'))))
  const asking = await create('asking')
  asking.run(reviewed()).catch(() => undefined)
  await expect.poll(() => asking.current?.requests.length).toBe(1)
  const { entered, open, pass } = gate()
  const halted = await create('halted')
  halted.run(line([], pass)).catch(() => undefined)
  await entered
  const paused = halted.pause()
  open()
  await paused
  const working = gate()
  const busy = await create('working')
  busy.run(line([], working.pass)).catch(() => undefined)
  await working.entered
  return { store, manager: new StateManager(store.reopen()) }
}

describe('a list of sessions', () => {
  it('S1-33 C16 has their ids, their status, and whether they are paused', async () => {
    const { manager } = await populated()
    const entries = await manager.listSessions({ includePaused: true })
    expect(entries.map(({ sessionId, status, paused }) => [sessionId, status, paused])).toEqual([
      ['asking', 'running', false],
      ['broken', 'failed', false],
      ['done', 'completed', false],
      ['halted', 'paused', true],
      ['new', 'pending', false],
      ['working', 'running', false],
    ])
    expect((await manager.listSessions()).length).toBe(6)
    const unpaused = await manager.listSessions({ includePaused: false })
    expect(unpaused.map(({ sessionId }) => sessionId)).not.toContain('halted')
  })

  it.each<[string, SessionQuery, readonly string[]]>([
    ['status', { status: ['completed', 'failed'] }, ['broken', 'done']],
    ['a status without a run', { status: ['pending'] }, ['new']],
    ['orchestration', { orchestration: 'Line' }, ['halted', 'working']],
    ['current state', { state: 'Research' }, ['working']],
    ['state and status', { state: 'Write', status: ['paused'] }, ['halted']],
    ['open approvals', { openRequest: 'approval' }, ['asking']],
    ['open signals', { openRequest: 'signal' }, []],
    ['anything open', { openRequest: true }, ['asking']],
    ['nothing open', { openRequest: false, created: { from: 1000 } }, ['broken', 'done', 'halted', 'working']],
    ['time of creation', { created: { from: 1000, to: 2000 } }, ['done']],
    ['time of change', { updated: { to: 1000 } }, ['new']],
  ])('S3-32 is narrowed down by %s', async (_, query, expected) => {
    const { manager } = await populated()
    expect((await manager.listSessions(query)).map(({ sessionId }) => sessionId)).toEqual(expected)
  })

  it('is had in pages, also with a filter', async () => {
    const store = new MemoryJournalStore()
    const manager = new StateManager(store)
    for (let index = 0; index < 250; index++) {
      const session = await manager.createSession({ task: 't', sessionId: `s${String(index).padStart(3, '0')}` })
      if (index % 10 === 0) await session.run(echo())
    }
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await manager.listSessions({
        status: ['completed'],
        limit: 7,
        ...(after === undefined ? {} : { after }),
      })
      seen.push(...page.map(({ sessionId }) => sessionId))
      after = page.at(-1)?.sessionId
    } while (after !== undefined)
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `s${String(index * 10).padStart(3, '0')}`))
    expect(await manager.listSessions()).toHaveLength(250)
  })

  it.each([
    ['truncated', '{"format":1,"createdAt":0'],
    ['no object', 'null'],
    ['a forged tag', '{"format":1,"createdAt":0,"task":{"$":"Function","v":{}},"context":{}}'],
    ['of a later format', '{"format":99,"createdAt":0,"task":"t","context":{}}'],
  ])(
    'leaves out and reports a session whose record is %s; it can be deleted, the others are as they were',
    async (_, data) => {
      const store = new MemoryJournalStore()
      const warnings: string[] = []
      const logger = { warn: (_message: string, error: Error) => void warnings.push(error.message) }
      const manager = new StateManager(store, { logger })
      for (const sessionId of ['a', 'b', 'c']) await manager.createSession({ task: 't', sessionId })
      await store.write([{ collection: 'sessions', id: 'b', data }])
      expect((await manager.listSessions()).map(({ sessionId }) => sessionId)).toEqual(['a', 'c'])
      expect(warnings).toEqual([expect.stringContaining('"b"')])
      const { code } = await rejection(manager.openSession('b'))
      expect(['PAYLOAD_NOT_SERIALIZABLE', 'STORE_FORMAT_UNKNOWN']).toContain(code)
      if (code === 'PAYLOAD_NOT_SERIALIZABLE') {
        expect(await manager.deleteSession('b')).toBe(true)
        expect((await rejection(manager.openSession('b'))).code).toBe('SESSION_UNKNOWN')
      }
    },
  )

  it('keeps keys that could reach a prototype to the session that has them', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const context = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as Record<
      string,
      unknown
    >
    const session = await manager.createSession({ task: 't', sessionId: '__proto__', context })
    await session.run(echo())
    expect((await manager.listSessions()).map(({ sessionId }) => sessionId)).toEqual(['__proto__'])
    expect([({} as Record<string, unknown>)['polluted'], Object.getPrototypeOf(session.context)]).toEqual([
      undefined,
      Object.prototype,
    ])
  })
})

describe('deleting a session (S1-34)', () => {
  it('deletes its runs, their checkpoints and its own, and nothing of others', async () => {
    const store = new MemoryJournalStore()
    const manager = new StateManager(store)
    const [session, other] = [
      await manager.createSession({ task: 't', sessionId: 's' }),
      await manager.createSession({ task: 't', sessionId: 's2' }),
    ]
    for (const each of [session, session, other]) await each.run(echo())
    const runId = (await session.runId) as string
    await new Journal(echo(), { store }).checkpoint(runId, 'of the run')
    const checkpointId = await session.createCheckpoint('of the session')
    await manager.restoreCheckpoint(checkpointId)
    expect(await manager.deleteSession('s')).toBe(true)
    expect((await store.list()).runs.map(run => run.runId)).toEqual([await other.runId])
    expect([await store.documents(`checkpoints/${runId}`), await store.documents('session-checkpoints/s')]).toEqual([
      [],
      [],
    ])
    expect((await rejection(manager.restoreCheckpoint(checkpointId))).code).toBe('CHECKPOINT_UNKNOWN')
    expect((await rejection(session.status)).code).toBe('SESSION_UNKNOWN')
    expect(await manager.deleteSession('s')).toBe(false)
  })

  it('cancels a run that this process drives', async () => {
    const store = new MemoryJournalStore()
    const { entered, pass } = gate()
    const manager = new StateManager(store)
    const session = await manager.createSession({ task: 't', sessionId: 's' })
    const result = session.run(line([], pass))
    await entered
    await manager.deleteSession('s')
    expect((await rejection(result)).code).toBe('RUN_CANCELLED')
    expect((await store.list()).runs).toEqual([])
  })

  it('stops a run that another process drives, at its next step', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const calls: string[] = []
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    const result = session.run(line(calls, pass))
    await entered
    await new StateManager(store.reopen()).deleteSession('s')
    open()
    expect((await rejection(result)).code).toBe('RUN_UNKNOWN')
    expect(calls).toEqual(['Plan', 'Research'])
  })
})
