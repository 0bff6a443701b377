import { describe, expect, it } from 'vitest'
import { Agent, AgentRunnable, AgentRunner, agentTool, guardrail, summarise } from '../../src/agents/index.js'
import {
  ChatRuntime,
  ConcurrentRuntimeConfiguration,
  HandoffRuntimeConfiguration,
  OrchestrationRuntimeConfiguration,
  SequentialRuntimeConfiguration,
  SingletonRuntimeConfiguration,
} from '../../src/chat/index.js'
import {
  JoinRunnable,
  Orchestration,
  OrchestrationRunnable,
  type RunContext,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { retry, timeout } from '../../src/resilience/index.js'
import { ManualClock, ScriptedModel } from '../../src/testing/index.js'
import { failureOf } from '../agents/raw-server.js'
import { SilentServer } from './silent-server.js'

const server = new SilentServer()
const agent = (name = 'A', begins = false): Agent =>
  new Agent({ client: server.client(begins), model: 'gpt-4.1-mini', name })

class Asking extends AgentRunnable<string, string> {
  constructor(readonly agent: Agent) {
    super()
  }
}

function machine(state: OrchestrationRunnable<string, string>): Orchestration<string, string> {
  return new (class Machine extends Orchestration<string, string> {
    override initialRunnable = state
  })()
}

describe('run.cancel() closes the connection of the model call in flight', () => {
  it.each([false, true])('of an agent in a state, when the answer has begun: %s', async begins => {
    const run = machine(new Asking(agent('A', begins))).start('go')
    await server.began(1)
    run.cancel('enough')
    await server.closed(1)
    await expect(run.result).rejects.toMatchObject({ code: 'RUN_CANCELLED', reason: 'enough' })
    expect(server.requests).toBe(1)
  })

  it('of several agents in one state, in an orchestration in another one', async () => {
    class Several extends OrchestrationRunnable<string, string> {
      async invoke(input: string, context: RunContext): Promise<string> {
        await Promise.all(['A', 'B', 'C'].map(name => AgentRunner.run(agent(name), input, { context })))
        return ''
      }
    }
    const run = machine(new SubOrchestrationRunnable(machine(new Several()))).start('go')
    await server.began(3)
    run.cancel()
    await server.closed(3)
    await expect(run.result).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
  })

  it('of an agent that is the tool of another one, and of one that writes a summary', async () => {
    const calls = [{ name: 'Inner', arguments: { input: 'go' } }]
    const outer = new Agent({
      client: new ScriptedModel([{ toolCalls: calls }]),
      model: 'scripted',
      name: 'Outer',
      tools: [agentTool(agent('Inner'))],
    })
    const long = { role: 'user', content: 'long '.repeat(1_000) } as const
    const forgetful = new Agent({
      client: new ScriptedModel([]),
      model: 'scripted',
      contextWindow: summarise({ maxTokens: 100, client: server.client(), model: 'gpt-4.1-mini' }),
    })
    class Both extends OrchestrationRunnable<string, string> {
      async invoke(_: string, context: RunContext): Promise<string> {
        await Promise.all([
          AgentRunner.run(outer, 'go', { context }),
          AgentRunner.run(forgetful, 'go', { context, messages: [long, { role: 'assistant', content: 'well' }] }),
        ])
        return ''
      }
    }
    const run = machine(new Both()).start('go')
    await server.began(2)
    run.cancel()
    await server.closed(2)
    await expect(run.result).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
  })
})

describe('a branch that nobody needs any more', () => {
  class Start extends OrchestrationRunnable<string, string> {
    invoke(input: string): string {
      return input
    }
  }
  class Slow extends Asking {}
  class Quick extends OrchestrationRunnable<string, string> {
    constructor(readonly work: () => Promise<string>) {
      super()
    }
    invoke(): Promise<string> {
      return this.work()
    }
  }
  class First extends JoinRunnable<string, string> {
    override get joinOptions() {
      return { policy: 'any' } as const
    }
    join(items: readonly string[]): string {
      return items.join()
    }
  }
  class Race extends Orchestration<string, string> {
    constructor(slow: Agent, quick: () => Promise<string>) {
      super()
      this.initialRunnable = new Start().configure({ parallelAdvances: true }).addAdvancer(Slow).addAdvancer(Quick)
      this.register(new Slow(slow).addAdvancer(First), new Quick(quick).addAdvancer(First), new First())
    }
  }

  it('closes its connection when another one has won', async () => {
    const quick = async (): Promise<string> => {
      await server.began(1)
      return 'quick'
    }
    expect(await new Race(agent(), quick).run('go')).toBe('quick')
    await server.closed(1)
  })

  it('closes its connection when another one has failed', async () => {
    const broken = async (): Promise<string> => {
      await server.began(1)
      throw new Error('broken')
    }
    await expect(new Race(agent(), broken).run('go')).rejects.toMatchObject({ code: 'RUN_FAILED' })
    await server.closed(1)
  })
})

describe('a timeout closes the connection', () => {
  it('of an attempt, and the next attempt opens another one', async () => {
    const clock = new ManualClock()
    const state = new Asking(agent()).configure({
      interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 }), timeout({ timeoutMs: 5_000 })],
    })
    const run = machine(state).start('go', { clock })
    await server.began(1)
    await clock.advance(5_000)
    await server.closed(1)
    // The delay before the next attempt, of no time.
    await clock.advance(0)
    await server.began(2)
    await clock.advance(5_000)
    await server.closed(2)
    await expect(run.result).rejects.toMatchObject({
      stateName: 'Asking',
      cause: { code: 'RETRIES_EXHAUSTED', cause: { code: 'STATE_TIMED_OUT' } },
    })
    expect(server.requests).toBe(2)
  })

  it('of a stream that falls silent, after its last sign of life', async () => {
    const clock = new ManualClock()
    const state = new Asking(agent('A', true)).configure({ interceptors: [timeout({ idleMs: 1_000 })] })
    const run = machine(state).start('go', { clock })
    const spoken = new Promise<void>(resolve => run.on('agent.delta', () => resolve()))
    await spoken
    await clock.advance(1_000)
    await server.closed(1)
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'STATE_TIMED_OUT' } })
  })

  it('of a run', async () => {
    const clock = new ManualClock()
    const run = machine(new Asking(agent())).start('go', { clock, timeoutMs: 60_000 })
    await server.began(1)
    await clock.advance(60_000)
    await server.closed(1)
    await expect(run.result).rejects.toMatchObject({ code: 'RUN_FAILED' })
  })
})

