import { describe, expect, it } from 'vitest'
import type { AgentRegistry } from '../../src/agents/index.js'
import { MemoryJournalStore, StateManager } from '../../src/durability/index.js'
import type { ScriptedReply } from '../../src/testing/index.js'
import { Orchestra } from '../../src/topology/index.js'
import { heard, registryOf, scripted } from './scripted-agents.js'

const topology = {
  nodes: ['User', 'Researcher', 'Analyst', 'Writer'],
  edges: ['User -> Researcher -> Analyst -> Writer -> User'],
}

/** Work that ends when the test says so, and tells when it has begun. */
function gate(reply: string) {
  let open!: () => void
  let enter!: () => void
  const opened = new Promise<void>(resolve => (open = resolve))
  const entered = new Promise<void>(resolve => (enter = resolve))
  const pass: ScriptedReply = async () => {
    enter()
    await opened
    return reply
  }
  return { open, entered, pass }
}

function crew(analysis: ScriptedReply = 'analysis', more: Record<string, ScriptedReply[]> = {}): AgentRegistry {
  return registryOf({ Researcher: ['research'], Analyst: [analysis], Writer: ['report'], ...more })
}

/** An orchestra of another process. */
function elsewhere(store: MemoryJournalStore, registry: AgentRegistry): Orchestra {
  return new Orchestra(registry, { stateManager: new StateManager(store.reopen()) })
}

