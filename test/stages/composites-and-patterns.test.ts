import { IsArray, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/agents/index.js'
import {
  DelayRunnable,
  Orchestration,
  type OrchestrationFailedError,
  OrchestrationRunnable,
  SubOrchestrationRunnable,
  WiringError,
} from '../../src/core/index.js'
import { budget, circuitBreaker, fallback, retry, timeout } from '../../src/resilience/index.js'
import {
  BaseGraphState,
  bindStage,
  concat,
  createDebate,
  createFanOut,
  createRecursiveConsensus,
  Orchestrator,
  type RecursiveConsensusOptions,
} from '../../src/stages/index.js'
import { EventRecorder, ScriptedModel } from '../../src/testing/index.js'
import { Notes, note, notes } from './states.js'

class Topic extends BaseGraphState {
  @IsString() topic!: string
  @IsArray() findings: string[] = []
}

describe('S0-35 an orchestrator as a stage', () => {
  const inner = (): Orchestrator<Topic> => {
    const orch = new Orchestrator({ state: Topic, name: 'Research' })
    orch.addNode('look', (state, _progress, context) => {
      context.usage({ model: 'm', inputTokens: 5, outputTokens: 1 })
      state.findings.push(`about ${state.topic}`)
    })
    return orch
  }

  it('runs a fresh state each time, and what it uses counts outside', async () => {
    const orch = notes()
    orch.addNode('research', inner(), {
      input: s => ({ topic: `topic ${s.notes.length}` }),
      output: (s, topic) => void s.notes.push(...topic.findings),
    })
    orch.addConditionalEdge('research', s => s.notes.length < 2, { true: 'research', false: 'end' })
    orch.entryPoint = 'research'
    const state = await orch.run({ notes: [] })
    expect(state.notes).toEqual(['about topic 0', 'about topic 1'])
    expect(state.usage).toEqual({ promptTokens: 10, completionTokens: 2, totalTokens: 12 })
    expect(state.executionPath).toEqual(['research', 'research'])
  })

  it('shows its events with the stage they came from, and can be a member of a group', async () => {
    const orch = notes()
    orch.addNode('research', inner(), { input: () => ({ topic: 'x' }) })
    orch.addNode('other', note('other'))
    orch.addParallelGroup('both', ['research', 'other'])
    const recorder = new EventRecorder(orch.orchestration)
    const state = await orch.run({ notes: [] })
    const nested = recorder.events.filter(event => event.type === 'state.started' && event.path !== undefined)
    expect(nested.map(event => [event.path, (event as { stateName: string }).stateName])).toEqual([
      [['research'], 'look'],
      [['research'], 'end'],
    ])
    expect(state.nodeReports['research']).toBeInstanceOf(Topic)
    expect(state.usage.totalTokens).toBe(6)
  })

  it('can be any other orchestration as well', async () => {
    class Shout extends OrchestrationRunnable<string, string> {
      invoke(text: string): string {
        return text.toUpperCase()
      }
    }
    class Shouting extends Orchestration<string, string> {
      override initialRunnable = new Shout()
    }
    const orch = notes()
    orch.addNode('shout', new Shouting(), { input: () => 'hey', output: (s, loud) => void s.notes.push(loud) })
    expect((await orch.run({ notes: [] })).notes).toEqual(['HEY'])
  })
})

describe('a policy around a stage that is not invoked', () => {
  const inner = (): Orchestrator<Topic> =>
    new Orchestrator({ state: Topic }).addNode('look', () => {
      throw new Error('down')
    }) as unknown as Orchestrator<Topic>
  const input = (): { topic: string } => ({ topic: 'x' })
  const policies = [retry(), timeout({ timeoutMs: 5 }), fallback('x'), circuitBreaker()]

  it('S0-35 is refused with the stage and the way out, however it came there', async () => {
    const orch = notes()
    orch.addNode('given', inner(), { input, interceptors: policies })
    orch.addNode(
      'its own',
      new SubOrchestrationRunnable(inner().orchestration).configure({ interceptors: [retry()] }),
      {
        input,
      },
    )
    orch.addNode('wait', new DelayRunnable<string>(1), { input: () => 'x', interceptors: [timeout({ timeoutMs: 5 })] })
    orch.addEdge('given', 'its own').addEdge('its own', 'wait')
    const error = await orch.run({ notes: [] }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WiringError)
    const { faults } = error as WiringError
    expect(faults.map(({ stateName }) => stateName)).toEqual([...policies.map(() => 'given'), 'its own', 'wait'])
    expect(faults[0]).toMatchInlineSnapshot(`
      {
        "advice": "give it to the states inside, or run the orchestration from a state that can be invoked again: invoke(input, context) { return inner.run(input, { signal: context.signal }) }",
        "code": "DECLARATION_INVALID",
        "message": "state "given" has the interceptor "retry" around it, but is an orchestration, which is run and not invoked, so that it would do nothing",
        "stateName": "given",
      }
    `)
    expect(faults.at(-1)).toMatchInlineSnapshot(`
      {
        "advice": "leave it out; how long to wait is an option of the state, and what then happens is a route",
        "code": "DECLARATION_INVALID",
        "message": "state "wait" has the interceptor "timeout" around it, but is a state that waits and not invoked, so that it would do nothing",
        "stateName": "wait",
      }
    `)
  })

  it('S0-35 is taken where it is for the states inside, or is a default for all stages', async () => {
    const orch = new Orchestrator({ state: Notes, interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })] })
    let tries = 0
    orch.addNode('flaky', state => {
      if (++tries < 2) throw new Error('down')
      state.notes.push('flaky')
    })
    orch.addNode(
      'paid',
      new Orchestrator({ state: Topic }).addNode('look', (_state, _progress, context) => {
        context.usage({ model: 'm', cost: 2 })
      }),
      { input, interceptors: [budget({ limits: { money: 1 } })] },
    )
    orch.addEdge('flaky', 'paid')
    const error = await orch.run({ notes: [] }).catch((thrown: unknown) => thrown)
    expect((error as { cause: { cause: unknown } }).cause.cause).toMatchObject({ code: 'BUDGET_EXCEEDED' })
    expect(tries).toBe(2)
  })
})

