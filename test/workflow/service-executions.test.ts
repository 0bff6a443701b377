import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MemoryJournalStore, SqliteJournalStore } from '../../src/durability/index.js'
import { WorkflowService } from '../../src/workflow/index.js'
import {
  echoing,
  gate,
  parallelResearch,
  refused,
  reopened,
  researchPipeline,
  scriptedAgents,
  service as serviceOf,
} from './service-machines.js'

async function status(service: WorkflowService, executionId: string): Promise<string> {
  return (await service.execution(executionId)).status
}

async function reaches(service: WorkflowService, executionId: string, wanted: string): Promise<void> {
  await expect.poll(() => status(service, executionId)).toBe(wanted)
}

describe('executions of a workflow', () => {
  it('run the first example of S2 up to its approval, and to the end when that is given (S2-24, S2-25, C24)', async () => {
    const { service, calls } = serviceOf()
    const { id } = await service.create(researchPipeline)
    const started = await service.execute(id, { input: { topic: 'bees' } })
    expect(started.status).toMatch(/running|paused/)
    await reaches(service, started.executionId, 'paused')
    const waiting = await service.execution(started.executionId)
    expect(waiting).toMatchObject({
      workflowId: id,
      workflowVersion: 1,
      input: { topic: 'bees' },
      currentNodes: ['review'],
      pendingApprovals: [{ nodeId: 'review', message: 'Approve research summary?' }],
    })
    expect(calls[0]?.input).toMatchObject({ config: { query: 'bees' } })
    await service.resume(started.executionId)
    await reaches(service, started.executionId, 'completed')
    const done = await service.execution(started.executionId)
    expect(done.output).toMatchObject({ summarize: { text: 'agent-summary-001 says' }, review: { approved: true } })
    expect(done).toMatchObject({ currentNodes: [], pendingApprovals: [] })
  })

  it('tell of each node, and what it has cost (S2-29, S2-30)', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 })
    const { service } = serviceOf({ environment: { agents } })
    const { id } = await service.create(parallelResearch)
    const { executionId } = await service.execute(id, { input: { topic: 'q' }, maxBudget: 1 })
    await reaches(service, executionId, 'paused')
    const nodes = await service.nodes(executionId)
    expect(nodes.map(({ nodeId, nodeType, status: is, attempts }) => [nodeId, nodeType, is, attempts])).toEqual([
      ['web', 'agent_call', 'completed', 1],
      ['academic', 'agent_call', 'completed', 1],
      ['merge', 'agent_call', 'completed', 1],
      ['approve', 'human_approval', 'waiting', 1],
    ])
    expect(await service.cost(executionId)).toMatchObject({
      workflowId: id,
      status: 'paused',
      totalCost: 0.6,
      nodeCosts: [{ nodeId: 'web', cost: 0.1 }, { nodeId: 'academic', cost: 0.2 }, { cost: 0.3 }, { cost: 0 }],
    })
    expect(await service.execution(executionId)).toMatchObject({ totalCost: 0.6, maxBudget: 1 })
  })

  it('fail when they cost more than they may, the limit of the execution over that of the definition (S2-35, C25)', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.6, 'academic-search': 0.6 })
    const { service } = serviceOf({ environment: { agents } })
    const { id } = await service.create({ ...parallelResearch, max_budget: 100 })
    const { executionId } = await service.execute(id, { maxBudget: 1 })
    await reaches(service, executionId, 'failed')
    const { error } = await service.execution(executionId)
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED' })
    expect(error?.message).toContain('Budget exceeded: $1.2 > max $1')
  })

  it('may cost nothing with a limit of 0 (AC-5, C25)', async () => {
    const { agents } = scriptedAgents({ 'web-search': 0.01 })
    const { service } = serviceOf({ environment: { agents } })
    const { id } = await service.create(parallelResearch)
    const { executionId } = await service.execute(id, { maxBudget: 0 })
    await reaches(service, executionId, 'failed')
    expect((await service.execution(executionId)).error?.code).toBe('BUDGET_EXCEEDED')
    expect(await refused(service.execute(id, { maxBudget: -1 }))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('pause between nodes and go on (S2-26, S2-27, AC-3)', async () => {
    const { agent, open, reached } = gate()
    const { agents, called } = scriptedAgents()
    const { service } = serviceOf({ environment: { agents: { ...agents, 'agent-search-001': agent } } })
    const { id } = await service.create(researchPipeline)
    const { executionId } = await service.execute(id, { input: { topic: 'x' } })
    await reached
    const pausing = service.pause(executionId)
    open()
    expect(await pausing).toEqual({ executionId, status: 'paused' })
    expect(called()).toEqual([])
    expect((await service.resume(executionId)).status).toBe('running')
    await reaches(service, executionId, 'paused')
    expect(called()).toEqual(['agent-summary-001'])
    expect((await service.execution(executionId)).pendingApprovals).toHaveLength(1)
  })

  it('do not take being resumed after a pause for an approval', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(researchPipeline)
    const { executionId } = await service.execute(id, { input: { topic: 'x' } })
    await reaches(service, executionId, 'paused')
    await service.pause(executionId)
    expect((await service.resume(executionId)).status).toBe('paused')
    expect((await service.execution(executionId)).pendingApprovals).toHaveLength(1)
    await service.pause(executionId)
    await service.resume(executionId, { approved: true })
    await reaches(service, executionId, 'completed')
  })

  it('end as cancelled when somebody rejects, with the reason at the node (AC-4)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(researchPipeline)
    const { executionId } = await service.execute(id, { input: { topic: 'x' } })
    await reaches(service, executionId, 'paused')
    await service.resume(executionId, { approved: false, reason: 'too thin', by: 'ada' })
    await reaches(service, executionId, 'cancelled')
    const review = (await service.nodes(executionId)).at(-1)
    expect(review).toMatchObject({ nodeId: 'review', status: 'failed' })
    expect(review?.errorMessage).toContain('too thin')
    for (const work of [service.resume(executionId), service.pause(executionId)]) {
      expect(await refused(work)).toMatchObject({ code: 'RUN_ENDED' })
    }
  })

  it('lead on from a rejection where the definition says so, with the data of the decision', async () => {
    const { service, calls } = serviceOf()
    const { id } = await service.create({
      name: 'Revise',
      nodes: [
        { id: 'review', type: 'human_approval', config: { message: 'ok?', on_reject: 'again' } },
        { id: 'again', type: 'agent_call', agent_id: 'summarizer', config: { pages: '{{review.data.pages}}' } },
      ],
      edges: [],
    })
    const { executionId } = await service.execute(id)
    await reaches(service, executionId, 'paused')
    await service.resume(executionId, { nodeId: 'review', approved: false, data: { pages: [1, 2] } })
    await reaches(service, executionId, 'completed')
    expect(calls[0]?.input).toMatchObject({ config: { pages: [1, 2] } })
  })

  it('say which nodes wait when another one is decided (S2-41)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(researchPipeline)
    const { executionId } = await service.execute(id, { input: { topic: 'x' } })
    await reaches(service, executionId, 'paused')
    const error = await refused(service.resume(executionId, { nodeId: 'search' }))
    expect(error).toMatchObject({ code: 'REQUEST_UNKNOWN', message: expect.stringContaining('Waiting: "review"') })
  })

  it('are cancelled, and their agents aborted (S2-28)', async () => {
    const { agent, reached } = gate()
    const { service } = serviceOf({ environment: { agents: { echo: agent } } })
    const { id } = await service.create(echoing('Echo'))
    const { executionId } = await service.execute(id, { input: { text: 'x' } })
    await reached
    expect(await service.cancel(executionId, { reason: 'enough' })).toEqual({ executionId, status: 'cancelled' })
    expect((await service.cancel(executionId)).status).toBe('cancelled')
  })

  it('are refused at once if their input lacks what templates read', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(researchPipeline)
    const error = await refused(service.execute(id, { input: { tpoic: 'x' } }))
    expect(error).toMatchObject({ code: 'PAYLOAD_INVALID', details: { faults: [{ path: 'input.topic' }] } })
    expect(error).toMatchObject({ message: expect.stringContaining('nodes[0].config.query') })
  })

  it('are refused with everything that is not there: agents, workflows', async () => {
    const { service } = serviceOf()
    const { id } = await service.create({
      name: 'Lost',
      nodes: [
        { id: 'a', type: 'agent_call', agent_id: 'web-serch' },
        { id: 'b', type: 'subworkflow', config: { workflow_id: 'nowhere' } },
      ],
      edges: [],
    })
    const error = await refused(service.execute(id))
    expect(error).toMatchObject({ code: 'WORKFLOW_INVALID', faults: [{ path: 'nodes[0].agent_id' }, {}] })
    expect(String(error)).toContain('web-search')
    expect(
      (await service.validate({ ...echoing('E'), nodes: [{ id: 'a', type: 'agent_call', agent_id: 'x' }] })).missing,
    ).toHaveLength(1)
  })

  it('are one execution for one key, whenever and however often it is asked for', async () => {
    const { service, calls } = serviceOf()
    const { id } = await service.create(echoing('Echo', 'summarizer'))
    const asked = { input: { text: 'x' }, idempotencyKey: 'k-1' }
    const [first, second] = await Promise.all([service.execute(id, asked), service.execute(id, asked)])
    expect(second?.executionId).toBe(first?.executionId)
    await reaches(service, (first as { executionId: string }).executionId, 'completed')
    await service.archive(id)
    expect(await service.execute(id, asked)).toEqual({ executionId: first?.executionId, status: 'completed' })
    expect(calls).toHaveLength(1)
    const other = service.execute(id, { ...asked, input: { text: 'y' } })
    expect(await refused(other)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('take other workflows of the tenant in, as they were when they were started', async () => {
    const store = new MemoryJournalStore()
    const { agents } = scriptedAgents()
    const { service } = serviceOf({ store, environment: { agents } })
    const inner = await service.create(echoing('Inner'), { id: 'inner' })
    const outer = await service.create({
      name: 'Outer',
      nodes: [
        { id: 'gate', type: 'human_approval', config: { message: 'go?' } },
        { id: 'sub', type: 'subworkflow', config: { workflow_id: inner.id, input: { text: 'hi' } } },
      ],
      edges: [{ from: 'gate', to: 'sub' }],
    })
    const { executionId } = await service.execute(outer.id)
    await reaches(service, executionId, 'paused')
    await service.update('inner', { nodes: [{ id: 'other', type: 'agent_call', agent_id: 'summarizer' }] })
    await service.archive('inner')
    const next = await reopened(store, { environment: { agents } })
    await next.recover()
    await next.resume(executionId)
    await reaches(next, executionId, 'completed')
    expect((await next.execution(executionId)).output).toMatchObject({ output: { output: { echoed: 'hi' } } })
    expect(await refused(next.execute(outer.id))).toMatchObject({ code: 'WORKFLOW_INVALID' })
  })

  it('refuse workflows that contain each other', async () => {
    const { service } = serviceOf()
    const ring = (name: string, other: string) => ({
      name,
      nodes: [{ id: 'sub', type: 'subworkflow', config: { workflow_id: other } }],
      edges: [],
    })
    await service.create(ring('A', 'b'), { id: 'a' })
    await service.create(ring('B', 'a'), { id: 'b' })
    const error = await refused(service.execute('a'))
    expect(error).toMatchObject({ code: 'WORKFLOW_INVALID', message: expect.stringContaining('contain each other') })
  })

  it('go on after a restart under the version that they were started with, and finish (S2-15)', async () => {
    const store = new MemoryJournalStore()
    const costs = { 'web-search': 0.4, 'academic-search': 0.4 }
    const before = scriptedAgents(costs)
    const { service } = serviceOf({ store, environment: { agents: before.agents } })
    const { id } = await service.create(parallelResearch)
    const { executionId } = await service.execute(id, { input: { topic: 'q' }, maxBudget: 1 })
    await reaches(service, executionId, 'paused')
    await service.update(id, { nodes: [{ id: 'other', type: 'agent_call', agent_id: 'echo' }] })
    const after = scriptedAgents(costs)
    const next = await reopened(store, { environment: { agents: after.agents } })
    expect((await next.recover()).runIds).toEqual([executionId])
    await next.resume(executionId, { nodeId: 'approve', by: 'ada' })
    await reaches(next, executionId, 'completed')
    expect(await next.execution(executionId)).toMatchObject({ workflowVersion: 1, totalCost: 0.8, maxBudget: 1 })
    expect(after.called()).toEqual([])
  })

  it('keep their limit of cost over a restart', async () => {
    const store = new MemoryJournalStore()
    const flow = {
      name: 'Two',
      nodes: [
        { id: 'first', type: 'agent_call', agent_id: 'web-search' },
        { id: 'ok', type: 'human_approval', config: { message: 'go?' } },
        { id: 'second', type: 'agent_call', agent_id: 'summarizer' },
      ],
      edges: [
        { from: 'first', to: 'ok' },
        { from: 'ok', to: 'second' },
      ],
    }
    const environment = { agents: scriptedAgents({ 'web-search': 0.6, summarizer: 0.6 }).agents }
    const { service } = serviceOf({ store, environment })
    const { id } = await service.create(flow)
    const { executionId } = await service.execute(id, { maxBudget: 1 })
    await reaches(service, executionId, 'paused')
    const next = await reopened(store, { environment })
    await next.recover()
    await next.resume(executionId)
    await reaches(next, executionId, 'failed')
    expect((await next.execution(executionId)).error?.code).toBe('BUDGET_EXCEEDED')
  })

  it('share the circuit breakers of their agents, those of one tenant (S2-17)', async () => {
    let asked = 0
    const agents = {
      echo: () => {
        asked++
        throw new Error('down')
      },
    }
    const { service } = serviceOf({ environment: { agents } })
    const { id } = await service.create(echoing('Echo'))
    const other = await service.create(echoing('Echo'), { tenant: 'other' })
    for (let turn = 0; turn < 6; turn++) {
      const { executionId } = await service.execute(id, { input: { text: 'x' } })
      await reaches(service, executionId, 'failed')
      const { error } = await service.execution(executionId)
      if (turn === 5) expect(error).toMatchObject({ code: 'CIRCUIT_OPEN' })
    }
    expect(asked).toBe(5)
    await service.execute(other.id, { tenant: 'other', input: { text: 'x' } })
    await expect.poll(() => asked).toBe(6)
  })

  it('and their definitions are in a file like all else (S2-15)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'workflows-'))
    const path = join(directory, 'runs.db')
    const environment = { agents: scriptedAgents().agents }
    try {
      const store = new SqliteJournalStore(path)
      const service = new WorkflowService({ store, environment })
      const { id } = await service.create(researchPipeline)
      const { executionId } = await service.execute(id, { input: { topic: 'x' }, maxBudget: 1 })
      await reaches(service, executionId, 'paused')
      await service.update(id, { description: 'changed' })
      await service.close()
      await store.close()
      const later = new SqliteJournalStore(path)
      const next = new WorkflowService({ store: later, environment })
      expect((await next.recover()).runIds).toEqual([executionId])
      expect((await next.versions(id)).total).toBe(2)
      await next.resume(executionId)
      await reaches(next, executionId, 'completed')
      await next.close()
      await later.close()
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('can be read when an agent of theirs is gone, and say what is missing when they are to go on', async () => {
    const store = new MemoryJournalStore()
    const { service } = serviceOf({ store })
    const { id } = await service.create(researchPipeline)
    const { executionId } = await service.execute(id, { input: { topic: 'x' } })
    await reaches(service, executionId, 'paused')
    const logger = { warn: () => undefined }
    const next = await reopened(store, { environment: {}, logger })
    const { refused: left } = await next.recover()
    expect(String(left[0]?.error)).toContain('agent-search-001')
    expect((await next.nodes(executionId)).map(node => node.status)).toEqual(['completed', 'completed', 'waiting'])
  })
})
