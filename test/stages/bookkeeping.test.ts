import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import type { OrchestrationFailedError } from '../../src/core/index.js'
import { retry } from '../../src/resilience/index.js'
import { BaseGraphState, concat, hashOfState, Orchestrator, type ProgressReport } from '../../src/stages/index.js'
import { EventRecorder, ManualClock, ScriptedModel } from '../../src/testing/index.js'
import { Notes, note, notes } from './states.js'

const agent = (replies: ConstructorParameters<typeof ScriptedModel>[0]) =>
  new Agent({ client: new ScriptedModel(replies), model: 'scripted', name: 'Speaker' })
const usage = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + outputTokens,
})

describe('S0-31 a state', () => {
  it('has the fields of a graph state, with their defaults', () => {
    expect(Object.fromEntries(Object.entries(new BaseGraphState()))).toEqual({
      subjectId: '',
      nodeReports: {},
      pastCritique: undefined,
      context: {},
      cycleCount: 0,
      maxCycles: undefined,
      latencies: {},
      usage: { promptTokens: 0, completionTokens: 0, totalTokens: 0 },
      executionPath: [],
      temporalContext: undefined,
      stateHash: undefined,
      parentHash: undefined,
    })
  })

  it('carries the moment that it is about', async () => {
    const orch = notes()
    orch.addNode('a', s => void s.notes.push(String(s.temporalContext?.asOf)))
    const temporalContext = { asOf: '2024-05-01T00:00:00Z', backtest: true }
    expect((await orch.run({ notes: [], temporalContext })).notes).toEqual(['2024-05-01T00:00:00Z'])
  })

  it('knows how long its stages took, over all visits', async () => {
    const clock = new ManualClock()
    const orch = notes()
    orch.addNode('slow', async (state, _progress, context) => {
      state.notes.push('x')
      await context.sleep(40)
      return state.notes.length < 2 ? 'slow' : 'fast'
    })
    orch.addNode('fast', () => undefined)
    orch.entryPoint = 'slow'
    const run = orch.orchestration.start({ notes: [] }, { clock })
    await clock.advance(100)
    expect((await run.result).latencies).toEqual({ slow: 80, fast: 0 })
  })

  it('knows what agents have used: in stages, in functions, in groups, and in tries that failed', async () => {
    const orch = notes()
    orch.addNode('ask', agent([{ text: 'a', usage: usage(10, 1) }]), { input: () => 'ask' })
    orch.addNode(
      'own',
      (_state, _progress, context) => {
        context.usage({ model: 'm', inputTokens: 100, outputTokens: 5 })
        if (context.attempt === 1) throw new Error('once more')
      },
      { interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })] },
    )
    orch.addNode('w1', agent([{ text: 'b', usage: usage(1000, 10) }]), { input: () => 'w1' })
    orch.addNode('w2', agent([{ text: 'c', usage: usage(2000, 20) }]), { input: () => 'w2' })
    orch.addParallelGroup('all', ['w1', 'w2'])
    orch.addEdge('ask', 'own').addEdge('own', 'all')
    const state = await orch.run({ notes: [] })
    expect(state.usage).toEqual({ promptTokens: 3210, completionTokens: 41, totalTokens: 3251 })
    expect(state.nodeReports).toEqual({ ask: 'a', w1: 'b', w2: 'c' })
    expect(Object.keys(state.latencies).sort()).toEqual(['ask', 'own', 'w1', 'w2'])
  })

  it.each([
    [{ usage: {} as never }, /usage must have promptTokens, completionTokens and totalTokens/],
    [{ usage: { promptTokens: 1, completionTokens: -1, totalTokens: 0 } }, /usage must have/],
    [{ cycleCount: -5 }, /cycleCount must not be less than 0/],
  ])('does not begin with figures that nothing could be added to: %o', async (input, message) => {
    const orch = notes()
    orch.addNode('a', note('a'))
    await expect(orch.run({ notes: [], ...input })).rejects.toThrow(message)
  })

  it('has a chain of hashes if asked for, which anybody can check', async () => {
    const orch = new Orchestrator({ state: Notes, hash: true })
    orch.addNode('a', note('a'))
    orch.addNode('b', note('b'))
    orch.addNode('w1', note('w1'))
    orch.addNode('w2', note('w2'))
    orch.addParallelGroup('all', ['w1', 'w2'], { merge: { notes: concat } })
    orch.addEdge('a', 'b').addEdge('b', 'all')
    const states: Notes[] = []
    orch.orchestration.on('state.completed', ({ stateName, output }) => {
      if (['a', 'b', 'all:join'].includes(stateName)) states.push(output as Notes)
    })
    const last = await orch.run({ notes: [] })
    expect(states.map(state => state.parentHash)).toEqual([undefined, states[0]?.stateHash, states[1]?.stateHash])
    for (const state of states) expect(await hashOfState(state)).toBe(state.stateHash)
    expect(last.stateHash).toMatch(/^[0-9a-f]{64}$/)
    const changed = Object.assign(new Notes(), last, { notes: ['forged'] })
    expect(await hashOfState(changed)).not.toBe(last.stateHash)
    // What varies from run to run is no part of it.
    const slower = Object.assign(new Notes(), last, { latencies: { a: 99 } })
    expect(await hashOfState(slower)).toBe(last.stateHash)
    const plain = notes()
    plain.addNode('a', note('a'))
    expect((await plain.run({ notes: [] })).stateHash).toBeUndefined()
  })
})

