import { describe, expect, it } from 'vitest'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { END, Orchestrator } from '../../src/stages/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Notes, note } from './states.js'

const desk = (options: { readonly store?: MemoryJournalStore } = {}): Orchestrator<Notes> => {
  const orch = new Orchestrator({ state: Notes, name: 'Desk', ...options })
  orch.addNode('draft', note('draft'))
  orch.addHumanStage('review', {
    message: state => `Publish ${state.notes.join()}?`,
    timeoutMs: 1000,
    approve: 'publish',
    reject: 'shelve',
    expire: END,
  })
  orch.addNode('publish', note('publish'))
  orch.addNode('shelve', note('shelve'))
  orch.addEdge('draft', 'review')
  orch.entryPoint = 'draft'
  return orch
}

describe('S0-28 a human stage', () => {
  it('asks a person, and goes where the answer leads', async () => {
    for (const [answer, last] of [
      ['approve', 'publish'],
      ['reject', 'shelve'],
    ] as const) {
      const run = desk().orchestration.start({ notes: [] })
      await new Promise(resolve => run.on('state.waiting', resolve))
      expect(run.requests).toMatchObject([{ kind: 'approval', stateName: 'review', message: 'Publish draft?' }])
      await run[answer]('review', { by: 'Ada', comment: 'seen' })
      const state = await run.result
      expect(state.notes).toEqual(['draft', last])
      expect(state.executionPath).toEqual(['draft', 'review', last])
      expect(state.nodeReports['review']).toEqual({
        outcome: answer === 'approve' ? 'approved' : 'rejected',
        by: 'Ada',
        comment: 'seen',
      })
    }
  })

  it('is never taken for approved when nobody answers in time', async () => {
    const clock = new ManualClock()
    const run = desk().orchestration.start({ notes: [] }, { clock })
    await clock.advance(1000)
    const state = await run.result
    expect(state.notes).toEqual(['draft'])
    expect(state.nodeReports['review']).toEqual({ outcome: 'expired' })
    expect(state.latencies['review']).toBe(1000)
  })

  it('follows its edges when approved, if nothing else is said, and writes what its author likes', async () => {
    const orch = new Orchestrator({ state: Notes })
    orch.addHumanStage('review', {
      subject: state => state.notes.length,
      message: count => `${count} notes?`,
      reject: END,
      output: (state, outcome) => void state.notes.push(`${outcome.outcome} ${outcome.subject}`),
    })
    orch.addNode('next', note('next'))
    orch.addEdge('review', 'next').setEntryPoint('review')
    const run = orch.orchestration.start({ notes: ['one'] })
    await new Promise(resolve => run.on('state.waiting', resolve))
    expect(run.requests[0]?.message).toBe('1 notes?')
    await run.approve('review')
    expect((await run.result).notes).toEqual(['one', 'approved 1', 'next'])
    expect(() => new Orchestrator({ state: Notes }).addHumanStage('x', {} as never)).toThrow(/reject of "x"/)
  })
})

describe('a run that is kept in a store', () => {
  it('waits for its person without a process, and goes on in a new definition with instances and notes', async () => {
    const store = new MemoryJournalStore()
    const first = desk({ store }).orchestration.start({ notes: [] }, { runId: 'r' })
    await new Promise(resolve => first.on('state.waiting', resolve))
    await first.pause()
    await store.close()

    const later = store.reopen()
    const orch = desk({ store: later })
    const journal = new Journal(orch.orchestration, { store: later })
    const { requests } = await journal.requests({ runId: 'r' })
    expect(requests).toHaveLength(1)
    await journal.approve('r', requests[0]?.requestId as string, { by: 'Ada' })
    const state = await (await orch.orchestration.resume('r')).result
    expect(state).toBeInstanceOf(Notes)
    expect(state).toMatchObject({ notes: ['draft', 'publish'], cycleCount: 3 })
    expect(state.executionPath).toEqual(['draft', 'review', 'publish'])
  })

  it('counts what was used before a crash, and does not begin what was done again', async () => {
    const store = new MemoryJournalStore()
    const done: string[] = []
    let life = 1
    const make = (): Orchestrator<Notes> => {
      const orch = new Orchestrator({ state: Notes, name: 'Crash', store })
      orch.addNode('first', (_s, _p, context) => {
        done.push('first')
        context.usage({ model: 'm', inputTokens: 10, outputTokens: 1 })
      })
      orch.addNode('w1', (_s, _p, context) => {
        done.push('w1')
        context.usage({ model: 'm', inputTokens: 100, outputTokens: 10 })
      })
      orch.addNode('w2', async (state, _p, context) => {
        context.usage({ model: 'm', inputTokens: 1000, outputTokens: 100 })
        if (life === 1) await context.sleep(1e9)
        state.score = 1
      })
      orch.addParallelGroup('all', ['w1', 'w2'])
      orch.addEdge('first', 'all').setEntryPoint('first')
      return orch
    }
    const run = make().orchestration.start({ notes: [] }, { runId: 'c' })
    await new Promise<void>(resolve => run.on('join.waiting', () => resolve()))
    await new Promise(resolve => setImmediate(resolve))
    // The process is gone: nobody drives the run any more.
    await store.close()
    life = 2
    const reopened = store.reopen()
    const orch = make()
    const again = await orch.orchestration.resume('c', { store: reopened })
    const state = await again.result
    expect(done).toEqual(['first', 'w1'])
    expect(state.score).toBe(1)
    expect(state.executionPath).toEqual(['first', 'parallel:all', 'all:w1', 'all:w2'])
    // The try that the crash cut off has cost something too.
    expect(state.usage).toEqual({ promptTokens: 2110, completionTokens: 211, totalTokens: 2321 })
  })
})