describe('sessions of an orchestra', () => {
  it('S1-06 S1-29 are paused and resumed in one process; whoever waits for the run gets the same result', async () => {
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(new MemoryJournalStore()) })
    const told: string[] = []
    for (const name of ['RunPaused', 'RunResumed', 'RunCompleted', 'StepStarted'] as const) {
      orchestra.eventBus.subscribe(name, () => told.push(name))
    }
    const session = await orchestra.createSession({ task: 't' })
    expect(await session.status).toBe('pending')
    const running = session.run(topology)
    await work.entered
    const pausing = session.pause()
    work.open()
    expect([await pausing, await session.status]).toEqual([true, 'paused'])
    const resumed = await session.resume()
    expect([resumed.success, resumed.finalResponse, resumed.totalSteps]).toEqual([true, 'report', 3])
    expect(await running).toEqual(resumed)
    expect(told).toEqual(['StepStarted', 'StepStarted', 'RunPaused', 'RunResumed', 'StepStarted', 'RunCompleted'])
  })

  it('S1-35 can be paused in the same breath as they are started', async () => {
    const orchestra = new Orchestra(crew(), { stateManager: new StateManager(new MemoryJournalStore()) })
    const session = await orchestra.createSession({ task: 't' })
    const running = session.run(topology)
    expect([await session.pause(), await session.status]).toEqual([true, 'paused'])
    expect(await session.resume()).toEqual(await running)
  })

  it('S1-49 S1-59 have task, context, branches and steps in their state, and a result so far', async () => {
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(new MemoryJournalStore()) })
    const session = await orchestra.createSession({ task: 't', context: { style: 'brief' }, sessionId: 's' })
    const running = session.run(topology)
    await work.entered
    expect(await session.state).toMatchObject({
      sessionId: 's',
      task: 't',
      context: { style: 'brief' },
      totalSteps: 3,
      activeTasks: ['0:0.0:1'],
      completedBranches: [],
    })
    expect(await session.resultSoFar).toMatchObject({
      success: false,
      finalResponse: 'research',
      totalSteps: 2,
      branchResults: [{ success: false, metadata: { outcome: 'running' } }],
      metadata: { status: 'running', completedBranches: 0 },
    })
    work.open()
    expect((await running).success).toBe(true)
  })

  it('S1-31 S1-32 S1-36 go back to a checkpoint that was made while they ran', async () => {
    const store = new MemoryJournalStore()
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(store) })
    const session = await orchestra.createSession({ task: 't', sessionId: 's' })
    const running = session.run(topology)
    await work.entered
    const checkpointId = await orchestra.createCheckpoint(session.id, 'phase_1_complete')
    work.open()
    expect((await running).finalResponse).toBe('report')
    const other = elsewhere(store, crew('another analysis', { Writer: ['another report'] }))
    const state = await other.restoreCheckpoint(checkpointId)
    expect(state).toMatchObject({ name: 'phase_1_complete', totalSteps: 3, activeTasks: ['0:0.0:1'] })
    const result = await other.resumeSession('s')
    expect([result.success, result.finalResponse, result.totalSteps]).toEqual([true, 'another report', 3])
    const [trace] = result.branchResults.map(({ executionTrace }) => executionTrace.map(({ response }) => response))
    expect(trace).toEqual(['research', 'another analysis', 'another report'])
  })

  it('S1-60 go on with a modified topology, in another process, and keep it from then on', async () => {
    const store = new MemoryJournalStore()
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(store) })
    const session = await orchestra.createSession({ task: 't', sessionId: 's' })
    void session.run(topology)
    await work.entered
    const pausing = session.pause()
    work.open()
    await pausing

    const modified = {
      nodes: [...topology.nodes, 'Editor', 'Publisher'],
      edges: ['User -> Researcher -> Analyst -> Writer -> Editor -> Publisher -> User'],
    }
    const editing = gate('edited')
    const registry = crew('analysis', { Editor: [editing.pass], Publisher: ['published'] })
    const second = elsewhere(store, registry)
    await expect(second.resumeSession('s', { topology: modified, allowModified: false })).rejects.toMatchObject({
      code: 'DEFINITION_CHANGED',
    })
    void second.resumeSession('s', { topology: modified }).catch(() => undefined)
    await editing.entered
    const pausingAgain = second.pauseSession('s')
    editing.open()
    expect(await pausingAgain).toBe(true)

    const third = elsewhere(store, registry)
    const result = await third.resumeSession('s')
    expect(result).toMatchObject({ success: true, finalResponse: 'published', totalSteps: 5 })
    expect(result.metadata.topologyNodes).toBe(6)
  })

  it('S1-60 go on with a modified topology in the process that had paused them', async () => {
    const work = gate('analysis')
    const registry = crew(work.pass, { Editor: ['edited'] })
    const orchestra = new Orchestra(registry, { stateManager: new StateManager(new MemoryJournalStore()) })
    const session = await orchestra.createSession({ task: 't' })
    const running = session.run(topology)
    await work.entered
    const pausing = session.pause()
    work.open()
    await pausing
    const modified = {
      nodes: [...topology.nodes, 'Editor'],
      edges: ['User -> Researcher -> Analyst -> Writer -> Editor -> User'],
    }
    const result = await session.resume({ topology: modified })
    expect([result.finalResponse, result.totalSteps]).toEqual(['edited', 4])
    expect(await running).toEqual(result)
  })

  it('resume with agents that only their nodes know, as long as the process is there', async () => {
    const work = gate('analysis')
    const orchestra = new Orchestra(crew('never asked'), { stateManager: new StateManager(new MemoryJournalStore()) })
    const session = await orchestra.createSession({ task: 't' })
    const nodes = ['User', scripted('First', work.pass), scripted('Second', 'second')]
    const running = session.run({ nodes, edges: ['User -> First -> Second -> User'] })
    await work.entered
    const pausing = session.pause()
    work.open()
    await pausing
    expect((await orchestra.resumeSession(session.id)).finalResponse).toBe('second')
    expect((await running).success).toBe(true)
  })

  it('S1-36 name the agents that another process does not have', async () => {
    const store = new MemoryJournalStore()
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(store) })
    const session = await orchestra.createSession({ task: 't', sessionId: 's' })
    void session.run(topology)
    await work.entered
    const pausing = session.pause()
    work.open()
    await pausing
    const other = elsewhere(store, registryOf({ Researcher: [], Analyst: [], Wrighter: [] }))
    await expect(other.resumeSession('s')).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' })
    await expect(other.resumeSession('s')).rejects.toThrow('Wrighter')
  })

  it('S1-42 a run that fails has a result there too, and resuming it gives the same one', async () => {
    const store = new MemoryJournalStore()
    const orchestra = new Orchestra(crew(new Error('no ink')), { stateManager: new StateManager(store) })
    const session = await orchestra.createSession({ task: 't', sessionId: 's' })
    const result = await session.run(topology)
    expect(result).toMatchObject({ success: false, finalResponse: 'research', metadata: { status: 'failed' } })
    expect(result.error).toContain('no ink')
    expect(await elsewhere(store, crew()).resumeSession('s')).toEqual(result)
  })

  it('have one run at a time; a second one is refused and does not disturb the first', async () => {
    const work = gate('analysis')
    const orchestra = new Orchestra(crew(work.pass), { stateManager: new StateManager(new MemoryJournalStore()) })
    const session = await orchestra.createSession({ task: 't' })
    const steps: string[] = []
    orchestra.eventBus.subscribe('StepCompleted', ({ agent }) => steps.push(agent))
    const running = session.run(topology)
    await work.entered
    await expect(session.run(topology)).rejects.toMatchObject({ code: 'SESSION_BUSY' })
    work.open()
    expect((await running).success).toBe(true)
    expect(steps).toEqual(['Researcher', 'Analyst', 'Writer'])
  })

  it('S1-49 every execute() of an orchestra with a state manager is kept under the session id of its context', async () => {
    const stateManager = new StateManager(new MemoryJournalStore())
    const registry = registryOf({ Writer: ['one', 'two'] })
    const orchestra = new Orchestra(registry, { stateManager })
    const short = { nodes: ['User', 'Writer'], edges: ['User -> Writer'] }
    const context = { session_id: '123', user_id: 'user_456' }
    await orchestra.execute({ task: 'first', topology: short, context })
    expect(await stateManager.listSessions()).toMatchObject([{ sessionId: '123', status: 'completed', task: 'first' }])
    // The same id again is another run of that session.
    const second = await orchestra.execute({ task: 'second', topology: short, context })
    expect([second.finalResponse, second.metadata.sessionId]).toEqual(['two', '123'])
    expect(await (await stateManager.openSession('123')).runIds).toHaveLength(2)
    expect(heard(registry, 'Writer')[1]).toContain('second')
  })

  it('need a state manager', async () => {
    const orchestra = new Orchestra(crew())
    await expect(orchestra.createSession({ task: 't' })).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(orchestra.resumeSession('s')).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(orchestra.pauseSession('s')).rejects.toMatchObject({ code: 'STORE_MISSING' })
    await expect(orchestra.restoreCheckpoint('s/c')).rejects.toMatchObject({ code: 'STORE_MISSING' })
  })

  it('tell whose run it is not', async () => {
    const stateManager = new StateManager(new MemoryJournalStore())
    const orchestra = new Orchestra(crew(), { stateManager })
    await orchestra.createSession({ task: 't', sessionId: 's' })
    await expect(orchestra.resumeSession('s')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
    await expect(orchestra.resumeSession('none')).rejects.toMatchObject({ code: 'SESSION_UNKNOWN' })
  })
})
