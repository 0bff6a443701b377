import { describe, expect, it } from 'vitest'
import { Journal, MemoryJournalStore, type NewSession, StateManager } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { machine, rejection, step } from '../core/machines.js'
import { branches, gate, line, reviewed } from './session-machines.js'

const echo = () => machine<string, string>(step<string, string>('Echo', text => `<${text}>`))

describe('a session', () => {
  it('S1-27 S1-28 S1-29 has an id, runs an orchestration on its task, and returns the output', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 'AI in healthcare' })
    expect(session.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await session.status).toBe('pending')
    expect(await session.run(echo())).toBe('<AI in healthcare>')
    expect(await session.run(echo(), 'another input')).toBe('<another input>')
    expect([await session.status, (await session.runIds).length]).toEqual(['completed', 2])
    expect((await session.runIds)[1]).toBe(await session.runId)
  })

  it('S1-28 S1-30 C17 takes its id from the argument, else from the context, and changes nothing of what it is given', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const context = Object.freeze({ session_id: 'analysis_123', user_id: 'u' })
    const ids = [
      (await manager.createSession({ task: 't', context, sessionId: 'argument' })).id,
      (await manager.createSession({ task: 't', context })).id,
      (await manager.createSession({ task: 't', context: { sessionId: 'camel', session_id: 'snake' } })).id,
    ]
    expect(ids).toEqual(['argument', 'analysis_123', 'camel'])
    expect(context).toEqual({ session_id: 'analysis_123', user_id: 'u' })
  })

  it('S1-51 MA-6 gives its states the context and its own id, and its runs its label', async () => {
    const store = new MemoryJournalStore()
    const manager = new StateManager(store)
    const seen = machine<string, unknown>(
      step<string, unknown>('See', (_, { properties }) =>
        ['sessionId', 'session_id', 'style'].map(key => properties.get(key)),
      ),
    )
    const context = { session_id: 'other', style: 'brief' }
    const session = await manager.createSession({ task: 't', sessionId: 's', context })
    expect(await session.run(seen)).toEqual(['s', 's', 'brief'])
    expect(session.context).toEqual(context)
    const { runs } = await store.list({ tags: { session: 's' } })
    expect(runs.map(run => run.runId)).toEqual([await session.runId])
  })

  it('MA-7 keeps task and context as they were, for whoever opens it', async () => {
    const store = new MemoryJournalStore()
    class Brief {
      constructor(readonly topic: string) {}
    }
    const options = { classes: [Brief] }
    const context = { since: new Date(0), tags: new Set(['a']), nested: { list: [1, undefined] } }
    await new StateManager(store, options).createSession({ task: new Brief('AI'), context, sessionId: 's' })
    context.nested.list.push(2)
    const session = await new StateManager(store.reopen(), options).openSession('s')
    expect(session.task).toStrictEqual(new Brief('AI'))
    expect(session.context).toStrictEqual({ ...context, nested: { list: [1, undefined] } })
  })

  it.each<[string, Partial<NewSession>]>([
    ['an empty id', { sessionId: '' }],
    ['a path', { sessionId: '../../etc/passwd' }],
    ['a backslash', { sessionId: 'a\\b' }],
    ['the directory itself', { sessionId: '..' }],
    ['a control character', { sessionId: 'a\u0000' }],
    ['a long id', { sessionId: 'x'.repeat(201) }],
    ['an id in the context that is none', { context: { session_id: 7 } }],
  ])('MA-14 refuses %s', async (_, session) => {
    const store = new MemoryJournalStore()
    const error = await rejection(new StateManager(store).createSession({ task: 't', ...session }))
    expect([error.code, await store.documents('sessions')]).toEqual(['NAME_INVALID', []])
  })

  it('refuses what cannot be stored, and leaves nothing behind', async () => {
    const store = new MemoryJournalStore()
    const manager = new StateManager(store)
    const error = await rejection(manager.createSession({ task: 't', context: { callback: () => undefined } }))
    expect([error.code, await manager.listSessions()]).toEqual(['PAYLOAD_NOT_SERIALIZABLE', []])
  })

  it('exists once: of two processes that create it, one is told', async () => {
    const store = new MemoryJournalStore()
    const create = () => new StateManager(store.reopen()).createSession({ task: 't', sessionId: 's' })
    const outcomes = await Promise.allSettled([create(), create()])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await rejection(create())).code).toBe('SESSION_EXISTS')
  })

  it('has one run at a time: of two processes that start one, one is told', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    const start = async () => (await new StateManager(store.reopen()).openSession('s')).run(line([], pass))
    const outcomes = [start(), start(), start()].map(each =>
      each.then(
        output => output,
        (error: { code: string }) => error.code,
      ),
    )
    await entered
    expect((await rejection(start())).code).toBe('SESSION_BUSY')
    open()
    const ended = await Promise.all(outcomes)
    expect(ended.filter(each => each === 't, planned, researched, written')).toHaveLength(1)
    expect(ended.filter(each => ['RUN_EXISTS', 'SESSION_BUSY'].includes(each))).toHaveLength(2)
    expect((await store.list()).runs).toHaveLength(1)
  })

  it('tells the events of all the runs that this process drives (S1-61)', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const [session, other] = [await manager.createSession({ task: 'a' }), await manager.createSession({ task: 'b' })]
    const told: string[] = []
    session.events$.subscribe(event => told.push(event.type))
    await session.run(echo())
    await other.run(echo())
    await session.run(echo())
    expect(told.filter(type => type.startsWith('orchestration'))).toEqual([
      'orchestration.started',
      'orchestration.completed',
      'orchestration.started',
      'orchestration.completed',
    ])
  })

  it('is SESSION_UNKNOWN where it is not', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const codes = [
      manager.openSession('no'),
      manager.pauseSession('no'),
      manager.resumeSession('no', echo()),
      manager.createCheckpoint('no', 'milestone'),
      manager.listCheckpoints('no'),
    ].map(async each => (await rejection(each)).code)
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['SESSION_UNKNOWN']))
    expect(await manager.deleteSession('no')).toBe(false)
  })

  it('S1-59 S1-49 is saved after each branch: another process sees what is done while the rest is under way', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const context = { style: 'brief' }
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's', context })
    const result = session.run(branches(pass))
    await entered
    const state = await (await new StateManager(store.reopen()).openSession('s')).state
    expect(state).toMatchObject({
      sessionId: 's',
      task: 't',
      context,
      status: 'running',
      totalSteps: 3,
      outputs: { Start: 't', Quick: 'quick' },
      properties: { style: 'brief', sessionId: 's' },
    })
    const slow = state.branches.find(branch => branch.stateName === 'Slow')
    expect(state.branches.map(({ stateName, phase }) => [stateName, phase])).toContainEqual(['All', 'joining'])
    expect(state.activeTasks).toEqual([slow?.token])
    const start = state.events.find(event => event.type === 'state.started')
    expect(slow?.parent).toBe(start?.type === 'state.started' ? start.token : undefined)
    open()
    expect(await result).toEqual(['quick', 'slow'])
    const ended = await session.state
    expect(ended).toMatchObject({ status: 'completed', output: ['quick', 'slow'], branches: [], activeTasks: [] })
    expect(ended.completedBranches.map(branch => branch.outcome)).toContain('joined')
  })
})

