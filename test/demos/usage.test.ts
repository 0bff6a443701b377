import 'reflect-metadata'
import { IsInt } from 'class-validator'
import { firstValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, AgentRunner, agentTool, guardrail, summarise, tool } from '../../src/agents/index.js'
import {
  ChatRuntime,
  ConcurrentRuntimeConfiguration,
  HandoffRuntimeConfiguration,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import {
  Orchestration,
  type OrchestrationEvent,
  type OrchestrationRun,
  OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { CostTracker, retry } from '../../src/resilience/index.js'
import { DemoServer, textOf } from './demo-server.js'
import type { Tokens } from './metered-fetch.js'

const server = new DemoServer()
const agent = (name: string, more: Partial<ConstructorParameters<typeof Agent>[0]> = {}): Agent =>
  new Agent({ ...server.connection, name, instructions: `You are ${name}.`, ...more }) as Agent

const prices = {
  currency: 'USD',
  asOf: '2030-01-01',
  models: { 'gpt-4.1-mini': { inputPerMillion: 1_000_000, outputPerMillion: 1_000_000 } },
}

function machine(state: OrchestrationRunnable<string, string>): Orchestration<string, string> {
  return new (class Machine extends Orchestration<string, string> {
    override initialRunnable = state
  })()
}

function asking(speaker: Agent): OrchestrationRunnable<string, string> {
  return new (class Asking extends AgentRunnable<string, string> {
    readonly agent = speaker
  })()
}

const eventsOf = (run: OrchestrationRun<string>): Promise<OrchestrationEvent[]> =>
  firstValueFrom(run.events$.pipe(toArray()))

/** What the events of a run say that was used; its cost report has to say the same. */
function usedBy(events: readonly OrchestrationEvent[]): Tokens {
  const costs = new CostTracker(prices)
  for (const event of events) costs.add(event)
  const sum = { inputTokens: 0, outputTokens: 0, answers: 0 }
  for (const event of events) {
    if (event.type !== 'agent.usage') continue
    sum.inputTokens += event.inputTokens
    sum.outputTokens += event.outputTokens
    sum.answers++
  }
  const { total, agents, states } = costs.report
  expect(total).toMatchObject({ inputTokens: sum.inputTokens, outputTokens: sum.outputTokens, calls: sum.answers })
  expect(total.cost).toBe(sum.inputTokens + sum.outputTokens)
  for (const lines of [agents, states]) {
    expect(lines.reduce((tokens, line) => tokens + line.totalTokens, 0)).toBe(total.totalTokens)
  }
  return sum
}

describe('what a run has used is what the server has reported', () => {
  it('over retries of the state, of the client, and the repair of an answer', async () => {
    class Plan {
      @IsInt() steps!: number
    }
    server.answers(
      'You are Planner.',
      { status: 500 },
      { json: { steps: 'many' } },
      { json: { steps: 'a lot' } },
      { raw: { content: 'cut', finishReason: 'length', usage: { prompt_tokens: 7, completion_tokens: 9 } } },
      { json: { steps: 3 } },
    )
    class Planning extends AgentRunnable<string, Plan> {
      readonly agent = new Agent({
        ...server.connection,
        name: 'Planner',
        instructions: 'You are Planner.',
        outputSchema: Plan,
      })
    }
    class Machine extends Orchestration<string, Plan> {
      override initialRunnable = new Planning().configure({
        interceptors: [retry({ maxAttempts: 4, initialDelayMs: 0, retryOn: () => true })],
      })
    }
    const run = new Machine().start('go')
    const events = firstValueFrom(run.events$.pipe(toArray()))
    expect(await run.result).toEqual({ steps: 3 })
    // Attempts: 500; two invalid answers; one cut; the right one.
    expect(server.reported.answers).toBe(4)
    expect(usedBy(await events)).toEqual(server.reported)

    server.answers('You are Patient.', { status: 500 }, 'fine')
    const patient = new Agent({
      ...server.connection,
      client: server.client({ maxRetries: 2 }),
      instructions: 'You are Patient.',
    })
    const before = server.reported.answers
    expect((await AgentRunner.run(patient, 'go')).usage.totalTokens).toBeGreaterThan(0)
    expect(server.reported.answers).toBe(before + 1)
  })

  it('over parallel agents, tools, agents as tools, handoffs, guardrails, a summary, and orchestrations in each other', async () => {
    const look = tool({ name: 'look', description: 'Looks', execute: () => 'seen '.repeat(400) })
    const inner = agent('Inner', { tools: [look] })
    const specialist = agent('Specialist')
    const guardian = agent('Guardian')
    const polite = guardrail('polite', async (text: string, { run, signal }) => {
      await AgentRunner.run(guardian, text, { signal, ...(run === undefined ? {} : { context: run }) })
    })
    const outer = agent('Outer', {
      tools: [agentTool(inner)],
      handoffs: [specialist],
      inputGuardrails: [polite],
      contextWindow: summarise({ maxTokens: 300, keepTokens: 100 }),
    })
    server.answers('You are Inner.', { calls: [['look'], ['look']] }, 'looked '.repeat(300))
    server.answers('You are Guardian.', 'fine')
    server.answers(
      'You are Outer.',
      { calls: [['Inner', { input: 'look' }]] },
      { calls: [['Inner', { input: 'look again' }]] },
      { calls: [['transfer_to_Specialist', { reason: null }]] },
    )
    server.answers('You are Specialist.', 'special')
    server.answers('You are Plain.', ({ text }) => text.toUpperCase())
    server.answers('You summarise conversations', 'a summary')

    class Several extends OrchestrationRunnable<string, string> {
      async invoke(input: string, context: RunContext): Promise<string> {
        const plain = agent('Plain')
        const all = ['a', 'b', 'c'].map(each => AgentRunner.run(plain, each, { context }))
        return `${input} ${(await Promise.all(all)).map(({ output }) => output).join('')}`
      }
    }
    class Middle extends SubOrchestrationRunnable<string, string> {
      constructor() {
        super(machine(new SubOrchestrationRunnable(machine(asking(outer)))))
      }
    }
    class Top extends Orchestration<string, string> {
      constructor() {
        super()
        this.initialRunnable = new Several().addAdvancer(Middle)
        this.register(new Middle())
      }
    }
    const run = new Top().start('go')
    const events = eventsOf(run)
    expect(await run.result).toBe('special')
    const speakers = new Set((await events).flatMap(event => (event.type === 'agent.usage' ? event.agent : [])))
    expect([...speakers].sort()).toEqual(['Guardian', 'Inner', 'Outer', 'Plain', 'Specialist'])
    expect(server.requests.some(({ messages }) => messages.some(each => textOf(each).includes('a summary')))).toBe(true)
    expect(server.reported.answers).toBe(server.requests.length)
    expect(usedBy(await events)).toEqual(server.reported)
  })

  it('of a run that fails in the end, or is stopped by a guardrail of what comes out', async () => {
    server.answers('You are Talker.', 'a secret')
    const noSecrets = guardrail('no secrets', (text: string) =>
      text.includes('secret') ? { reason: 'secret' } : undefined,
    )
    const run = machine(asking(agent('Talker', { outputGuardrails: [noSecrets] }))).start('go')
    const events = eventsOf(run)
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'GUARDRAIL_TRIPPED' } })
    expect(usedBy(await events)).toEqual(server.reported)
    expect(server.reported.answers).toBe(1)
  })

  it('in a chat, whichever agents answer, the router and the synthesiser too', async () => {
    server.answers('You decide which agent', { json: { reason: 'fits', agent: 'B' } })
    server.answers('You are A.', 'A says')
    server.answers('You are B.', 'B says')
    server.answers('Several agents have answered', 'both say')
    const [a, b] = [agent('A'), agent('B')]
    const sum = { inputTokens: 0, outputTokens: 0, answers: 0 }
    for (const configuration of [
      new SingletonRuntimeConfiguration(a),
      new SequentialRuntimeConfiguration([a, b]),
      new ConcurrentRuntimeConfiguration([a, b]),
      new HandoffRuntimeConfiguration(a, [b]),
    ]) {
      const runtime = new ChatRuntime(configuration)
      runtime.on('runtime.agent', ({ event }) => {
        if (event.type !== 'agent.usage') return
        sum.inputTokens += event.inputTokens ?? 0
        sum.outputTokens += event.outputTokens ?? 0
        sum.answers++
      })
      await runtime.invoke('Hello')
    }
    expect(sum.answers).toBe(1 + 2 + 3 + 2)
    expect(sum).toEqual(server.reported)
  })
})
