import { describe, expect, it } from 'vitest'
import { MemoryJournalStore, StateManager } from '../../src/durability/index.js'
import { toMermaid, traceOf } from '../../src/graph/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { compileTopology, Orchestra, type OrchestraResult, PatternConfig, Topology } from '../../src/topology/index.js'
import { registryOf } from './scripted-agents.js'

const diamond = {
  nodes: ['User', 'Planner', 'Worker1', 'Worker2', 'Editor'],
  edges: [
    'User -> Planner',
    'Planner -> Worker1',
    'Planner -> Worker2',
    'Worker1 -> Editor',
    'Worker2 -> Editor',
    'Editor -> User',
  ],
}

const crew = { Planner: ['plan'], Worker1: ['one'], Worker2: ['two'], Editor: ['both'] }

function execute(more: object = {}, options: object = {}): Promise<OrchestraResult> {
  const registry = registryOf({ ...crew, ...more })
  return new Orchestra(registry, options).execute({ task: 't', topology: diamond, sessionId: 's' })
}

function branchOf({ branchResults }: OrchestraResult, agent: string) {
  return branchResults.find(({ metadata }) => metadata.agents[0] === agent)
}

describe('S1-10 S1-54 S1-55 the result of a run', () => {
  it('S1-05 S1-41 has all its fields, with branches that come together', async () => {
    const result = await execute()
    expect(result).toMatchObject({
      success: true,
      finalResponse: 'both',
      totalSteps: 4,
      metadata: {
        sessionId: 's',
        status: 'completed',
        topologyNodes: 5,
        topologyEdges: 6,
        completedBranches: result.branchResults.length,
        cancelledTasks: 0,
      },
    })
    expect(Object.keys(result)).not.toContain('error')
    expect(branchOf(result, 'Worker1')).toMatchObject({
      success: true,
      finalResponse: 'one',
      totalSteps: 1,
      executionTrace: [{ step: 1, agent: 'Worker1', response: 'one' }],
      metadata: { endedAtConvergence: true, outcome: 'joined', parent: branchOf(result, 'Planner')?.branchId },
    })
    const last = result.branchResults.find(({ metadata }) => metadata.agents.includes('Editor'))
    expect(last?.metadata).toMatchObject({ endedAtConvergence: false, outcome: 'completed', convergences: ['Editor'] })
  })

  it('S1-55 names branches by kind, first agent and place, each time alike', async () => {
    const ids = async () => (await execute()).branchResults.map(({ branchId }) => branchId)
    const [first, second] = [await ids(), await ids()]
    expect(first).toEqual(second)
    expect(new Set(first).size).toBe(first.length)
    expect(first[0]).toMatch(/^main_[a-z0-9]+_[0-9a-f]{6}$/)
    expect(first.filter(id => id.startsWith('child_worker'))).toHaveLength(2)
  })

  it('S1-55 traces each step with its decision and its time', async () => {
    const clock = new ManualClock(1000)
    const late = async () => {
      await clock.advance(250)
      return 'one'
    }
    const registry = registryOf({ Worker1: [late], Editor: ['both'] })
    const topology = { nodes: ['User', 'Worker1', 'Editor'], edges: ['User -> Worker1 -> Editor -> User'] }
    const result = await new Orchestra(registry, { clock }).execute({ task: 't', topology })
    expect(result.branchResults[0]?.executionTrace).toEqual([
      {
        step: 1,
        agent: 'Worker1',
        action: 'invoke_agent',
        targets: ['Editor'],
        response: 'one',
        startedAt: 1000,
        durationMs: 250,
      },
      {
        step: 2,
        agent: 'Editor',
        action: 'final_response',
        targets: ['User'],
        response: 'both',
        startedAt: 1250,
        durationMs: 0,
      },
    ])
    expect(result.totalDuration).toBe(0.25)
  })

  it('S1-55 S1-56 has what each agent remembers, branch by branch', async () => {
    const result = await execute()
    const memory = branchOf(result, 'Worker1')?.branchMemory ?? {}
    expect(Object.keys(memory)).toEqual(['Worker1'])
    expect(memory['Worker1']?.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(JSON.stringify(memory)).toContain('plan')
    expect(JSON.stringify(memory)).not.toContain('two')
  })

  it('S1-62 has tokens by agent and model, and what they cost', async () => {
    const prices = {
      currency: 'USD',
      asOf: '2025-01-31',
      models: { scripted: { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000 } },
    }
    const { usage } = (await execute({}, { prices })).metadata
    expect(usage.agents.map(({ name }) => name).toSorted()).toEqual(['Editor', 'Planner', 'Worker1', 'Worker2'])
    expect(usage.total.calls).toBe(4)
    expect(usage.total.cost).toBe(usage.total.inputTokens + 2 * usage.total.outputTokens)
    expect((await execute()).metadata.usage.total.cost).toBeUndefined()
  })

  it('is plain data', async () => {
    const result = await execute()
    expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(JSON.stringify(structuredClone(result))))
  })
})

