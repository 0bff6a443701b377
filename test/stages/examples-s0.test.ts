import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, type ModelClient } from '../../src/agents/index.js'
import { Runnable } from '../../src/core/index.js'
import {
  AsyncRuntime,
  type BaseGraphState,
  concat,
  Orchestrator,
  type ProgressReporter,
} from '../../src/stages/index.js'
import { ScriptedModel } from '../../src/testing/index.js'
import { DemoServer } from '../demos/demo-server.js'
import { Forecast, Notes, note, notes, QuantState } from './states.js'

const server = new DemoServer()
const rain = { probability: 0.7, reasoning: 'Clouds.' }

interface Connection {
  readonly client: ConstructorParameters<typeof Agent>[0]['client']
  readonly model: string
}

@Runnable({ input: String, output: Forecast })
class Forecaster extends AgentRunnable<string, Forecast> {
  readonly agent: Agent<Forecast>

  constructor(connection: Connection) {
    super()
    this.agent = new Agent({
      ...connection,
      name: 'The Forecaster',
      instructions: 'You forecast.',
      outputSchema: Forecast,
    })
  }
}

/** A mathematical stage and an agent stage in one graph. */
function quantAgent(connection: Connection): Orchestrator<QuantState> {
  const orch = new Orchestrator({ state: QuantState, name: 'QuantAgent' })
  orch.addNode('forecaster', new Forecaster(connection), {
    input: s => s.question,
    output: (s, forecast) => {
      s.forecast = forecast
    },
  })
  orch.addNode('math_step', state => {
    const outcome = 1
    state.brierScore = ((state.forecast?.probability ?? 0) - outcome) ** 2
    return 'end'
  })
  orch.addEdge('forecaster', 'math_step')
  return orch
}

describe('the examples of S0, literally', () => {
  it('S0-05 S0-07 S0-08 S0-14 "A Node can be a simple function": calculate_brier_score, which returns "end"', async () => {
    const orch = Orchestrator.createStandard({ entryNode: 'math_step' })

    // A Node can be a simple function
    function calculateBrierScore(state: BaseGraphState, progress: ProgressReporter): string {
      // Pure math, no LLM needed
      progress(1, 'Math', 'RUNNING', 'Brier score')
      state.context['brier'] = (0.7 - 1) ** 2
      return 'end'
    }

    orch.addNode('math_step', calculateBrierScore)
    expect((await orch.run({})).context['brier']).toBeCloseTo(0.09)
  })

  it('S0-10 "Declarative wiring": node_a → node_b', async () => {
    const orch = notes()
    orch.addNode('node_a', note('a'))
    orch.addNode('node_b', note('b'))
    // Declarative wiring
    orch.addEdge('node_a', 'node_b')
    expect((await orch.run({})).executionPath).toEqual(['node_a', 'node_b'])
  })

  it('S0-15 S0-17 S0-18 S0-19 "Parallel Groups": start → run_all → aggregator', async () => {
    const [start, w1, w2, aggregator] = ['start', 'w1', 'w2', 'aggregator'].map(note) as [
      ReturnType<typeof note>,
      ReturnType<typeof note>,
      ReturnType<typeof note>,
      ReturnType<typeof note>,
    ]
    const orch = new Orchestrator({ state: Notes })
    orch.addNode('start', start)
    orch.addNode('aggregator', aggregator)

    // 1. Register Nodes
    orch.addNode('worker_1', w1)
    orch.addNode('worker_2', w2)

    // 2. Define Parallel Group
    orch.addParallelGroup('run_all', ['worker_1', 'worker_2'], { merge: { notes: concat } })

    // 3. Wire
    orch.addEdge('start', 'run_all')
    orch.addEdge('run_all', 'aggregator')

    const state = await orch.run({})
    expect(state.notes).toEqual(['start', 'w1', 'w2', 'aggregator'])
    expect(state.executionPath).toEqual([
      'start',
      'parallel:run_all',
      'run_all:worker_1',
      'run_all:worker_2',
      'aggregator',
    ])
  })

  it('S0-23 S0-24 "Execution Loop": AsyncRuntime.run_main(main())', async () => {
    const printed: unknown[] = []
    const inputData = { notes: ['input'] }

    async function main(): Promise<void> {
      const orch = new Orchestrator({ state: Notes })
      orch.addNode('setup', note('done'))
      const result = await orch.run(inputData)
      printed.push(result)
    }

    await AsyncRuntime.runMain(main)
    expect(printed).toMatchObject([{ notes: ['input', 'done'] }])
  })
})

describe('S0-04 S0-06 the quant-agent hybrid', () => {
  const question = 'Will it rain tomorrow?'

  it('runs against a scripted model', async () => {
    const client: ModelClient = new ScriptedModel([
      { object: rain, usage: { inputTokens: 20, outputTokens: 5, totalTokens: 25 } },
    ])
    const state = await quantAgent({ client, model: 'scripted' }).run({ question, subjectId: 'rain' })
    expect(state).toBeInstanceOf(QuantState)
    expect(state.forecast).toBeInstanceOf(Forecast)
    expect(state.brierScore).toBeCloseTo(0.09)
    expect(state.executionPath).toEqual(['forecaster', 'math_step'])
    expect(state.usage).toEqual({ promptTokens: 20, completionTokens: 5, totalTokens: 25 })
  })

  it('runs over HTTP, with the usage that the server has reported', async () => {
    server.answers('You forecast.', { json: rain })
    const state = await quantAgent(server.connection).run({ question })
    expect(server.requestsOf('You forecast.').map(({ messages }) => messages.at(-1)?.content)).toEqual([question])
    expect(state.brierScore).toBeCloseTo(0.09)
    const { inputTokens, outputTokens } = server.reported
    expect(state.usage).toEqual({
      promptTokens: inputTokens,
      completionTokens: outputTokens,
      totalTokens: inputTokens + outputTokens,
    })
  })

  it('runs its group, its patterns and its program over HTTP too', async () => {
    server.answers('You are One.', 'one')
    server.answers('You are Two.', 'two')
    const agent = (name: string) => new Agent({ ...server.connection, name, instructions: `You are ${name}.` })
    const result = await AsyncRuntime.runMain(async task => {
      const orch = notes()
      orch.addNode('start', note('start'))
      orch.addNode('worker_1', agent('One'), { input: () => 'go', output: (s, said) => void s.notes.push(said) })
      orch.addNode('worker_2', agent('Two'), { input: () => 'go', output: (s, said) => void s.notes.push(said) })
      orch.addNode('aggregator', note('aggregator'))
      orch.addParallelGroup('run_all', ['worker_1', 'worker_2'], { merge: { notes: concat } })
      orch.addEdge('start', 'run_all')
      orch.addEdge('run_all', 'aggregator')
      return orch.run({}, { signal: task.signal })
    })
    expect(result.notes).toEqual(['start', 'one', 'two', 'aggregator'])
    const { inputTokens, outputTokens } = server.reported
    expect(result.usage.totalTokens).toBe(inputTokens + outputTokens)
  })
})

describe('S0-25', () => {
  it('AsyncRuntime and Orchestrator can be imported from the package root', async () => {
    const root = (await import('../../src/index.js')) as Record<string, unknown>
    expect(root['Orchestrator']).toBe(Orchestrator)
    expect(root['AsyncRuntime']).toBe(AsyncRuntime)
  })
})