describe('pausing and resuming a session', () => {
  it('S1-29 S1-35 pauses when the states at work are done, and goes on in this process', async () => {
    const { open, entered, pass } = gate()
    const calls: string[] = []
    const orchestration = line(calls, pass)
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    const result = session.run(orchestration)
    await entered
    const paused = session.pause()
    open()
    expect([await paused, await session.status, calls]).toEqual([true, 'paused', ['Plan', 'Research']])
    expect(await session.pause()).toBe(true)
    expect(await session.resume(orchestration)).toBe('t, planned, researched, written')
    expect([await result, calls]).toEqual(['t, planned, researched, written', ['Plan', 'Research', 'Write']])
  })

  it('can be paused right after it was started', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    const calls: string[] = []
    const result = session.run(line(calls))
    expect(await session.pause()).toBe(true)
    const before = [...calls]
    expect(before).not.toContain('Write')
    expect(await session.resume(line(calls))).toBe(await result)
    expect(calls).toEqual(['Plan', 'Research', 'Write'])
  })

  it('can be paused right after it was resumed', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    const calls: string[] = []
    const orchestration = line(calls)
    const result = session.run(orchestration)
    await session.pause()
    void session.resume(orchestration)
    expect([await session.pause(), await session.status]).toEqual([true, 'paused'])
    expect(calls).not.toContain('Write')
    expect(await session.resume(orchestration)).toBe(await result)
  })

  it('S1-36 goes on in another process after a restart; what was done is not done again', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const calls: string[] = []
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    void session.run(line(calls, pass))
    await entered
    const paused = session.pause()
    open()
    await paused
    await store.close()
    const manager = new StateManager(store.reopen())
    expect((await manager.listSessions())[0]).toMatchObject({ sessionId: 's', status: 'paused', paused: true })
    expect(await manager.resumeSession('s', line(calls))).toBe('t, planned, researched, written')
    expect(calls).toEqual(['Plan', 'Research', 'Write'])
    expect(await manager.resumeSession('s', line(calls))).toBe('t, planned, researched, written')
  })

  it('S1-36 goes on after a crash; only what was under way begins again', async () => {
    const store = new MemoryJournalStore()
    const { entered, pass } = gate()
    const calls: string[] = []
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    session.run(line(calls, pass)).catch(() => undefined)
    await entered
    await store.close()
    const manager = new StateManager(store.reopen())
    expect(await manager.pauseSession('s')).toBe(false)
    expect(await (await manager.openSession('s')).resume(line(calls))).toBe('t, planned, researched, written')
    expect(calls).toEqual(['Plan', 'Research', 'Research', 'Write'])
  })

  it('tells a second process that somebody drives it', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    const result = session.run(line([], pass))
    await entered
    const other = new StateManager(store.reopen())
    expect((await rejection(other.resumeSession('s', line([])))).code).toBe('RUN_BUSY')
    open()
    await result
  })

  it('S1-35 is paused by another process if it was created for that', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const calls: string[] = []
    const driver = new StateManager(store, { pollMs: 5 })
    const session = await driver.createSession({ task: 't', sessionId: 's', enablePause: true })
    void session.run(line(calls, pass)).catch(() => undefined)
    await entered
    const other = new StateManager(store.reopen(), { pollMs: 5 })
    const paused = other.pauseSession('s')
    await expect.poll(async () => (await store.documents('run-wishes'))[0]?.data).toContain('accepted')
    open()
    expect(await paused).toBe(true)
    expect([calls, await store.documents('run-wishes')]).toEqual([['Plan', 'Research'], []])
    expect(await other.resumeSession('s', line(calls))).toBe('t, planned, researched, written')
  })

  it('leaves the process of whoever waits for the pause a break, however short its patience', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const driver = new StateManager(store, { pollMs: 5 })
    const session = await driver.createSession({ task: 't', sessionId: 's', enablePause: true })
    void session.run(line([], pass)).catch(() => undefined)
    await entered
    const paused = new StateManager(store.reopen(), { pollMs: 5 }).pauseSession('s')
    await expect.poll(async () => (await store.documents('run-wishes'))[0]?.data).toContain('accepted')
    const there = store.reopen()
    const claim = there.claim.bind(there)
    let claims = 0
    there.claim = runId => {
      if (++claims > 1000) throw new Error('It asks without a break.')
      return claim(runId)
    }
    const impatient = new StateManager(there).pauseSession('s', { timeoutMs: 0 })
    setImmediate(open)
    expect([await paused, await impatient]).toEqual([true, true])
  })

  it('says honestly when it cannot be paused', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const driver = new StateManager(store)
    const other = new StateManager(store.reopen(), { pollMs: 5 })
    const closed = await driver.createSession({ task: 't', sessionId: 'closed' })
    expect(await other.pauseSession('closed')).toBe(false)
    const result = closed.run(line([], pass))
    await entered
    expect(await other.pauseSession('closed')).toBe(false)
    open()
    await result
    expect([await closed.pause(), await other.pauseSession('closed')]).toEqual([false, false])
  })

  it('gives up when whoever drives the run does not react', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const orchestration = line([], pass)
    const manager = new StateManager(store, { pollMs: 5 })
    const session = await manager.createSession({ task: 't', sessionId: 's', enablePause: true })
    const first = session.run(orchestration)
    await session.pause()
    await store.close()
    first.catch(() => undefined)
    // As a worker does that recovers runs and knows nothing of sessions.
    const worker = store.reopen()
    const [run] = [await orchestration.resume((await worker.list()).runs[0]?.runId as string, { store: worker })]
    await entered
    const other = new StateManager(store.reopen(), { pollMs: 5 })
    expect(await other.pauseSession('s', { timeoutMs: 30 })).toBe(false)
    expect(await worker.documents('run-wishes')).toEqual([])
    open()
    await run.result
  })

  it('is not held up by a process that paused it and still has it', async () => {
    const store = new MemoryJournalStore()
    const first = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    const left = rejection(first.run(reviewed()))
    await expect.poll(() => first.current?.requests.length).toBe(1)
    await first.pause()
    const other = store.reopen()
    const second = await new StateManager(other).openSession('s')
    const result = second.resume(reviewed())
    await expect.poll(() => second.current?.requests.length).toBe(1)
    await new Journal(reviewed(), { store: store.reopen() }).approve((await second.runId) as string, 'Review')
    expect(await result).toBe('t, drafted, published')
    // Which of the two depends on whether the second is still at it when the first hears of the answer.
    expect((await left).code).toMatch(/^RUN_(BUSY|CONFLICT)$/)
    expect(await first.resume(reviewed())).toBe('t, drafted, published')
  })

  it('S1-60 goes on under another definition in the process that has paused it, if that is asked for', async () => {
    const { open, entered, pass } = gate()
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    const first: string[] = []
    void session.run(line(first, pass))
    await entered
    const pausing = session.pause()
    open()
    expect(await pausing).toBe(true)
    const then: string[] = []
    expect(await session.resume(line(then), { allowModified: true })).toBe('t, planned, researched, written')
    expect([first, then]).toEqual([['Plan', 'Research'], ['Write']])
  })

  it('answers what it waits for through the run at hand', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't', sessionId: 's' })
    const result = session.run(reviewed())
    await expect.poll(() => session.current?.requests.length).toBe(1)
    await session.current?.approve('Review')
    expect(await result).toBe('t, drafted, published')
    expect(session.current).toBeUndefined()
  })
})

