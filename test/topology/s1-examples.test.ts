import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AgentRegistry } from '../../src/agents/index.js'
import { FileStorageBackend, StateManager } from '../../src/durability/index.js'
import {
  Edge,
  Orchestra,
  type OrchestraResult,
  PatternConfig,
  TimeoutRule,
  type TopologyInput,
  TopologyNode,
} from '../../src/topology/index.js'
import { heard, registryOf, scripted } from './scripted-agents.js'

/** The answers of the agents that S1's examples share. */
const workers = {
  Planner: ['the plan'],
  Worker1: ['done by 1'],
  Worker2: ['done by 2'],
}

const { global } = AgentRegistry

function register(registry: AgentRegistry): void {
  for (const name of registry.list()) global.register(registry.get(name))
}

afterEach(() => {
  for (const name of global.list()) global.unregister(name)
  vi.restoreAllMocks()
})

describe('Three-Way Topology Support', () => {
  it('S1-01 S1-02 S1-12 S1-18 S1-20 string notation', async () => {
    register(registryOf(workers))
    const topology = {
      nodes: ['User', 'Planner', 'Worker1', 'Worker2'],
      edges: ['User -> Planner', 'Planner -> Worker1', 'Planner -> Worker2'],
      rules: ['parallel(Worker1, Worker2)'],
    }
    const result = await Orchestra.run({ task: 'Analyze data', topology })
    expect(result).toMatchObject({
      success: true,
      finalResponse: { Worker1: 'done by 1', Worker2: 'done by 2' },
      totalSteps: 3,
      metadata: { topologyNodes: 4, topologyEdges: 3 },
    })
  })

  it('S1-13 S1-14 S1-15 S1-24 object-based, mixed types', async () => {
    register(registryOf({ Worker1: ['done by 1'], Worker2: ['done by 2'] }))
    const userAgent = new TopologyNode({ name: 'User' })
    const plannerAgent = scripted('Planner', 'the plan')
    const topology: TopologyInput = {
      nodes: [userAgent, plannerAgent, 'Worker1', 'Worker2'],
      edges: [
        new Edge({ source: 'User', target: 'Planner' }),
        ['Planner', 'Worker1'], // Tuple notation
        'Planner -> Worker2', // String notation
      ],
      rules: [new TimeoutRule({ maxDuration: 300 }), 'parallel(Worker1, Worker2)'],
    }
    const result = await Orchestra.run({ task: 'Complex analysis', topology })
    expect(result).toMatchObject({ success: true, finalResponse: { Worker1: 'done by 1', Worker2: 'done by 2' } })
  })

  it('S1-16 pattern configuration: a hub with parallel spokes, whose results come back to it', async () => {
    const registry = registryOf({
      Coordinator: ['split it', 'put together'],
      Worker1: ['one'],
      Worker2: ['two'],
      Worker3: ['three'],
    })
    register(registry)
    const topology = PatternConfig.hubAndSpoke({
      hub: 'Coordinator',
      spokes: ['Worker1', 'Worker2', 'Worker3'],
      parallelSpokes: true,
    })
    const result = await Orchestra.run({ task: 'Distributed processing', topology })
    expect(result).toMatchObject({ success: true, finalResponse: 'put together', totalSteps: 5 })
    for (const part of ['one', 'two', 'three']) expect(heard(registry, 'Coordinator')[1]).toContain(part)
  })
})

describe('Usage Patterns', () => {
  it('S1-10 S1-19 simple one-line execution', async () => {
    const registry = registryOf({
      PlannerAgent: ['look at both halves', 'sales grew'],
      ExecutorAgent1: ['first half'],
      ExecutorAgent2: ['second half'],
    })
    const topology = {
      nodes: ['User', 'PlannerAgent', 'ExecutorAgent1', 'ExecutorAgent2'],
      edges: ['User -> PlannerAgent', 'PlannerAgent <-> ExecutorAgent1', 'PlannerAgent <-> ExecutorAgent2'],
    }
    register(registry)
    const result = await Orchestra.run({
      task: 'Analyze quarterly sales data',
      topology,
      context: { department: 'sales' },
      maxSteps: 100,
    })
    expect([result.success, result.finalResponse, result.totalSteps]).toEqual([true, 'sales grew', 4])
    expect(result.totalDuration.toFixed(2)).toMatch(/^\d+\.\d\d$/)
  })

  it('S1-17 S1-25 S1-26 instance-based execution: a hierarchy whose results come back up', async () => {
    const registry = registryOf({
      Manager: ['write it', 'the documentation'],
      TeamLead1: ['first part', 'part one'],
      TeamLead2: ['second part', 'part two'],
      Dev1: ['a'],
      Dev2: ['b'],
      Dev3: ['c'],
      Dev4: ['d'],
    })
    const orchestra = new Orchestra(registry)
    const topology = PatternConfig.hierarchical({
      tree: { Manager: ['TeamLead1', 'TeamLead2'], TeamLead1: ['Dev1', 'Dev2'], TeamLead2: ['Dev3', 'Dev4'] },
    })
    const result = await orchestra.execute({
      task: 'Create technical documentation',
      topology,
      context: { format: 'markdown' },
      maxSteps: 50,
    })
    expect(result).toMatchObject({ success: true, finalResponse: 'the documentation', totalSteps: 10 })
    expect(heard(registry, 'TeamLead2')[1]).toMatch(/c[\s\S]*d/)
    expect(heard(registry, 'Manager')[1]).toMatch(/part one[\s\S]*part two/)
    for (const branch of result.branchResults) {
      expect(branch.branchId).toMatch(/^(main|child)_[a-z0-9]+_[0-9a-f]{6}$/)
      expect([branch.success, branch.totalSteps > 0]).toEqual([true, true])
    }
  })
})

