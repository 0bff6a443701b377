import { toArray } from 'rxjs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Agent, AgentRegistry } from '../../src/agents/index.js'
import { MemoryJournalStore, StateManager } from '../../src/durability/index.js'
import { ManualClock, ScriptedModel } from '../../src/testing/index.js'
import {
  analyzeTopology,
  compileTopology,
  ensureTopology,
  Orchestra,
  PatternConfig,
  Topology,
} from '../../src/topology/index.js'
import { heard, registryOf, scripted } from './scripted-agents.js'

const pair = { nodes: ['User', 'Thinker', 'Writer'], edges: ['User -> Thinker -> Writer -> User'] }

function untilAborted(options: { readonly signal?: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => {
    options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
  })
}

afterEach(() => vi.restoreAllMocks())

describe('S1-01 Orchestra.run()', () => {
  it('S1-03 needs a task, a topology and agents, and nothing else', async () => {
    const agentRegistry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    const result = await Orchestra.run({ task: 'Think', topology: pair, agentRegistry })
    expect([result.success, result.finalResponse, result.totalSteps]).toEqual([true, 'a text', 2])
  })

  it('S1-02 S1-37 takes all notations, and a Topology as it is', async () => {
    const topology = Topology.of(pair)
    for (const given of [pair, topology, JSON.parse(JSON.stringify(topology))]) {
      const agentRegistry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
      const { finalResponse } = await Orchestra.run({ task: 'Think', topology: given, agentRegistry })
      expect(finalResponse).toBe('a text')
    }
    const agentRegistry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    const stages = [
      { name: 'think', agents: ['Thinker'] },
      { name: 'write', agents: ['Writer'] },
    ]
    const pipeline = PatternConfig.pipeline({ stages })
    expect((await Orchestra.run({ task: 'Think', topology: pipeline, agentRegistry })).finalResponse).toBe('a text')
  })

  it('S1-38 rejects what is no topology, and one that is wrong, before anything runs', async () => {
    const agentRegistry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    for (const topology of [undefined, null, 'User -> Thinker', 7]) {
      const run = Orchestra.run({ task: 'Think', topology: topology as never, agentRegistry })
      await expect(run).rejects.toThrow(TypeError)
    }
    const topology = { nodes: ['User', 'Thinker'], edges: ['User -> Thinkr'] }
    await expect(Orchestra.run({ task: 'Think', topology, agentRegistry })).rejects.toMatchObject({
      code: 'TOPOLOGY_INVALID',
    })
    expect(heard(agentRegistry, 'Thinker')).toEqual([])
  })

  it('rejects options that are none', async () => {
    const agentRegistry = registryOf({ Thinker: [], Writer: [] })
    const circle: unknown[] = []
    circle.push(circle)
    const wrong = [
      { agentRegistry: {} },
      { agentRegistry, context: 'technical' },
      { agentRegistry, context: { circle } },
      { agentRegistry, task: undefined },
      { agentRegistry, task: circle },
      { agentRegistry, maxSteps: 0 },
      { agentRegistry, rules: ['timeout(soon)'] },
    ]
    for (const options of wrong) {
      const run = Orchestra.run({ task: 'Think', topology: pair, ...(options as object) })
      await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^(OPTION|TOPOLOGY)_INVALID$/) })
    }
  })
})

describe('S1-52 S1-53 where agents come from', () => {
  it('S1-52 the global registry by default, in which agents are registered by hand', async () => {
    const { global } = AgentRegistry
    const made = new Agent({ name: 'Thinker', client: new ScriptedModel(['a thought']), model: 'scripted' })
    expect(global.has('Thinker')).toBe(false)
    try {
      global.register(made)
      global.register(scripted('Writer', 'a text'))
      expect((await Orchestra.run({ task: 'Think', topology: pair })).finalResponse).toBe('a text')
      // Of two agents of one name, the second is told so instead of taking the place of the first.
      expect(() => global.register(scripted('Writer'))).toThrow(expect.objectContaining({ code: 'AGENT_EXISTS' }))
    } finally {
      for (const name of global.list()) global.unregister(name)
    }
  })

  it('S1-53 a registry of its own, apart from all others', async () => {
    const [one, two] = ['one', 'two'].map(text => registryOf({ Thinker: ['thought'], Writer: [text] }))
    const results = await Promise.all(
      [one, two].map(agentRegistry =>
        Orchestra.run({ task: 'Think', topology: pair, agentRegistry: agentRegistry as never }),
      ),
    )
    expect(results.map(({ finalResponse }) => finalResponse)).toEqual(['one', 'two'])
  })

  it('S1-13 nodes that are agents need no registry', async () => {
    const nodes = ['User', scripted('Thinker', 'a thought'), scripted('Writer', 'a text')]
    const result = await new Orchestra(new AgentRegistry()).execute({ task: 'Think', topology: { ...pair, nodes } })
    expect(result.finalResponse).toBe('a text')
  })

  it('names an agent that nobody has registered, and the nearest one', async () => {
    const agentRegistry = registryOf({ Thinker: [], Writter: [] })
    const run = Orchestra.run({ task: 'Think', topology: pair, agentRegistry })
    await expect(run).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' })
    await expect(run).rejects.toThrow('Writter')
  })
})

