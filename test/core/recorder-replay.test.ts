import { describe, expect, it } from 'vitest'
import { joinScopesOf } from '../../src/core/engine/join-scopes.js'
import { createRunState, type RunState } from '../../src/core/engine/run-state.js'
import { step as applyFact } from '../../src/core/engine/step.js'
import { StepOutput } from '../../src/core/engine/step-output.js'
import {
  ApprovalRunnable,
  CollectRunnable,
  DelayRunnable,
  type Fact,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationGraph,
  type OrchestrationRun,
  type RunRecorder,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { forwarded } from '../../src/core/internal.js'
import { retry } from '../../src/resilience/index.js'
import { EventRecorder, FactRecorder, ManualClock, type RecordedTurn } from '../../src/testing/index.js'
import { begin, fail, fork, machine, pass, rejection, say, slow, step } from './machines.js'

function replay(
  orchestration: Orchestration<never, unknown>,
  turns: readonly RecordedTurn[],
  failFast = true,
  maxSteps = 1000,
) {
  const { graph } = orchestration
  const rules = { lockstep: false, failFast, maxSteps, maxConcurrency: Infinity, maxFanOut: Infinity }
  const state = createRunState(graph, 'r', rules, joinScopesOf(graph), undefined)
  const out = new StepOutput()
  out.observed = true
  for (const { at, facts } of turns) {
    out.at = at
    for (const fact of facts) applyFact(state, fact, out)
  }
  return { state, events: numbered(out.events) }
}

function numbered(events: readonly OrchestrationEvent[]): readonly OrchestrationEvent[] {
  // `step` does not number events; that is the stream's part.
  return events.map((event, seq) => ({ ...event, seq }))
}

const finals = ({ phase, ending, steps, visits, outputs, results, properties, usage, branches }: RunState) => ({
  phase,
  ending,
  steps,
  visits,
  outputs,
  results,
  properties,
  usage,
  branches,
})

describe('a recorder', () => {
  it('gets every fact, in order, those that came together in one call', async () => {
    const recorder = new FactRecorder()
    await machine(say('A').addAdvancer(slow('B', 0).addAdvancer(say('C')))).run(1, { recorder, clock: immediate() })
    expect(recorder.turns.map(turn => turn.facts.map(fact => fact.type).join(' '))).toEqual([
      'started',
      'completed advanced',
      'completed advanced',
      'completed',
      'ended',
    ])
  })

  it('gets them before they take effect: no state starts and no event is delivered until it has written', async () => {
    const log: string[] = []
    const recorder = new FactRecorder(async facts => {
      log.push(`write ${facts.map(fact => fact.type).join(' ')}`)
      await new Promise<void>(resolve => void clock.setTimeout(resolve, 10))
      log.push('written')
    })
    const clock = new ManualClock()
    const run = machine(
      step('A', () => void log.push('A runs')).addAdvancer(step('B', () => void log.push('B runs'))),
    ).start(1, { clock, recorder })
    run.events$.subscribe(event => log.push(event.type))
    await clock.advance(100)
    await run.result
    expect(log).toEqual([
      'write started',
      'written',
      'orchestration.started',
      'state.started',
      'A runs',
      'write completed advanced',
      'written',
      'state.completed',
      'state.transition',
      'state.started',
      'B runs',
      'write completed',
      'written',
      'state.completed',
      'write ended',
      'written',
      'orchestration.completed',
    ])
  })

  it('holds back custom events of a state only as long as those that came before', async () => {
    let write: () => void = () => undefined
    let hold = false
    const recorder = new FactRecorder(async () => {
      if (hold)
        await new Promise<void>(resolve => {
          write = resolve
        })
    })
    const talking = step('Talk', async (_, context) => {
      await context.sleep(20)
      context.emit({ type: 'custom', name: 'hello' })
      await context.sleep(10)
    })
    const { clock, run, events } = begin(machine(fork('F', slow('A', 10), talking)), 1, { recorder })
    await clock.advance(5)
    hold = true
    await clock.advance(15)
    expect(events.types).not.toContain('custom')
    hold = false
    write()
    await clock.advance(20)
    await run.result
    events.expectInOrder([
      { type: 'state.completed', stateName: 'A' },
      'custom',
      { type: 'state.completed', stateName: 'Talk' },
    ])
    expect(events.events.map(event => event.seq)).toEqual([...events.events.keys()])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('disk full'))],
  ])('that %s stops the run: nothing follows that was not recorded', async (_, broken) => {
    const aborted: boolean[] = []
    let batches = 0
    const recorder = new FactRecorder(facts =>
      facts.some(fact => fact.type === 'completed') && ++batches > 1 ? (broken as () => never)() : undefined,
    )
    const sibling = step('B', async (__, context) => {
      await context.sleep(1000).catch(() => aborted.push(context.signal.aborted))
    })
    const ask = new ApprovalRunnable<unknown>({ timeoutMs: 5000 }).configure({ name: 'Ask' }) as never
    const { clock, run, events } = begin(machine(fork('F', slow('A', 10).addAdvancer(say('Never')), sibling, ask)), 1, {
      recorder,
      timeoutMs: 10_000,
    })
    await clock.advance(10)
    const error = await rejection(run.result)
    expect(error).toMatchObject({ code: 'RECORDER_FAILED', retryable: true, cause: { message: 'disk full' } })
    expect(run.status).toBe('failed')
    expect(events.completed).toBe(true)
    expect(events.states).toEqual(['F', 'A', 'B', 'Ask'])
    expect(events.ofType('state.completed').map(event => event.stateName)).toEqual(['F'])
    await clock.advance(0)
    expect(aborted).toEqual([true])
    expect([clock.pendingTimers, run.requests.length]).toEqual([0, 0])
    run.cancel()
    await run.pause()
  })

  it('that fails at the end of the run still lets states be aborted and clean up', async () => {
    const aborted: boolean[] = []
    let cleaned = 0
    const recorder = new FactRecorder(facts => {
      if (facts.some(fact => fact.type === 'failed')) throw new Error('disk full')
    })
    const sibling = Object.assign(
      step('B', async (_, context) => {
        await context.sleep(1000).catch(() => aborted.push(context.signal.aborted))
      }),
      { cleanup: () => void cleaned++ },
    )
    const failing = step('A', async (_, context) => {
      await context.sleep(10)
      throw new Error('boom')
    })
    const { clock, run } = begin(machine(fork('F', failing, sibling)), 1, { recorder })
    await clock.advance(10)
    expect(await rejection(run.result)).toMatchObject({ code: 'RECORDER_FAILED' })
    await clock.advance(0)
    expect([aborted, cleaned, clock.pendingTimers]).toEqual([[true], 1, 0])
  })

  it('gets nothing after the end of the run', async () => {
    const recorder = new FactRecorder()
    const { clock, run } = begin(machine(say('A')), 1, { recorder })
    await run.result
    run.cancel()
    run.resume()
    await run.pause()
    await clock.advance(0)
    expect(recorder.facts.at(-1)?.type).toBe('ended')
  })

  it('gets what a step wrote as it was then', async () => {
    const recorder = new FactRecorder()
    let late: { set(key: string, value: unknown): void } | undefined
    await machine(
      step('A', (_, { properties }) => {
        properties.set('k', 1)
        late = properties
      }),
    ).run(1, { recorder })
    late?.set('k', 2)
    const completed = recorder.facts.find(fact => fact.type === 'completed')
    expect(completed?.type === 'completed' && [...(completed.writes ?? [])]).toEqual([['k', 1]])
  })
})