describe('S0-36 pattern factories', () => {
  const speaker = (replies: readonly string[]) =>
    bindStage(new Agent({ client: new ScriptedModel(replies), model: 'scripted', name: 'Speaker' }), {
      input: (s: Notes) => s.notes.join('\n') || 'begin',
      output: (s, said) => void s.notes.push(said),
    })

  it('debate: pro → con → judge, for so many rounds, within rounds * 3 + 2 visits', async () => {
    const orch = createDebate({
      state: Notes,
      pro: speaker(['yes', 'yes!']),
      con: speaker(['no', 'no!']),
      judge: note('hm'),
      rounds: 2,
    })
    const state = await orch.run({ notes: [] })
    expect(state.executionPath).toEqual(['pro', 'con', 'judge', 'pro', 'con', 'judge'])
    expect(state.notes).toEqual(['yes', 'no', 'hm', 'yes!', 'no!', 'hm'])
    expect(state.maxCycles).toBe(8)
    const short = createDebate({ state: Notes, pro: note('p'), con: note('c'), judge: note('j'), decided: () => true })
    expect((await short.run({ notes: [] })).notes).toEqual(['p', 'c', 'j'])
    expect(() => createDebate({ state: Notes, pro: note(''), con: note(''), judge: note(''), rounds: 0 })).toThrow(
      /rounds/,
    )
  })

  it('fan-out: a group of workers, then an aggregator', async () => {
    const orch = createFanOut({
      state: Notes,
      workers: { one: note('1'), two: speaker(['2']) },
      aggregator: s => void (s.score = s.notes.length),
      merge: { notes: concat },
    })
    const state = await orch.run({ notes: [] })
    expect(state).toMatchObject({ notes: ['1', '2'], score: 2 })
    expect(state.executionPath).toEqual(['parallel:workers', 'workers:one', 'workers:two', 'aggregator'])
    expect(() => createFanOut({ state: Notes, workers: {}, aggregator: note('') })).toThrow(/workers/)
  })

  const consensus = (more: Partial<RecursiveConsensusOptions<Notes>>): Orchestrator<Notes> =>
    createRecursiveConsensus({
      state: Notes,
      analysts: { bull: note('up'), bear: note('down') },
      aggregator: s => void (s.score = (s.score ?? 0) + 1),
      supervisor: () => undefined,
      decision: s => ((s.score ?? 0) >= 2 ? 'APPROVE' : 'REVISE'),
      merge: { notes: concat },
      ...more,
    })

  it('recursive consensus: analysts, an aggregator, a red team if there is one, and a supervisor who sends it back', async () => {
    const state = await consensus({ redTeam: note('but') }).run({ notes: [] })
    const round = ['parallel:analysts', 'analysts:bull', 'analysts:bear', 'aggregator', 'red_team', 'supervisor']
    expect(state.executionPath).toEqual([...round, ...round])
    expect(state.notes).toEqual(['up', 'down', 'but', 'up', 'down', 'but'])
    expect((await consensus({}).run({ notes: [] })).executionPath).not.toContain('red_team')
  })

  it('recursive consensus fails when it is never approved, and takes no other word for an approval', async () => {
    const failure = await consensus({ decision: () => 'REVISE', maxRounds: 2 })
      .run({ notes: [] })
      .catch((error: OrchestrationFailedError) => error.cause)
    expect(failure).toMatchObject({ code: 'NEVER_COMPLETES', details: { maxCycles: 8 } })
    await expect(consensus({ decision: () => 'yes' as never }).run({ notes: [] })).rejects.toThrow(
      /"yes", which is not one of its keys: APPROVE, REVISE/,
    )
  })
})
