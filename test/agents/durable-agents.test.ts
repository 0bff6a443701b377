import { firstValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  Agent,
  AgentRunnable,
  AgentRunner,
  type AgentTool,
  agentTool,
  approvalInRun,
  guardrail,
  type ModelMessage,
  summarise,
  textOf,
  tool,
} from '../../src/agents/index.js'
import { Orchestration, type OrchestrationRun, OrchestrationRunnable, type RunContext } from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { retry } from '../../src/resilience/index.js'
import { ScriptedModel, type ScriptedReply } from '../../src/testing/index.js'
import { faultsOf } from './message-rules.js'
import { SearchItem, SearchPlan } from './payloads.js'

const call = (name: string, args: unknown = {}) => ({ name, arguments: args })

/** An orchestration of one state. */
function machine(state: OrchestrationRunnable<string, string>): Orchestration<string, string> {
  return new (class Machine extends Orchestration<string, string> {
    override initialRunnable = state
  })()
}

/** A state whose prompt is another one each time. */
function agentState(agent: ReturnType<typeof agentOf>): OrchestrationRunnable<string, string> {
  return new (class Asking extends AgentRunnable<string, string> {
    readonly agent = agent

    override prompt(input: string): string {
      return `${input} ${++prompts}`
    }
  })()
}

let prompts = 0

function agentOf(client: ScriptedModel, tools: readonly AgentTool[], name = 'Worker') {
  return new Agent({ client, model: 'scripted', name, tools, onToolPermission: approvalInRun() })
}

function counting(name: string, more: { needsPermission?: boolean; execute?: (n: number) => unknown } = {}) {
  const { execute = n => `${name} ${n}`, ...behaviour } = more
  const made = { calls: 0 }
  const counted = tool({ name, description: name, ...behaviour, execute: () => execute(++made.calls) })
  return Object.assign(made, { tool: counted })
}

/** A place where the work of the first process stays until that process is gone. */
function gate() {
  let arrived = (): void => {}
  const reached = new Promise<void>(resolve => {
    arrived = resolve
  })
  return { reached, stay: () => (arrived(), new Promise<never>(() => {})) }
}

async function typesOf(run: OrchestrationRun<string>): Promise<string[]> {
  return (await firstValueFrom(run.events$.pipe(toArray()))).map(event => event.type)
}