describe('S0-33 progress', () => {
  it('begins with the cycle, and reaches the callback and the stream', async () => {
    const heard: unknown[][] = []
    const orch = new Orchestrator({ state: Notes, onProgress: (...args) => void heard.push(args) })
    orch.addNode('a', (_state, progress) => progress(1, 'Analysis', 'RUNNING', 'looking', ['Ada']))
    const recorder = new EventRecorder(orch.orchestration)
    await orch.run({ notes: [], subjectId: 'Q-7' })
    const expected = [
      [0, 'Graph', 'START', 'Reasoning cycle for Q-7', undefined],
      [1, 'Analysis', 'RUNNING', 'looking', ['Ada']],
    ]
    expect(heard).toEqual(expected)
    const reports = recorder.events.flatMap(event =>
      event.type === 'custom' && event.name === 'progress' ? [event.data as ProgressReport] : [],
    )
    expect(reports.map(({ phaseId, details }) => [phaseId, details])).toEqual([
      [0, 'Reasoning cycle for Q-7'],
      [1, 'looking'],
    ])
  })

  it('harms no run if its listener throws', async () => {
    const warnings: string[] = []
    const orch = new Orchestrator({
      state: Notes,
      logger: { warn: message => void warnings.push(message) },
      onProgress: () => {
        throw new Error('screen is gone')
      },
    })
    orch.addNode('a', note('a'))
    expect((await orch.run({ notes: [] })).notes).toEqual(['a'])
    expect(warnings).toHaveLength(1)
  })
})

describe('S0-21 maxCycles', () => {
  const endless = (maxCycles?: number): Orchestrator<Notes> => {
    const orch = new Orchestrator({ state: Notes, name: 'Loop', ...(maxCycles === undefined ? {} : { maxCycles }) })
    orch.addNode('a', s => void s.notes.push('a'))
    orch.addNode('b', () => 'a')
    orch.addEdge('a', 'b')
    orch.entryPoint = 'a'
    return orch
  }
  const failure = (run: Promise<unknown>): Promise<Error> =>
    run.then(
      () => Promise.reject(new Error('it did not fail')),
      (error: OrchestrationFailedError) => error.cause as Error,
    )

  it('ends an endless loop as a failure, with the stages that looped and the state so far (XR-1)', async () => {
    const error = await failure(endless(5).run({ notes: [] }))
    expect(error).toMatchObject({
      code: 'NEVER_COMPLETES',
      details: {
        maxCycles: 5,
        visits: [
          { name: 'a', visits: 3 },
          { name: 'b', visits: 2 },
        ],
      },
    })
    expect(error.message).toMatch(/"Loop" never completes: it has visited 5 stages.*a \(3 times\), b \(2 times\)/)
    const { state } = (error as unknown as { details: { state: Notes } }).details
    expect(state).toBeInstanceOf(Notes)
    expect(state.notes).toEqual(['a', 'a', 'a'])
  })

  it('C8 counts visits of stages, 100 of them if nothing is said', async () => {
    expect((await failure(endless().run({ notes: [] }))).message).toMatch(
      /visited 100 stages, and its maxCycles is 100/,
    )
    const orch = new Orchestrator({ state: Notes, maxCycles: 4 })
    for (const [at, name] of ['a', 'b', 'c', 'd'].entries()) {
      orch.addNode(name, note(name))
      if (at > 0) orch.addEdge('abcd'[at - 1] as string, name)
    }
    expect((await orch.run({ notes: [] })).cycleCount).toBe(4)
  })

  it('is that of the state, if the state has one', async () => {
    expect((await failure(endless(50).run({ notes: [], maxCycles: 3 }))).message).toMatch(/its maxCycles is 3/)
  })

  it('does not begin a group that it has no room for', async () => {
    const begun: string[] = []
    const orch = new Orchestrator({ state: Notes, maxCycles: 2 })
    for (const name of ['a', 'w1', 'w2']) orch.addNode(name, () => void begun.push(name))
    orch.addParallelGroup('all', ['w1', 'w2'])
    orch.addEdge('a', 'all')
    expect(await failure(orch.run({ notes: [] }))).toMatchObject({ code: 'NEVER_COMPLETES' })
    expect(begun).toEqual(['a'])
  })

  it('is not needed for a cycle that nothing can end: that is refused before it runs', async () => {
    const orch = notes()
    orch.addNode('a', () => undefined, { jumps: [] })
    orch.addNode('b', () => undefined, { jumps: [] })
    orch.addEdge('a', 'b').addEdge('b', 'a').setEntryPoint('a')
    await expect(orch.run({ notes: [] })).rejects.toThrow(/the cycle a → b → a has no condition and no way out/)
  })
})

describe('S0-29 S0-30 a standard orchestrator', () => {
  it('starts at "ingestion", with 100 cycles and no time limit, unless its configuration says otherwise', async () => {
    const standard = Orchestrator.createStandard()
    standard.addNode('ingestion', () => undefined)
    expect((await standard.run({})).maxCycles).toBe(100)
    const other = Orchestrator.createStandard(7)
    other.addNode('ingestion', () => undefined)
    expect((await other.run({})).maxCycles).toBe(7)
    const configured = Orchestrator.createStandard({ maxCycles: 9, entryNode: 'intake' }, { state: Notes })
    configured.addNode('intake', note('in'))
    expect(await configured.run({ notes: [] })).toMatchObject({ maxCycles: 9, notes: ['in'] })
  })

  it('keeps its time limit, in seconds', async () => {
    const clock = new ManualClock()
    const orch = Orchestrator.createStandard({ timeout: 2 })
    orch.addNode('ingestion', (_s, _p, context) => context.sleep(5000).then(() => undefined))
    const run = orch.orchestration.start({}, { clock })
    await clock.advance(2000)
    await expect(run.result).rejects.toThrow(/did not complete within 2000 ms/)
  })
})