describe('S1-25 execute()', () => {
  it('MA-10 does several at once on one instance, each with its own task, agents’ words and result', async () => {
    const registry = new AgentRegistry()
    const echo = (request: { messages: readonly { content: unknown }[] }) =>
      `re ${String(request.messages.at(-1)?.content)}`
    registry.register(scripted('Thinker', ...Array.from({ length: 8 }, () => echo)))
    const orchestra = new Orchestra(registry)
    const topology = { nodes: ['User', 'Thinker'], edges: ['User -> Thinker -> User'] }
    const tasks = Array.from({ length: 8 }, (_, index) => `task ${index}`)
    const results = await Promise.all(tasks.map(task => orchestra.execute({ task, topology, sessionId: task })))
    for (const [index, { finalResponse, metadata, totalSteps }] of results.entries()) {
      expect(String(finalResponse)).toContain(`task ${index}`)
      expect([metadata.sessionId, totalSteps]).toEqual([`task ${index}`, 1])
    }
    expect(new Set(results.map(({ metadata }) => metadata.runId)).size).toBe(8)
  })

  it('S1-51 tells all agents the context, whoever they hear from', async () => {
    const registry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    const context = { session_id: '123', user_id: 'user_456', environment: 'production', style: 'technical' }
    await new Orchestra(registry).execute({ task: 'Think', topology: pair, context })
    for (const name of ['Thinker', 'Writer']) {
      const [request] = (registry.get(name).client as ScriptedModel).requests
      const said = JSON.stringify(request?.messages)
      for (const value of ['user_456', 'production', 'technical']) expect(said).toContain(value)
    }
  })

  it('S1-30 takes the session id from its argument, else from the context, else makes one (C17)', async () => {
    const orchestra = new Orchestra(registryOf({ Thinker: Array(5).fill('.'), Writer: Array(5).fill('.') }))
    const idOf = async (more: object) =>
      (await orchestra.execute({ task: 't', topology: pair, ...more })).metadata.sessionId
    expect(await idOf({ sessionId: 'a', context: { session_id: 'b' } })).toBe('a')
    expect(await idOf({ context: { session_id: 'b' } })).toBe('b')
    expect(await idOf({ context: { sessionId: 'c', session_id: 'b' } })).toBe('c')
    const made = [await idOf({}), await idOf({})]
    expect(made[0]).not.toBe(made[1])
  })

  it('MA-6 changes nothing of what it is given', async () => {
    const registry = registryOf({ Thinker: ['.'], Writer: ['.'] })
    const context = Object.freeze({ session_id: 'b', deep: Object.freeze({ list: Object.freeze([1]) }) })
    const topology = Object.freeze({ nodes: Object.freeze([...pair.nodes]), edges: Object.freeze([...pair.edges]) })
    const { success } = await new Orchestra(registry).execute({ task: 't', topology, context, sessionId: 'a' })
    expect([success, context.session_id]).toEqual([true, 'b'])
    expect(heard(registry, 'Thinker').join()).not.toContain('"b"')
  })

  it('S1-09 adds its rules to topologies that have none of their kind', async () => {
    const clock = new ManualClock(0)
    const limits = async (rules: readonly string[]) => {
      const registry = registryOf({ Thinker: [(_request, options) => untilAborted(options)], Writer: [] })
      const orchestra = new Orchestra(registry, { rules: ['timeout(60)', 'max_agents(2)'], clock })
      const running = orchestra.start({ task: 't', topology: { ...pair, rules } })
      const before = clock.now()
      let ended = false
      void running.result.then(() => (ended = true))
      while (!ended) await clock.advance(1000)
      const { success, error } = await running.result
      return { success, error, seconds: Math.floor((clock.now() - before) / 10_000) * 10 }
    }
    expect(await limits([])).toMatchObject({ success: false, seconds: 60 })
    expect(await limits(['timeout(30)'])).toMatchObject({ success: false, seconds: 30 })
  })

  it('S1-42 S1-50 stops at 100 steps of agents by default, and says so with what there is', async () => {
    const words = ['think', 'write', 'edit'].map(word => Array<string>(60).fill(word))
    const registry = registryOf({ Thinker: words[0] ?? [], Writer: words[1] ?? [], Editor: words[2] ?? [] })
    const nodes = ['User', 'Thinker', 'Writer', 'Editor']
    const topology = { nodes, edges: ['User -> Thinker -> Writer -> Editor -> Thinker'], rules: ['max_steps(1000)'] }
    const orchestra = new Orchestra(registry)
    const result = await orchestra.execute({ task: 't', topology })
    expect([result.success, result.totalSteps, result.finalResponse]).toEqual([false, 100, 'think'])
    expect(result.error).toMatch(/100/)
    const short = await orchestra.execute({ task: 't', topology, maxSteps: 2 })
    expect([short.success, short.totalSteps, short.finalResponse]).toEqual([false, 2, 'write'])
  })

  it('S1-42 resolves when it is cancelled by a signal', async () => {
    const controller = new AbortController()
    const registry = registryOf({
      Thinker: ['a thought'],
      Writer: [
        (_request, options) => {
          controller.abort()
          return untilAborted(options)
        },
      ],
    })
    const result = await new Orchestra(registry).execute({ task: 't', topology: pair, signal: controller.signal })
    expect(result).toMatchObject({
      success: false,
      finalResponse: 'a thought',
      error: expect.stringContaining('cancelled'),
      metadata: { status: 'cancelled', cancelledTasks: 1 },
      branchResults: [{ success: false, executionTrace: [{}, { agent: 'Writer', action: 'cancelled' }] }],
    })
  })
})