/** A state that has a lot to say, and fails so many times before it returns. */
function talking(name: string, failures: number) {
  return step<unknown, string>(name, async (_, context) => {
    context.emit({ type: 'custom', name: 'attempt', data: { number: context.attempt } })
    await context.sleep(1)
    const spent = await context.once('ask', async () => {
      await context.sleep(2)
      context.usage({ model: 'm', inputTokens: 10, cost: 0.5 })
      return 10
    })
    context.usage({ agent: 'other', model: 'm', outputTokens: spent })
    if (context.attempt <= failures) throw new Error(`${name} broke`)
    return name
  }).configure({ interceptors: [retry({ maxAttempts: 4, initialDelayMs: 10 })] })
}

/** What all runs of a tree recorded, in one order. */
class TreeRecorder implements RunRecorder {
  readonly turns: (RecordedTurn & { readonly runId: string; readonly events: number })[] = []
  readonly graphs = new Map<string, OrchestrationGraph>()

  constructor(orchestration: { readonly graph: OrchestrationGraph }) {
    this.graphs.set('r', orchestration.graph)
  }

  record(facts: readonly Fact[], at: number, events: number): void {
    this.#keep('r', facts, at, events)
  }

  forChild(runId: string, graph: OrchestrationGraph): RunRecorder {
    this.graphs.set(runId, graph)
    return {
      record: (facts, at, events) => this.#keep(runId, facts, at, events),
      forChild: (inner, of) => this.forChild(inner, of),
    }
  }