describe('a chat closes the connections of a turn', () => {
  const configurations = {
    singleton: () => new SingletonRuntimeConfiguration(agent()),
    sequential: () => new SequentialRuntimeConfiguration([agent('A'), agent('B')]),
    concurrent: () => new ConcurrentRuntimeConfiguration([agent('A'), agent('B'), agent('C')]),
    'the router': () => new HandoffRuntimeConfiguration(agent('A'), [agent('B')]),
    orchestration: () => new OrchestrationRuntimeConfiguration(machine(new Asking(agent()))),
  }
  const connections = (name: string): number => (name === 'concurrent' ? 3 : 1)

  it.each(Object.entries(configurations))('that is cancelled: %s (LT-11)', async (name, make) => {
    const runtime = new ChatRuntime(make())
    const failure = failureOf(runtime.invoke('Hello'))
    await server.began(connections(name))
    runtime.cancel('enough')
    await server.closed(connections(name))
    expect(await failure).toMatchObject({ code: 'RUN_CANCELLED' })
    expect(await runtime.messages).toEqual([])
    expect(server.requests).toBe(connections(name))
  })

  it.each(Object.entries(configurations))('whose signal aborts: %s', async (name, make) => {
    const runtime = new ChatRuntime(make())
    const controller = new AbortController()
    const reason = new Error('gone')
    const failure = failureOf(runtime.invoke('Hello', { signal: controller.signal }))
    await server.began(connections(name))
    controller.abort(reason)
    await server.closed(connections(name))
    expect(await failure).toBe(reason)
  })

  it('whose reader leaves', async () => {
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('A', true)))
    for await (const piece of runtime.stream('Hello')) {
      expect(piece).toMatchObject({ type: 'delta', text: 'Well' })
      break
    }
    await server.closed(1)
  })

  it('that another message interrupts', async () => {
    const runtime = new ChatRuntime(new SingletonRuntimeConfiguration(agent('A', true)), { whenBusy: 'interrupt' })
    const failure = failureOf(runtime.invoke('Hello'))
    await server.began(1)
    const second = runtime.invoke('Stop')
    await server.closed(1)
    expect(await failure).toMatchObject({ code: 'RUN_CANCELLED' })
    await server.began(2)
    runtime.cancel()
    await expect(second).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    await server.closed(2)
  })
})

describe('an input guardrail that trips', () => {
  it.each([false, true])('closes the connection of the call in flight, when the answer has begun: %s', async begins => {
    const strict = guardrail('strict', async () => {
      await server.began(1)
      return { reason: 'no' }
    })
    const guarded = new Agent({ client: server.client(begins), model: 'gpt-4.1-mini', inputGuardrails: [strict] })
    const run = machine(new Asking(guarded)).start('go')
    const types: string[] = []
    run.events$.subscribe(({ type }) => types.push(type))
    await expect(run.result).rejects.toMatchObject({ cause: { code: 'GUARDRAIL_TRIPPED' } })
    await server.closed(1)
    expect(server.requests).toBe(1)
    expect(types).toContain('agent.guardrail')
    expect(types).not.toContain('agent.delta')
  })
})