describe('S1-61 streaming', () => {
  it('begins when somebody subscribes, and completes after the last event', async () => {
    const registry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    const stream = new Orchestra(registry).stream({ task: 't', topology: pair })
    expect(heard(registry, 'Thinker')).toEqual([])
    const events = await new Promise<readonly { type: string }[]>(resolve => stream.pipe(toArray()).subscribe(resolve))
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['orchestration.started', 'orchestration.completed'])
    expect(events.filter(({ type }) => type === 'agent.delta').length).toBeGreaterThan(0)
  })

  it('is cancelled by whoever leaves it', async () => {
    let stopped!: () => void
    const aborted = new Promise<void>(resolve => (stopped = resolve))
    const registry = registryOf({
      Thinker: [
        (_request, { signal }) => {
          signal?.addEventListener('abort', stopped)
          return untilAborted({ ...(signal && { signal }) })
        },
      ],
      Writer: [],
    })
    const stream = new Orchestra(registry).stream({ task: 't', topology: pair })
    const subscription = stream.subscribe(event => {
      if (event.type === 'state.started' && event.stateName === 'Thinker')
        setImmediate(() => subscription.unsubscribe())
    })
    await aborted
  })

  it('errors with what keeps the run from beginning', async () => {
    const orchestra = new Orchestra(registryOf({ Thinker: [] }))
    const failure = await new Promise(resolve => {
      orchestra.stream({ task: 't', topology: pair }).subscribe({ error: resolve })
    })
    expect(failure).toMatchObject({ code: 'AGENT_UNKNOWN' })
  })

  it('has the same events where runs are kept', async () => {
    const types = async (stateManager?: StateManager) => {
      const registry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
      const orchestra = new Orchestra(registry, stateManager && { stateManager })
      const stream = orchestra.stream({ task: 't', topology: pair })
      const events = await new Promise<readonly { type: string }[]>(resolve =>
        stream.pipe(toArray()).subscribe(resolve),
      )
      return events.map(({ type }) => type)
    }
    expect(await types(new StateManager(new MemoryJournalStore()))).toEqual(await types())
  })

  it('gives a handle by which a run is paused and cancelled, kept or not', async () => {
    for (const options of [{}, { stateManager: new StateManager(new MemoryJournalStore()) }]) {
      const registry = registryOf({ Thinker: [(_request, more) => untilAborted(more)], Writer: [] })
      const handle = new Orchestra(registry, options).start({ task: 't', topology: pair, sessionId: 's' })
      const begun = new Promise(resolve =>
        handle.events$.subscribe(({ type }) => type === 'agent.usage' || resolve(type)),
      )
      await begun
      const run = await handle.run
      run.cancel('enough')
      expect(await handle.result).toMatchObject({
        error: expect.stringContaining('enough'),
        metadata: { sessionId: 's' },
      })
    }
  })
})

describe('S1-08 S1-43 S1-47 what S1’s components do', () => {
  it('can be had one by one: convert, analyse, make branches of it, run', async () => {
    const topology = ensureTopology(pair)
    const analysis = analyzeTopology(topology)
    expect([analysis.entries, analysis.divergencePoints]).toEqual([['Thinker'], []])
    const registry = registryOf({ Thinker: ['a thought'], Writer: ['a text'] })
    const orchestration = compileTopology(topology, { registry })
    expect((await orchestration.run({ task: 't' })).response).toBe('a text')
  })
})