  of(runId: string): readonly RecordedTurn[] {
    return this.turns.filter(turn => turn.runId === runId)
  }

  #keep(runId: string, facts: readonly Fact[], at: number, events: number): void {
    this.turns.push({ runId, facts: [...facts], at, events })
  }
}

type Act = (context: { run: OrchestrationRun<unknown>; clock: ManualClock }) => Promise<void>
const cases: readonly [string, () => Orchestration<unknown, unknown>, Act, object?][] = [
  [
    'a loop',
    () => {
      const loop = step<number, number>('Loop', (n, { properties }) => (properties.set('n', n), n + 1))
      return machine(loop.addAdvancer(n => n < 5, loop).addAdvancer(pass('End'))) as never
    },
    async () => undefined,
  ],
  [
    'nested joins and timing',
    () => {
      const outer = new CollectRunnable<unknown>().configure({ name: 'Outer' })
      const inner = new CollectRunnable<unknown>({ policy: 'any' }).configure({ name: 'Inner' }).addAdvancer(outer)
      const g = fork('G', slow('A', 5).addAdvancer(inner), slow('B', 3).addAdvancer(inner))
      return machine(fork('F', g, slow('C', 4).addAdvancer(outer)))
    },
    async ({ clock }) => clock.advance(10),
  ],
  [
    'a failure',
    () => machine(fork('F', slow('A', 5).addAdvancer(fail('B')), slow('C', 50))),
    async ({ clock }) => clock.advance(10),
  ],
  [
    'collected failures',
    () => {
      const join = new CollectRunnable<unknown>({ onInsufficient: 'proceed' }).configure({ name: 'J' })
      return machine(fork('F', fail('A').addAdvancer(join), slow('C', 5).addAdvancer(join)))
    },
    async ({ clock }) => clock.advance(10),
    { failure: 'collect' },
  ],
  [
    'reruns and a handled failure',
    () => {
      const start = pass('A')
        .configure({ reruns: 1 })
        .addAdvancer(() => false, say('Never'))
        .onError(say('Rescue') as never)
      return machine(fork('F', start, fail('B').onError(say('Rescue2') as never))) as never
    },
    async () => undefined,
  ],
  [
    'a cancellation',
    () => machine(slow('A', 50)),
    async ({ run, clock }) => {
      await clock.advance(1)
      run.cancel('x')
    },
  ],
  [
    'a pause',
    () => machine(slow('A', 10).addAdvancer(say('B'))),
    async ({ run, clock }) => {
      await clock.advance(1)
      const paused = run.pause()
      await clock.advance(10)
      await paused
      run.resume()
    },
  ],
  [
    'waiting',
    () => {
      const ask = new ApprovalRunnable<unknown>({ timeoutMs: 50 }).configure({ name: 'Ask' })
      const late = new ApprovalRunnable<unknown>({ timeoutMs: 10 }).configure({ name: 'Late' })
      const signal = new SignalRunnable<unknown, string>().configure({ name: 'Signal' })
      const delay = new DelayRunnable<unknown>(20).configure({ name: 'Delay' })
      return machine(fork('F', ask as never, late as never, signal as never, delay as never))
    },
    async ({ run, clock }) => {
      await clock.advance(1)
      await run.approve('Ask', { by: 'ada' })
      await run.signal('Signal', 'hi')
      await clock.advance(50)
    },
  ],
  [
    'custom events, usage, retries and what is done once',
    () => machine(fork('F', talking('A', 0), talking('B', 3), talking('C', 1))),
    async ({ clock }) => clock.advance(10_000),
  ],
  [
    'too many steps',
    () => {
      const loop = pass('Loop')
      return machine(loop.addAdvancer(() => true, loop).addAdvancer(say('End')))
    },
    async () => undefined,
    { maxSteps: 7 },
  ],
  [
    'a join that times out',
    () => {
      const join = new CollectRunnable<unknown>({ timeoutMs: 5, onInsufficient: 'proceed' }).configure({ name: 'J' })
      return machine(fork('F', slow('A', 1).addAdvancer(join), slow('B', 100).addAdvancer(join)))
    },
    async ({ clock }) => clock.advance(10),
  ],
]