describe('sessions, checkpoints and what is kept', () => {
  let directory: string
  let backend: FileStorageBackend
  let stateManager: StateManager
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'orchestra-'))
    backend = new FileStorageBackend(directory)
    stateManager = new StateManager(backend)
  })
  afterEach(async () => {
    await backend.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('S1-06 S1-27 S1-28 S1-29 S1-30 session-based execution with a state manager', async () => {
    const orchestra = new Orchestra(registryOf({ Analyst: ['analysed'] }), { stateManager })
    const topology = { nodes: ['User', 'Analyst'], edges: ['User -> Analyst'] }
    const session = await orchestra.createSession({
      task: 'Long-running analysis',
      context: { session_id: 'analysis_123' },
      enablePause: true,
    })
    expect(session.id).toBe('analysis_123')
    const result = await session.run(topology)
    expect([result.finalResponse, result.metadata.sessionId]).toEqual(['analysed', 'analysis_123'])
    // Literally as S1 has it: there is nothing left to pause, and the result is still there.
    expect(await session.pause()).toBe(false)
    expect((await session.resume()).finalResponse).toBe('analysed')
  })

  it('S1-31 S1-32 S1-33 S1-34 checkpoint, restore, list and delete', async () => {
    const orchestra = new Orchestra(registryOf({ Analyst: ['analysed'] }), { stateManager })
    const session = await orchestra.createSession({ task: 'Long-running analysis', sessionId: 'analysis_123' })
    await session.run({ nodes: ['User', 'Analyst'], edges: ['User -> Analyst'] })
    const checkpointId = await orchestra.createCheckpoint(session.id, 'milestone_1')
    const restoredState = await orchestra.restoreCheckpoint(checkpointId)
    expect(restoredState).toMatchObject({ sessionId: 'analysis_123', name: 'milestone_1', status: 'completed' })
    const sessions = await stateManager.listSessions({ includePaused: true })
    expect(sessions.map(entry => `Session ${entry.sessionId}: ${entry.status}`)).toEqual([
      'Session analysis_123: paused',
    ])
    expect(await stateManager.deleteSession(session.id)).toBe(true)
    expect(await stateManager.listSessions()).toEqual([])
  })
})

describe('Error Handling', () => {
  const topology = {
    nodes: ['User', 'Planner', 'Worker1', 'Worker2'],
    edges: ['User -> Planner', 'Planner -> Worker1', 'Planner -> Worker2'],
  }

  it('S1-42 S1-58 a run that fails has an error, and its branches say which of them failed', async () => {
    const registry = registryOf({ ...workers, Worker2: [new Error('out of paper')] })
    const result = await Orchestra.run({ task: 'Analyze data', topology, agentRegistry: registry })
    expect([result.success, result.finalResponse]).toEqual([false, 'done by 1'])
    expect(result.error).toContain('out of paper')
    const failed = result.branchResults.filter(({ success }) => !success)
    expect(failed.flatMap(({ metadata }) => metadata.agents)).toContain('Worker2')
    expect(failed.find(({ metadata }) => metadata.agents.includes('Worker2'))?.executionTrace).toMatchObject([
      { agent: 'Worker2', action: 'failed', error: expect.stringContaining('out of paper') },
    ])
  })

  it('S1-38 S1-58 what is no topology is a TypeError', async () => {
    const run = Orchestra.run({ task: 'Analyze data', topology: 42 as never })
    await expect(run).rejects.toThrow(TypeError)
    await expect(run).rejects.toThrow('Invalid topology format: ')
  })
})

describe('S1-65 Example: Complete Multi-Agent Workflow', () => {
  it('S1-21 S1-22 S1-23 writes, is reviewed exactly three times, and reports to the user', async () => {
    const researcher = scripted('ResearchAgent', 'research')
    const analyst = scripted('AnalystAgent', 'analysis')
    const writer = scripted('WriterAgent', 'draft 1', 'draft 2', 'draft 3', 'draft 4')
    const reviewer = scripted('ReviewAgent', 'again', 'once more', 'good')

    const topology: TopologyInput = {
      nodes: ['User', researcher, analyst, writer, reviewer],
      edges: [
        'User -> ResearchAgent',
        'ResearchAgent -> AnalystAgent',
        'AnalystAgent -> WriterAgent',
        'WriterAgent <-> ReviewAgent', // Conversation loop
        'ReviewAgent -> User',
      ],
      rules: ['max_turns(WriterAgent <-> ReviewAgent, 3)', 'timeout(300)'],
    }
    const result: OrchestraResult = await Orchestra.run({
      task: 'Write a comprehensive report on AI safety',
      topology,
      context: { style: 'technical', length: 'detailed', audience: 'researchers' },
      maxSteps: 50,
    })
    expect(result.error).toBeUndefined()
    expect(result.success).toBe(true)
    const visits = result.branchResults.flatMap(({ executionTrace }) => executionTrace.map(({ agent }) => agent))
    expect(visits.filter(agent => agent === 'ReviewAgent')).toHaveLength(3)
    expect(result.finalResponse).toBe('good')
    expect(`Report completed in ${result.totalSteps} steps`).toBe('Report completed in 8 steps')
    expect(result.metadata).toMatchObject({
      topologyNodes: 5,
      topologyEdges: 5,
      completedBranches: 1,
      cancelledTasks: 0,
    })
  })
})