describe('S1-46 what the final response is', () => {
  it('what branches say that came together, before those that ended alone', async () => {
    const registry = registryOf({ ...crew, Planner: ['plan'], Critic: ['I disagree'] })
    const nodes = [...diamond.nodes, 'Critic']
    const edges = [...diamond.edges, 'Planner -> Critic', 'Critic -> User']
    const result = await new Orchestra(registry).execute({ task: 't', topology: { nodes, edges } })
    expect(result.finalResponse).toBe('both')
    expect(branchOf(result, 'Critic')?.finalResponse).toBe('I disagree')
  })

  it('else of several branches their responses, by agent', async () => {
    const topology = PatternConfig.broadcast({ broadcaster: 'Planner', receivers: ['Worker1', 'Worker2'] })
    const result = await new Orchestra(registryOf(crew)).execute({ task: 't', topology })
    expect(result.finalResponse).toEqual({ Worker1: 'one', Worker2: 'two' })
  })

  it('C14 of a run that fails, what the branches say that succeeded; it is no success', async () => {
    const topology = PatternConfig.broadcast({ broadcaster: 'Planner', receivers: ['Worker1', 'Worker2'] })
    const registry = registryOf({ ...crew, Worker2: [new Error('out of paper')] })
    const result = await new Orchestra(registry).execute({ task: 't', topology })
    expect([result.success, result.finalResponse]).toEqual([false, 'one'])
    expect(branchOf(result, 'Worker1')?.success).toBe(true)
    expect(branchOf(result, 'Planner')?.success).toBe(true)
    expect(branchOf(result, 'Worker2')).toMatchObject({ success: false, metadata: { outcome: 'failed' } })
  })

  it('MA-8 a branch that is required and fails is no success either, however much the others have done', async () => {
    const result = await execute({ Worker2: [new Error('out of paper')] })
    expect(result.success).toBe(false)
    expect(result.error).toContain('out of paper')
  })

  it('of a run in which none succeeded, what the branch says that came furthest', async () => {
    const registry = registryOf({ ...crew, Worker1: [new Error('no')], Worker2: ['two'], Editor: [new Error('no')] })
    const topology = { nodes: ['User', 'Worker2', 'Editor'], edges: ['User -> Worker2 -> Editor -> User'] }
    const result = await new Orchestra(registry).execute({ task: 't', topology })
    expect([result.success, result.finalResponse, result.totalSteps]).toEqual([false, 'two', 2])
    expect(result.branchResults[0]).toMatchObject({ success: false, finalResponse: 'two' })
    const nothing = registryOf({ ...crew, Worker2: [new Error('no')] })
    expect((await new Orchestra(nothing).execute({ task: 't', topology })).finalResponse).toBeUndefined()
  })
})

describe('S1-63 S1-64 a run that is looked at again', () => {
  it('S1-59 S1-63 gives the same result from the events in the store, in any process', async () => {
    const store = new MemoryJournalStore()
    const result = await execute({}, { stateManager: new StateManager(store) })
    const stateManager = new StateManager(store.reopen())
    const session = await new Orchestra(registryOf(crew), { stateManager }).openSession('s')
    expect(await session.resultSoFar).toEqual(result)
  })

  it('S1-63 is observed from its beginning after its end', async () => {
    const store = new MemoryJournalStore()
    const { metadata } = await execute({}, { stateManager: new StateManager(store) })
    const again = compileTopology(Topology.of(diamond), { registry: registryOf(crew) })
    const events = new EventRecorder(again.observe(metadata.runId, { store: store.reopen() }))
    await expect.poll(() => events.events.at(-1)?.type).toBe('orchestration.completed')
    expect(events.events[0]?.type).toBe('orchestration.started')
  })

  it('S1-64 is drawn while it runs, and afterwards', async () => {
    const orchestration = compileTopology(Topology.of(diamond), { registry: registryOf(crew) })
    const run = orchestration.start({ task: 't' })
    const { events } = new EventRecorder(run)
    await run.result
    const [definition, drawn] = [toMermaid(orchestration), toMermaid(orchestration, { trace: traceOf(events) })]
    for (const name of ['Planner', 'Worker1', 'Worker2', 'Editor']) expect(definition).toContain(name)
    expect(drawn).not.toBe(definition)
  })
})