describe('replay: the recorded facts, fed to `step` on a fresh state', () => {
  it.each(cases)('give the same state and the same events: %s', async (_, build, act, options = {}) => {
    const orchestration = build()
    const clock = new ManualClock()
    const recorder = new FactRecorder()
    const run = orchestration.start(1, { clock, recorder, runId: 'r', ...options })
    const events = new EventRecorder(run)
    await clock.advance(0)
    await act({ run, clock })
    await run.result.catch(() => undefined)
    const { failure, maxSteps } = options as { failure?: string; maxSteps?: number }
    const first = replay(orchestration, recorder.turns, failure !== 'collect', maxSteps)
    expect(first.events).toEqual(events.events)
    expect(first.state.phase).toBe('ended')
    expect(first.state.results.map(result => result.value)).toEqual(run.results)
    // Twice the same, with no trace of the first.
    expect(finals(replay(orchestration, recorder.turns, failure !== 'collect', maxSteps).state)).toEqual(
      finals(first.state),
    )
  })

  it.each([true, false])(
    'knows how many events follow from each turn, whether somebody listens (%s) or not',
    async listen => {
      const orchestration = machine(fork('F', talking('A', 1), talking('B', 0)).addAdvancer(fail('C')))
      const recorder = new TreeRecorder(orchestration)
      const clock = new ManualClock()
      const run = orchestration.start(1, { clock, recorder, runId: 'r' })
      if (listen) run.events$.subscribe()
      await clock.advance(1000)
      await run.result.catch(() => undefined)
      let before = 0
      for (const [turn, { events }] of recorder.turns.entries()) {
        const upTo = replay(orchestration, recorder.turns.slice(0, turn + 1)).events.length
        expect(upTo - before).toBe(events)
        before = upTo
      }
    },
  )

  it('give the usage of the run, by state, agent and model', async () => {
    const orchestration = machine(talking('A', 1))
    const recorder = new FactRecorder()
    const { clock, run } = begin(orchestration, 1, { recorder })
    await clock.advance(1000)
    await run.result
    const line = { stateName: 'A', model: 'm' }
    expect(replay(orchestration, recorder.turns).state.usage).toEqual([
      { ...line, agent: 'A', reports: 1, inputTokens: 10, outputTokens: 0, cost: 0.5 },
      { ...line, agent: 'other', reports: 2, inputTokens: 0, outputTokens: 20, cost: undefined },
    ])
  })

  it('give what a step has done once, until the step is over', async () => {
    const orchestration = machine(talking('A', 1))
    const recorder = new FactRecorder()
    const { clock, run } = begin(orchestration, 1, { recorder })
    await clock.advance(1000)
    await run.result
    const kept = recorder.facts.findIndex(fact => fact.type === 'kept')
    const branchAfter = (facts: number) =>
      replay(orchestration, [{ at: 0, facts: recorder.facts.slice(0, facts) }]).state.branches.get('0')
    expect(branchAfter(kept)?.kept).toBeUndefined()
    expect(branchAfter(kept + 1)?.kept).toEqual(new Map([['ask', 10]]))
    expect(branchAfter(recorder.facts.length - 2)?.kept).toEqual(new Map([['ask', 10]]))
    expect(branchAfter(recorder.facts.length - 1)).toBeUndefined()
  })

  it('of a run with runs inside it give its own events; with theirs, all events with their numbers', async () => {
    const inner = new SubOrchestrationRunnable(machine(talking('Inner', 1).addAdvancer(say('End')))).configure({
      name: 'Sub',
    })
    const orchestration = machine(fork('F', inner as never, talking('Other', 2)))
    const recorder = new TreeRecorder(orchestration)
    const { clock, run, events } = begin(orchestration, 1, { recorder, runId: 'r' })
    await clock.advance(1000)
    await run.result
    const own = events.events.filter(event => event.path === undefined)
    const inside = events.events.filter(event => event.path !== undefined)
    for (const some of [own, inside]) {
      expect(some.map(event => event.type)).toEqual(
        expect.arrayContaining(['custom', 'agent.usage', 'state.retrying', 'orchestration.completed']),
      )
    }
    expect(replay(orchestration, recorder.of('r')).events).toEqual(numbered(own))
    expect(retold(recorder)).toEqual(events.events)
  })

  it('S4-29 stops anywhere: each prefix of the facts is a state that the run was in', async () => {
    const recorder = new FactRecorder()
    const join = new CollectRunnable<unknown>().configure({ name: 'J' })
    const orchestration = machine(fork('F', say('A').addAdvancer(join), say('B').addAdvancer(join)))
    await orchestration.run(1, { recorder })
    for (let n = 0; n <= recorder.facts.length; n++) {
      const { state } = replay(orchestration, [{ at: 0, facts: recorder.facts.slice(0, n) }])
      expect(state.phase === 'ended').toBe(n === recorder.facts.length)
    }
  })
})

/** The events of the outer run, from the facts of all. */
function retold({ turns, graphs }: TreeRecorder): readonly OrchestrationEvent[] {
  const rules = { lockstep: false, failFast: true, maxSteps: 1000, maxConcurrency: Infinity, maxFanOut: Infinity }
  const states = new Map(
    [...graphs].map(([id, graph]) => [id, createRunState(graph, id, rules, joinScopesOf(graph), undefined)]),
  )
  const events: OrchestrationEvent[] = []
  for (const { runId, at, facts } of turns) {
    const out = Object.assign(new StepOutput(), { observed: true, at })
    for (const fact of facts) applyFact(states.get(runId) as RunState, fact, out)
    const token = runId.slice('r/'.length)
    for (const event of out.events) {
      events.push(runId === 'r' ? event : forwarded(event, 'r', stateAt(token, events), token))
    }
  }
  return numbered(events)
}

function stateAt(token: string, events: readonly OrchestrationEvent[]): string {
  const started = events.find(event => event.type === 'state.started' && event.token === token)
  return (started as { stateName: string }).stateName
}

function immediate() {
  return {
    now: () => 0,
    setTimeout: queueMicrotask,
    clearTimeout: () => undefined,
  }
}