describe('checkpoints of a session', () => {
  it('S1-31 S1-32 C34 are made while it runs, tell where it was, and are where it goes on from', async () => {
    const store = new MemoryJournalStore()
    const { open, entered, pass } = gate()
    const calls: string[] = []
    const manager = new StateManager(store)
    const session = await manager.createSession({ task: 't', sessionId: 's', context: { style: 'brief' } })
    const result = session.run(line(calls, pass))
    await entered
    const checkpointId = await manager.createCheckpoint('s', 'milestone_1')
    open()
    await result
    const original = await session.runId
    const journal = await store.read(original as string)
    const state = await new StateManager(store.reopen()).restoreCheckpoint(checkpointId)
    expect(state).toMatchObject({
      checkpointId,
      name: 'milestone_1',
      sessionId: 's',
      task: 't',
      context: { style: 'brief' },
      runId: original,
      status: 'running',
      orchestration: 'Line',
      totalSteps: 2,
      outputs: { Plan: 't, planned' },
      branches: [{ stateName: 'Research', phase: 'working', input: 't, planned' }],
    })
    expect(await session.status).toBe('paused')
    expect((await session.state).seq).toBe(state.seq)
    calls.length = 0
    expect(await manager.resumeSession('s', line(calls))).toBe('t, planned, researched, written')
    expect(calls).toEqual(['Research', 'Write'])
    expect(await session.runId).not.toBe(original)
    expect(await store.get((await session.runId) as string)).toMatchObject({
      parent: { runId: original, seq: state.seq },
    })
    expect(await store.read(original as string)).toEqual(journal)
    await manager.restoreCheckpoint(checkpointId)
    calls.length = 0
    await session.resume(line(calls))
    expect(calls).toEqual(['Research', 'Write'])
    expect(await session.runIds).toHaveLength(3)
  })

  it('MA-14 have ids of their own, also under one name in one millisecond', async () => {
    const clock = new ManualClock()
    const manager = new StateManager(new MemoryJournalStore(), { clock })
    const session = await manager.createSession({ task: 't', sessionId: 's' })
    await session.run(echo())
    const ids = await Promise.all(Array.from({ length: 5 }, () => session.createCheckpoint('same')))
    expect(new Set(ids).size).toBe(5)
    const listed = await manager.listCheckpoints('s')
    expect(listed.map(({ checkpointId }) => checkpointId).sort()).toEqual([...ids].sort())
    expect(listed[0]).toMatchObject({ name: 'same', sessionId: 's', runId: await session.runId })
  })

  it.each([[''], ['../x'], ['a/b'], ['..'], ['a\nb']])('refuse the name %j', async name => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    await session.run(echo())
    expect((await rejection(session.createCheckpoint(name))).code).toBe('NAME_INVALID')
  })

  it.each([['no'], ['s/no'], ['../s/0'], ['s/a/b'], ['__proto__'], ['/'], ['']])(
    'are CHECKPOINT_UNKNOWN where there is none: %j',
    async id => {
      const manager = new StateManager(new MemoryJournalStore())
      await (await manager.createSession({ task: 't', sessionId: 's' })).run(echo())
      expect((await rejection(manager.restoreCheckpoint(id))).code).toBe('CHECKPOINT_UNKNOWN')
    },
  )

  it('need a run', async () => {
    const manager = new StateManager(new MemoryJournalStore())
    const session = await manager.createSession({ task: 't' })
    const codes = [session.createCheckpoint('a'), session.resume(echo()), session.state].map(
      async each => (await rejection(each)).code,
    )
    expect(await Promise.all(codes)).toEqual(['RUN_UNKNOWN', 'RUN_UNKNOWN', 'RUN_UNKNOWN'])
  })

  it('cancel what this process drives when it goes back, and refuse while another one drives', async () => {
    const store = new MemoryJournalStore()
    const { entered, pass } = gate()
    const manager = new StateManager(store)
    const session = await manager.createSession({ task: 't', sessionId: 's' })
    const result = session.run(line([], pass))
    await entered
    const id = await session.createCheckpoint('milestone')
    expect((await rejection(new StateManager(store.reopen()).restoreCheckpoint(id))).code).toBe('RUN_BUSY')
    await manager.restoreCheckpoint(id)
    expect((await rejection(result)).code).toBe('RUN_CANCELLED')
    expect((await rejection(session.run(line([])))).code).toBe('SESSION_BUSY')
    expect(await session.resume(line([]))).toBe('t, planned, researched, written')
  })

  it('end the run that is left, so that nobody is asked twice and nobody takes it up', async () => {
    const store = new MemoryJournalStore()
    const manager = new StateManager(store)
    const session = await manager.createSession({ task: 't', sessionId: 's' })
    session.run(reviewed()).catch(() => undefined)
    await expect.poll(async () => (await store.requests()).requests.length).toBe(1)
    const id = await session.createCheckpoint('asked')
    const left = (await session.runId) as string
    await store.close()
    const calls: string[] = []
    const other = new StateManager(store.reopen())
    await other.restoreCheckpoint(id)
    const resumed = other.resumeSession('s', reviewed(calls))
    const reopened = await other.openSession('s')
    await expect.poll(() => reopened.current?.requests.length).toBe(1)
    const { requests } = await store.reopen().requests()
    expect(requests.map(({ runId }) => runId)).toEqual([await reopened.runId])
    expect((await store.reopen().get(left))?.status).toBe('cancelled')
    await reopened.current?.approve('Review')
    expect([await resumed, calls]).toEqual(['t, drafted, published', ['Publish']])
  })

  it('lead to one run, also when two processes go on from there at once', async () => {
    const store = new MemoryJournalStore()
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    await session.run(line([]))
    const { runId } = await session.state
    const id = await session.createCheckpoint('end')
    await new StateManager(store).restoreCheckpoint(id)
    const resume = () =>
      new StateManager(store.reopen()).resumeSession('s', line([])).catch((error: { code: string }) => error.code)
    const outcomes = await Promise.all([resume(), resume(), resume()])
    expect(outcomes.filter(each => each !== 'RUN_BUSY')).toContain('t, planned, researched, written')
    expect(await session.runIds).toEqual([runId, await session.runId])
  })

  it('S1-60 lead on under a definition that has changed, if that is allowed', async () => {
    const store = new MemoryJournalStore()
    const { entered, pass } = gate()
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    session.run(line([], pass)).catch(() => undefined)
    await entered
    const checkpointId = await session.createCheckpoint('milestone')
    await store.close()
    const manager = new StateManager(store.reopen())
    await manager.restoreCheckpoint(checkpointId)
    const changed = () => {
      const sign = step<string, string>('Sign', text => `${text}, signed`)
      const research = step<string, string>('Research', text => `${text}, looked up`).addAdvancer(sign)
      const plan = step<string, string>('Plan', text => text).addAdvancer(research)
      return machine<string, string>(plan, research, sign).configure({ name: 'Line' })
    }
    expect((await rejection(manager.resumeSession('s', changed()))).code).toBe('DEFINITION_CHANGED')
    const output = await manager.resumeSession('s', changed(), { allowModified: true })
    expect(output).toBe('t, planned, looked up, signed')
  })

  it('give values back as plain data, without their classes', async () => {
    class Report {
      constructor(
        readonly title: string,
        readonly at: Date,
      ) {}
    }
    const orchestration = machine<string, Report>(
      step<string, Report>('Report', title => new Report(title, new Date(0))),
    ).configure({ name: 'Reporting', classes: [Report] })
    const store = new MemoryJournalStore()
    const session = await new StateManager(store).createSession({ task: 't', sessionId: 's' })
    await session.run(orchestration)
    const state = await session.state
    expect(state.output).toStrictEqual({ title: 't', at: new Date(0) })
  })
})
