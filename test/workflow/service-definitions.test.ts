import { describe, expect, it } from 'vitest'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { WorkflowError, WorkflowService, workflowTemplates } from '../../src/workflow/index.js'
import { echoing, gate, parallelResearch, refused, researchPipeline, service as serviceOf } from './service-machines.js'

describe('a workflow service', () => {
  it('creates a workflow and gives it back as it was written (S2-19, S2-21)', async () => {
    const { service } = serviceOf()
    const created = await service.create(researchPipeline)
    expect(created).toMatchObject({ name: 'Research Pipeline', status: 'active', version: 1, revision: 1 })
    expect((await service.get(created.id)).workflow.toJSON()).toEqual(researchPipeline)
  })

  it('takes a definition as text, with a graph as text or object, with nodes by id, and a record as it gives it (S2-39, C23)', async () => {
    const { service } = serviceOf()
    const { nodes, edges, ...rest } = parallelResearch
    const graph = { nodes, edges }
    const forms = [
      JSON.stringify(parallelResearch),
      { ...rest, graph_json: JSON.stringify(graph) },
      { ...rest, graph_json: graph },
      {
        ...rest,
        nodes: Object.fromEntries(
          nodes.map(({ id, ...node }) => [
            id,
            { ...node, depends_on: edges.filter(e => e.to === id).map(e => e.from) },
          ]),
        ),
      },
      { ...parallelResearch, id: 'own', version: 7, created_at: 'then', status: 'draft' },
    ]
    for (const form of forms) {
      const { workflow } = await service.create(form)
      expect(workflow.toJSON()).toEqual(parallelResearch)
    }
    expect(await service.get('own')).toMatchObject({ id: 'own', status: 'draft', version: 1 })
    const { workflow } = await service.create({ ...parallelResearch, max_budget_usd: 2 })
    expect(workflow.maxBudget).toBe(2)
  })

  it('tells of everything that is wrong at once, besides the definition too', async () => {
    const { service } = serviceOf()
    const error = await refused(
      service.create({ id: 'no id!', status: 'open', name: 'X', graph_json: '{', max_budget: 1, max_budget_usd: 2 }),
    )
    expect(error).toBeInstanceOf(WorkflowError)
    const paths = (error as WorkflowError).faults.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['id', 'status', 'graph_json', 'max_budget_usd', 'nodes']))
    for (const given of [null, [], 5, 'no json']) {
      expect(await refused(service.create(given))).toMatchObject({ code: 'WORKFLOW_INVALID' })
    }
  })

  it('refuses keys that lead to prototypes, wherever they stand', async () => {
    const { service } = serviceOf()
    for (const text of [
      '{"name":"X","nodes":[],"__proto__":{"max_budget":1}}',
      '{"name":"X","graph_json":{"nodes":[],"__proto__":{}}}',
      '{"name":"X","nodes":[{"id":"a","type":"agent_call","agent_id":"b","config":{"__proto__":1}}]}',
    ]) {
      expect(await refused(service.create(text))).toMatchObject({ code: 'WORKFLOW_INVALID' })
    }
    expect((await service.list()).total).toBe(0)
  })

  it('has one workflow for one key, whenever and however often it is created', async () => {
    const { service } = serviceOf()
    const options = { idempotencyKey: 'once' }
    const both = await Promise.all([
      service.create(parallelResearch, options),
      service.create(parallelResearch, options),
    ])
    expect(both[0]?.id).toBe(both[1]?.id)
    expect((await service.list()).total).toBe(1)
    expect(await refused(service.create(researchPipeline, options))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    const other = { idempotencyKey: 'another', id: both[0]?.id as string }
    expect(await refused(service.create(parallelResearch, other))).toMatchObject({ code: 'WORKFLOW_EXISTS' })
  })

  it('refuses an id that is taken (S2-41)', async () => {
    const { service } = serviceOf()
    await service.create(parallelResearch, { id: 'one' })
    expect(await refused(service.create(parallelResearch, { id: 'one' }))).toMatchObject({ code: 'WORKFLOW_EXISTS' })
    expect(await refused(service.create(parallelResearch, { id: 'a/b' }))).toMatchObject({ code: 'WORKFLOW_INVALID' })
  })

  it('lists the youngest first, with the total of all pages (S2-20, AC-7)', async () => {
    const clock = new ManualClock(1000)
    const { service } = serviceOf({ clock })
    for (const name of ['a', 'b', 'c']) {
      await service.create(echoing(name), { id: name })
      await clock.advance(1)
    }
    const page = await service.list({ limit: 2 })
    expect(page).toMatchObject({ total: 3, limit: 2, offset: 0, workflows: [{ id: 'c' }, { id: 'b' }] })
    expect((await service.list({ limit: 2, offset: 2 })).workflows.map(({ id }) => id)).toEqual(['a'])
    for (const wrong of [{ limit: 0 }, { limit: 201 }, { offset: -1 }, { limit: 1.5 }]) {
      expect(await refused(service.list(wrong))).toMatchObject({ code: 'OPTION_INVALID' })
    }
  })

  it('makes a new version of a changed definition; the earlier ones stay readable and executable (S2-22, AC-7)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(echoing('Echo'))
    const changed = await service.update(id, { description: 'says it again', max_budget: 1 })
    expect(changed).toMatchObject({ version: 2, revision: 2, description: 'says it again', name: 'Echo' })
    const whole = await service.update(id, { ...parallelResearch, description: null, max_budget: null })
    expect(whole.workflow.toJSON()).toEqual(parallelResearch)
    expect((await service.version(id, 1)).workflow.toJSON()).toEqual(echoing('Echo'))
    expect(await service.versions(id, { limit: 2 })).toMatchObject({
      total: 3,
      versions: [
        { version: 3, name: 'Parallel Research' },
        { version: 2, name: 'Echo' },
      ],
    })
    expect((await service.versions(id, { offset: 2 })).versions.map(({ version }) => version)).toEqual([1])
    const { executionId } = await service.execute(id, { version: 1, input: { text: 'hi' } })
    await expect.poll(async () => (await service.execution(executionId)).status).toBe('completed')
    expect(await service.execution(executionId)).toMatchObject({
      workflowVersion: 1,
      output: { say: { echoed: 'hi' } },
    })
    expect(await refused(service.version(id, 4))).toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
  })

  it('makes no version of what has not changed, nor of a status', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(parallelResearch)
    expect(await service.update(id, parallelResearch)).toMatchObject({ version: 1, revision: 1 })
    expect(await service.update(id, { status: 'draft' })).toMatchObject({ version: 1, revision: 2, status: 'draft' })
  })

  it('replaces the edges together with the nodes, and leaves the nodes when only edges are given', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(parallelResearch)
    const alone = await service.update(id, { edges: [] })
    expect(alone.workflow.edges).toEqual([])
    expect(alone.workflow.nodes).toHaveLength(4)
    await service.update(id, parallelResearch)
    expect((await service.update(id, { nodes: [parallelResearch.nodes[0]] })).workflow.edges).toEqual([])
  })

  it('validates an update as a whole, and changes nothing if it is wrong (AC-7)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(parallelResearch)
    const error = await refused(service.update(id, { id: 'other', edges: [{ from: 'web', to: 'nowhere' }] }))
    expect(error).toMatchObject({ code: 'WORKFLOW_INVALID', faults: [{ path: 'id' }, { path: 'edges[0].to' }] })
    expect(await service.get(id)).toMatchObject({ version: 1, revision: 1 })
  })

  it('changes nothing if somebody else was quicker', async () => {
    const { service } = serviceOf()
    const { id, revision } = await service.create(parallelResearch)
    const updates = ['one', 'two', 'three'].map(description => service.update(id, { description }, { revision }))
    const outcomes = await Promise.allSettled(updates)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'WORKFLOW_CHANGED' })
    }
    expect((await service.get(id)).version).toBe(2)
  })

  it('lets updates that depend on no revision all have their effect', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(parallelResearch)
    await Promise.all([service.update(id, { description: 'd' }), service.update(id, { max_budget: 3 })])
    const { workflow, version } = await service.get(id)
    expect(workflow).toMatchObject({ description: 'd', maxBudget: 3 })
    expect(version).toBe(3)
  })

  it('archives instead of deleting: it is read, but executed no more (S2-23, S2-41)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(echoing('Echo'))
    expect(await service.archive(id)).toMatchObject({ status: 'archived', version: 1, notCancelled: [] })
    expect((await service.list()).total).toBe(0)
    expect((await service.list({ status: ['archived'] })).total).toBe(1)
    expect((await service.get(id)).status).toBe('archived')
    expect(await refused(service.execute(id, { input: { text: 'x' } }))).toMatchObject({ code: 'WORKFLOW_INACTIVE' })
    expect(await refused(service.update(id, { name: 'Other' }))).toMatchObject({ code: 'WORKFLOW_INACTIVE' })
    await service.update(id, { status: 'active' })
    expect((await service.execute(id, { input: { text: 'x' } })).executionId).toBeTypeOf('string')
  })

  it('does not execute drafts (S2-40)', async () => {
    const { service } = serviceOf()
    const { id } = await service.create(echoing('Echo'), { status: 'draft' })
    expect(await refused(service.execute(id, { input: { text: 'x' } }))).toMatchObject({ code: 'WORKFLOW_INACTIVE' })
  })

  it('lets what runs of an archived workflow go on, or cancels it, as it is told (AC-7)', async () => {
    const { agent, open, reached } = gate()
    const { service } = serviceOf({ environment: { agents: { echo: agent } } })
    const { id } = await service.create(echoing('Echo'))
    const first = await service.execute(id, { input: { text: 'x' } })
    const second = await service.execute(id, { input: { text: 'y' } })
    await reached
    await service.archive(id)
    expect((await service.execution(first.executionId)).status).toBe('running')
    await service.archive(id, { cancelExecutions: true })
    for (const { executionId } of [first, second]) {
      expect((await service.execution(executionId)).status).toBe('cancelled')
    }
    open()
  })

  it('keeps tenants apart: workflows, executions, subworkflows, keys', async () => {
    const { service } = serviceOf()
    const tenant = 'acme'
    const { id } = await service.create(echoing('Echo'), { tenant, id: 'echo', idempotencyKey: 'k' })
    await service.create(echoing('Theirs'), { tenant: 'other', id: 'echo', idempotencyKey: 'k' })
    expect((await service.get(id, { tenant })).name).toBe('Echo')
    expect(await refused(service.get(id))).toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
    expect(await refused(service.version(id, 1))).toMatchObject({ code: 'WORKFLOW_UNKNOWN' })
    expect((await service.list()).total).toBe(0)
    const asked = { tenant, input: { text: 'x' }, idempotencyKey: 'k' }
    const { executionId } = await service.execute(id, asked)
    const others = await service.execute(id, { ...asked, tenant: 'other' })
    expect(others.executionId).not.toBe(executionId)
    for (const options of [{}, { tenant: 'other' }]) {
      for (const work of [
        service.execution(executionId, options),
        service.nodes(executionId, options),
        service.cost(executionId, options),
        service.pause(executionId, options),
        service.resume(executionId, options),
        service.cancel(executionId, options),
      ]) {
        expect(await refused(work)).toMatchObject({ code: 'RUN_UNKNOWN' })
      }
    }
    const outer = { name: 'O', nodes: [{ id: 's', type: 'subworkflow', config: { workflow_id: 'echo' } }] }
    const { id: third } = await service.create(outer, { tenant: 'third' })
    expect(await refused(service.execute(third, { tenant: 'third' }))).toMatchObject({ code: 'WORKFLOW_INVALID' })
  })

  it('keeps no more workflows and versions than it may', async () => {
    const { service } = serviceOf({ limits: { maxWorkflows: 1, maxVersions: 2 } })
    const { id } = await service.create(parallelResearch)
    expect(await refused(service.create(parallelResearch))).toMatchObject({ code: 'LIMIT_REACHED' })
    await service.update(id, { description: 'two' })
    expect(await refused(service.update(id, { description: 'three' }))).toMatchObject({ code: 'LIMIT_REACHED' })
    const limits = { maxWorkflows: 0 }
    expect(() => new WorkflowService({ store: new MemoryJournalStore(), limits })).toThrow('limits.maxWorkflows')
  })

  it('tells of a definition what is wrong with it, what it lacks, and its layers, and keeps nothing (S2-12, S2-13)', async () => {
    const { service } = serviceOf()
    expect(await service.validate(parallelResearch)).toEqual({
      valid: true,
      faults: [],
      missing: [],
      layers: [['web', 'academic'], ['merge'], ['approve']],
    })
    const ring = [...parallelResearch.edges, { from: 'approve', to: 'web' }]
    const { valid, faults } = await service.validate({ ...parallelResearch, edges: ring })
    expect(valid).toBe(false)
    expect(faults[0]?.message).toContain('approve')
    expect((await service.list()).total).toBe(0)
  })

  it('has templates that can be created as they are (S2-31, S2-43)', async () => {
    const { service } = serviceOf()
    expect(service.templates).toBe(workflowTemplates)
    for (const { workflow } of service.templates) await service.create(workflow())
    expect((await service.list()).total).toBe(workflowTemplates.length)
  })
})