describe('a conversation in a state', () => {
  it('repeats neither a model call nor a tool call that was committed before the crash, nor their events', async () => {
    const look = counting('look')
    const hold = gate()
    const hang = counting('hang', { execute: n => (n === 1 ? hold.stay() : 'hung') })
    const first = new ScriptedModel([{ toolCalls: [call('look')] }, { toolCalls: [call('look'), call('hang')] }])
    const build = (client: ScriptedModel) => machine(agentState(agentOf(client, [look.tool, hang.tool])))
    const store = new MemoryJournalStore()
    const run = build(first).start('go', { store, runId: 'r' })
    run.result.catch(() => {})
    const before: string[] = []
    run.events$.subscribe(event => before.push(event.type))
    await hold.reached
    // The result that was there is committed before the process is gone.
    await new Promise(setImmediate)
    await store.close()
    expect(look.calls).toBe(2)

    const second = new ScriptedModel(['done'])
    const again = await build(second).resume('r', { store: store.reopen() })
    const [types, result] = await Promise.all([typesOf(again), again.result])
    expect(result).toBe('done')
    expect([look.calls, hang.calls]).toEqual([2, 2])
    expect(second.requests).toHaveLength(1)
    expect(second.requests.flatMap(faultsOf)).toEqual([])
    const results = second.requests[0]?.messages.filter(message => message.role === 'tool').map(each => each.content)
    expect(results).toEqual(['look 1', 'look 2', 'hung'])
    expect(before.filter(type => type === 'agent.usage')).toHaveLength(2)
    expect(types.filter(type => type.startsWith('agent.'))).toEqual([
      'agent.tool.called',
      'agent.tool.completed',
      'agent.delta',
      'agent.usage',
    ])
  })

  it('asks a person once, calls the tool once and goes on, when the process dies while the approval is pending', async () => {
    const pay = counting('pay', { needsPermission: true })
    const store = new MemoryJournalStore()
    const first = new ScriptedModel([{ toolCalls: [call('pay')] }])
    const build = (client: ScriptedModel) => machine(agentState(agentOf(client, [pay.tool], 'Payer')))
    const run = build(first).start('go', { store, runId: 'r' })
    run.result.catch(() => {})
    await new Promise<void>(resolve => run.on('approval.requested', () => resolve()))
    await store.close()

    const reopened = store.reopen()
    const { requests } = await reopened.requests()
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ message: 'May agent "Payer" call tool "pay" with {}?' })
    const second = new ScriptedModel(['paid'])
    await new Journal(build(second), { store: reopened }).approve('r', 'Asking', { by: 'Ada' })
    const again = await build(second).resume('r', { store: reopened })
    const [types, result] = await Promise.all([typesOf(again), again.result])
    expect(result).toBe('paid')
    expect(pay.calls).toBe(1)
    expect(types.filter(type => type === 'approval.requested')).toEqual([])
    expect(second.requests).toHaveLength(1)
    expect(second.requests.flatMap(faultsOf)).toEqual([])
  })

  it('tells the model what the person said to a rejection, and that nobody answered in time', async () => {
    const pay = counting('pay', { needsPermission: true })
    const client = new ScriptedModel([{ toolCalls: [call('pay'), call('pay')] }, 'as you wish'])
    const run = machine(agentState(agentOf(client, [pay.tool]))).start('go')
    let asked = 0
    await new Promise<void>(resolve => run.on('approval.requested', () => ++asked === 2 && resolve()))
    expect(run.requests.map(request => request.input)).toEqual([
      { agent: 'Worker', tool: 'pay', arguments: {} },
      { agent: 'Worker', tool: 'pay', arguments: {} },
    ])
    const [one, other] = run.requests
    await run.reject(one?.id as string, { comment: 'too expensive' })
    await run.reject(other?.id as string)
    expect(await run.result).toBe('as you wish')
    expect(pay.calls).toBe(0)
    expect(client.requests[1]?.messages.slice(-2).map(each => each.content)).toEqual([
      'Tool permission was not granted: too expensive',
      'Tool permission was not granted: it was rejected',
    ])

    const late = new ScriptedModel([{ toolCalls: [call('pay')] }, 'too late'])
    const onToolPermission = approvalInRun({ timeoutMs: 1, message: ({ tool: name }) => `${name}?` })
    const agent = new Agent({ client: late, model: 'scripted', tools: [pay.tool], onToolPermission })
    expect(await machine(agentState(agent)).run('go')).toBe('too late')
    expect(late.requests[1]?.messages.at(-1)?.content).toBe(
      'Tool permission was not granted: nobody has answered in time',
    )
  })

  it('fails with the way out where there is no run to ask in', async () => {
    const pay = counting('pay', { needsPermission: true })
    const agent = agentOf(new ScriptedModel([{ toolCalls: [call('pay')] }]), [pay.tool])
    const failure = await AgentRunner.run(agent, 'go').catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'TOOL_FAILED', cause: { code: 'OPTION_INVALID' } })
    expect(String((failure as Error).cause)).toContain('pass `context` to AgentRunner.run')
  })

  it('gets fresh answers in a retry of the state, and counts what each attempt has used', async () => {
    const client = new ScriptedModel(['no JSON', 'still none', { object: { topic: 'x', items: [] } }])
    const agent = new Agent({ client, model: 'scripted', name: 'Planner', outputSchema: SearchPlan })
    class Planning extends AgentRunnable<string, SearchPlan> {
      readonly agent = agent
    }
    class Machine extends Orchestration<string, SearchPlan> {
      override initialRunnable = new Planning().configure({
        interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })],
      })
    }
    const run = new Machine().start('go')
    const events = await firstValueFrom(run.events$.pipe(toArray()))
    expect((await run.result).topic).toBe('x')
    expect(events.filter(event => event.type === 'agent.usage')).toHaveLength(3)
  })

  it('keeps several conversations of one state apart, one after the other and side by side, whichever is faster', async () => {
    const answers: Record<string, string> = { a: 'A', b: 'B', c: 'C', 'A!': 'AA', 'B!': 'BB', 'C!': 'CC' }
    const asked: string[] = []
    const hold = gate()
    class Several extends OrchestrationRunnable<string, string> {
      constructor(readonly client: ScriptedModel) {
        super()
      }

      override async invoke(_: string, context: RunContext): Promise<string> {
        const agent = new Agent({ client: this.client, model: 'scripted' })
        const ask = async (input: string) => (await AgentRunner.run(agent, input, { context })).output
        const results = await Promise.all(['a', 'b', 'c'].map(async input => ask(`${await ask(input)}!`)))
        return [...results, await ask('a')].join()
      }
    }
    const reply =
      (slow?: string): ScriptedReply =>
      ({ messages }) => {
        const input = textOf(messages.at(-1))
        asked.push(input)
        return input === slow ? hold.stay() : (answers[input] ?? 'nothing')
      }
    const store = new MemoryJournalStore()
    const first = machine(new Several(new ScriptedModel(Array.from({ length: 7 }, () => reply('B!')))))
    const run = first.start('go', { store, runId: 'r' })
    run.result.catch(() => {})
    await hold.reached
    await new Promise(setImmediate)
    await store.close()
    expect(asked.slice().sort()).toEqual(['A!', 'B!', 'C!', 'a', 'b', 'c'])

    asked.length = 0
    const second = machine(new Several(new ScriptedModel(Array.from({ length: 2 }, () => reply()))))
    expect(await (await second.resume('r', { store: store.reopen() })).result).toBe('AA,BB,CC,A')
    expect(asked).toEqual(['B!', 'a'])
  })

  it('repeats nothing of an agent that was called as a tool either, and asks its person once', async () => {
    const pay = counting('pay', { needsPermission: true })
    const build = (client: ScriptedModel) => {
      const inner = agentOf(client, [pay.tool], 'Inner')
      return machine(agentState(agentOf(client, [agentTool(inner)], 'Outer')))
    }
    const store = new MemoryJournalStore()
    const first = new ScriptedModel([{ toolCalls: [call('Inner', { input: 'one' })] }, { toolCalls: [call('pay')] }])
    const run = build(first).start('go', { store, runId: 'r' })
    run.result.catch(() => {})
    await new Promise<void>(resolve => run.on('approval.requested', () => resolve()))
    await store.close()
    const second = new ScriptedModel(['inner done', 'outer done'])
    const again = await build(second).resume('r', { store: store.reopen() })
    const done = again.result
    // The run is taken up on the next turn.
    await new Promise(setImmediate)
    await again.approve('Asking')
    expect(await done).toBe('outer done')
    expect(pay.calls).toBe(1)
    second.assertDone()
    const last = second.requests.at(-1)?.messages as ModelMessage[]
    expect(last.at(-1)?.content).toBe('inner done')
  })

  it('gives a tool a context whose kept results and keys belong to the call', async () => {
    const keys: string[] = []
    const book = tool({
      name: 'book',
      description: 'Books',
      parameters: SearchItem,
      execute: async ({ query }, { run }) => {
        keys.push(run?.idempotencyKey as string)
        return run?.once('number', () => `number of ${query}`)
      },
    })
    const toolCalls = ['x', 'y'].map(query => call('book', { query, limit: null }))
    const client = new ScriptedModel([{ toolCalls }, 'done'])
    await machine(agentState(agentOf(client, [book]))).run('go')
    expect(client.requests[1]?.messages.slice(-2).map(each => each.content)).toEqual(['number of x', 'number of y'])
    expect(new Set(keys).size).toBe(2)
  })

  it('that dies at any moment goes on where it was: at most the call that was under way is made again', async () => {
    let [modelCalls, toolCalls] = [0, 0]
    // A model that keeps nothing: what it answers follows from what it sees.
    const reply: ScriptedReply = ({ messages }) => {
      modelCalls++
      const results = messages.filter(message => message.role === 'tool').length
      return results < 4 ? { toolCalls: [call('work'), call('work')] } : 'done'
    }
    const work = tool({ name: 'work', description: 'Works', execute: () => ++toolCalls })
    const build = () => machine(agentState(agentOf(new ScriptedModel(Array(9).fill(reply)), [work])))
    let deaths = 0
    for (let moment = 0; ; moment++) {
      ;[modelCalls, toolCalls] = [0, 0]
      const store = new MemoryJournalStore()
      const run = build().start('go', { store, runId: 'r' })
      let seen = 0
      let died: Promise<unknown> | undefined
      run.events$.subscribe(() => {
        if (seen++ === moment) died = store.close()
      })
      const outcome = await run.result.catch(() => undefined)
      await died
      if (outcome !== undefined) break
      deaths++
      const again = await build().resume('r', { store: store.reopen() })
      expect(await again.result).toBe('done')
      // Three turns and four tool calls, and what was not committed when the process died: a turn, or the two calls of one.
      expect([3, 4]).toContain(modelCalls)
      expect([4, 5, 6]).toContain(toolCalls)
      expect(modelCalls === 3 || toolCalls === 4).toBe(true)
    }
    expect(deaths).toBeGreaterThan(10)
  })

  it('that is handed over, guarded and summarised goes on at any moment too, and its usage is the sum of all turns', async () => {
    let calls = 0
    const usage = { inputTokens: 10, outputTokens: 1, totalTokens: 11 }
    const answers: Record<string, ScriptedReply> = {
      Judge: { text: 'fine', usage },
      Triage: { toolCalls: [{ name: 'transfer_to_Expert', arguments: { reason: 'hard' } }], usage },
      Summary: { text: 'nothing so far', usage },
      Expert: { text: 'solved', usage },
    }
    const reply: ScriptedReply = ({ messages }) => {
      calls++
      return answers[textOf(messages[0])] ?? new Error('nobody is called so')
    }
    const sums: number[] = []
    class Helping extends OrchestrationRunnable<string, string> {
      override async invoke(input: string, context: RunContext): Promise<string> {
        const client = new ScriptedModel(Array(9).fill(reply))
        const named = (name: string) => ({ client, model: 'scripted', name, instructions: name })
        const judge = new Agent(named('Judge'))
        const judged = guardrail('judged', async (text: string, { run, signal }) => {
          const { output } = await AgentRunner.run(judge, text, { signal, context: run as RunContext })
          return output === 'fine' ? undefined : { reason: output }
        })
        const countTokens = (): number => 1
        const contextWindow = summarise({ maxTokens: 4, keepTokens: 3, instructions: 'Summary', countTokens })
        const expert = new Agent({ ...named('Expert'), contextWindow, outputGuardrails: [judged] })
        const triage = new Agent({ ...named('Triage'), handoffs: [expert], inputGuardrails: [judged] })
        const messages: ModelMessage[] = [
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: 'hi' },
        ]
        const result = await AgentRunner.run(triage, input, { context, messages })
        sums.push(result.usage.totalTokens)
        return `${result.agent.name} ${result.output}`
      }
    }
    let deaths = 0
    for (let moment = 0; ; moment++) {
      calls = 0
      const store = new MemoryJournalStore()
      const run = machine(new Helping()).start('go', { store, runId: 'r' })
      let seen = 0
      let died: Promise<unknown> | undefined
      run.events$.subscribe(() => {
        if (seen++ === moment) died = store.close()
      })
      const outcome = await run.result.catch(() => undefined)
      await died
      if (outcome !== undefined) break
      deaths++
      const again = await machine(new Helping()).resume('r', { store: store.reopen() })
      expect(await again.result).toBe('Expert solved')
      // Five calls, and those under way when the process died: the guardrail of the input is asked beside the first turn.
      expect([5, 6, 7]).toContain(calls)
      expect(sums.at(-1)).toBe(33)
    }
    expect(deaths).toBeGreaterThan(8)
  })

  it('S4-28 has keys for its tool calls by which a server knows them again when the state is tried again', async () => {
    const keys: string[] = []
    const pay = tool({
      name: 'pay',
      description: 'Pays',
      parameters: SearchItem,
      execute: (_, { run }) => keys.push(run?.idempotencyKey as string),
    })
    const paid = (query: string, text?: string) => call('pay', text ?? { query, limit: null })
    const client = new ScriptedModel([
      { toolCalls: [paid('rent'), paid('rent'), paid('tax')] },
      new Error('the model is gone'),
      { toolCalls: [paid('tax'), paid('rent', '{"limit":null, "query":"rent"}')] },
      { toolCalls: [paid('rent')] },
      'done',
    ])
    const state = agentState(agentOf(client, [pay])).configure({
      interceptors: [retry({ maxAttempts: 2, initialDelayMs: 0 })],
    })
    expect(await machine(state).run('go')).toBe('done')
    const [rent, rentAgain, tax] = keys
    expect(new Set([rent, rentAgain, tax]).size).toBe(3)
    expect(keys.slice(3)).toEqual([tax, rent, rentAgain])
  })
})
