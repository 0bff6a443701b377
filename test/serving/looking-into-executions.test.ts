import { describe, expect, it } from 'vitest'
import { Orchestration, SubOrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { stateReports } from '../../src/serving/rest/state-reports.js'
import { pass, step } from '../core/machines.js'
import { gated, research, serve } from './served.js'

async function reviewed(topic = 'bees') {
  const served = await serve()
  const id = await served.execute('Research', { topic })
  await served.settled(id)
  return { served, id }
}

describe('looking into an execution', () => {
  it('tells the status, input, output, cost and attempts of each node (S2-29)', async () => {
    const { served, id } = await reviewed()
    const { body } = await served.get(`executions/${id}/nodes`)
    expect(body).toMatchObject({ execution_id: id, total: 4 })
    const [search, write, review, publish] = body.nodes
    expect(search).toMatchObject({
      node_id: 'Search',
      node_type: 'work',
      status: 'completed',
      input: { topic: 'bees' },
      output: 'about bees',
      cost_usd: 0.1,
      attempt: 1,
    })
    expect(Date.parse(search.completed_at)).toBeGreaterThanOrEqual(Date.parse(search.started_at))
    expect(write).toMatchObject({ status: 'completed', cost_usd: 0.2 })
    expect(review).toMatchObject({ node_type: 'approval', status: 'waiting', input: 'a text about bees' })
    expect(review).not.toHaveProperty('completed_at')
    expect(publish).toEqual({ node_id: 'Publish', node_type: 'work', status: 'pending', cost_usd: 0, attempt: 0 })
    await served.post(`executions/${id}/cancel`)
    const after = await served.get(`executions/${id}/nodes`)
    expect(after.body.nodes.map((node: { status: string }) => node.status)).toEqual([
      'completed',
      'completed',
      'skipped',
      'skipped',
    ])
  })

  it('tells what was under way when a process died as another attempt (S2-29)', () => {
    const step = { runId: 'r', stateName: 'Search', token: '0:0' }
    const reports = stateReports(undefined, [
      { type: 'state.started', seq: 0, at: 1, input: 1, ...step },
      { type: 'orchestration.resumed', seq: 1, at: 2, runId: 'r', orchestration: 'Research' },
      { type: 'state.completed', seq: 2, at: 3, output: 2, ...step },
      { type: 'orchestration.resumed', seq: 3, at: 4, runId: 'r', orchestration: 'Research' },
    ])
    expect(reports).toMatchObject([{ nodeId: 'Search', status: 'completed', attempts: 2 }])
  })

  it('tells what it has cost, by node and by model (S2-30)', async () => {
    const { served, id } = await reviewed()
    const { body } = await served.get(`executions/${id}/cost`)
    expect(body).toMatchObject({ execution_id: id, status: 'paused', total_cost_usd: 0.3 })
    expect(body.node_costs).toContainEqual({ node_id: 'Write', node_type: 'work', cost_usd: 0.2, status: 'completed' })
    expect(body.model_costs).toEqual([
      { model: 'm', calls: 2, input_tokens: 11, output_tokens: 6, cost_usd: 0.3, unpriced_calls: 0 },
    ])
    expect((await served.get(`executions/${id}`)).body.total_cost_usd).toBe(0.3)
  })

  it('tells errors without what is not for clients', async () => {
    const served = await serve()
    const id = await served.execute('Failing')
    expect(await served.settled(id)).toMatchObject({ status: 'failed', error: { message: 'it broke' } })
    const { body } = await served.get(`executions/${id}/nodes`)
    expect(body.nodes).toMatchObject([{ node_id: 'Break', status: 'failed', error_message: 'it broke' }])
  })

  it('shows the states of sub-orchestrations, whose cost is that of the state around them too', async () => {
    class Inner extends Orchestration<unknown, unknown> {
      override initialRunnable = step('Spend', (_input, context) => {
        context.usage({ model: 'm', cost: 0.5 })
        return 1
      })
    }
    class Outer extends Orchestration<unknown, unknown> {
      override initialRunnable = new SubOrchestrationRunnable(new Inner())
        .configure({ name: 'Sub' })
        .addAdvancer(pass('Last') as never)
    }
    const served = await serve({ orchestrations: [new Outer()] })
    const id = await served.execute('Outer')
    expect(await served.settled(id)).toMatchObject({ total_cost_usd: 0.5 })
    const { body } = await served.get(`executions/${id}/nodes`)
    expect(body.nodes).toMatchObject([
      { node_id: 'Sub', node_type: 'orchestration', cost_usd: 0.5, status: 'completed' },
      { node_id: 'Sub/Spend', parent: 'Sub', cost_usd: 0.5, status: 'completed' },
      { node_id: 'Last', cost_usd: 0, status: 'completed' },
    ])
    expect((await served.get(`executions/${id}/cost`)).body.total_cost_usd).toBe(0.5)
  })

  it('draws its graph with what was taken, as JSON and as a picture (S1-64)', async () => {
    const { served, id } = await reviewed()
    const { body, headers } = await served.get(`executions/${id}/graph`)
    expect(headers.get('vary')).toBe('accept')
    expect(body.nodes).toContainEqual(expect.objectContaining({ id: 'Review', type: 'approval', current: true }))
    expect(body.nodes).toContainEqual(
      expect.objectContaining({ id: 'Search', visits: 1, completed: 1, current: false }),
    )
    expect(body.edges).toContainEqual(expect.objectContaining({ from: 'Search', to: 'Write', visits: 1 }))
    expect(body.edges).toContainEqual(expect.objectContaining({ from: 'Review', to: 'Publish', visits: 0 }))
    for (const asked of [
      await served.get(`executions/${id}/graph?format=svg&theme=dark`),
      await served.get(`executions/${id}/graph`, { headers: { accept: 'image/svg+xml' } }),
    ]) {
      expect(asked.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
      expect(asked.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(asked.text).toMatch(/^<svg .*Review/s)
    }
    expect((await served.get(`executions/${id}/graph?format=png`)).status).toBe(422)
  })

  it('goes through its journal page by page', async () => {
    const { served, id } = await reviewed()
    const whole = await served.get(`executions/${id}/history?limit=200`)
    expect(whole.body.entries.map((entry: { seq: number }) => entry.seq)).toEqual(
      Array.from({ length: whole.body.total }, (_, index) => index + 1),
    )
    const entries: unknown[] = []
    let cursor: string | undefined = '1'
    while (cursor !== undefined) {
      const { body } = await served.get(`executions/${id}/history?limit=2&cursor=${cursor}`)
      entries.push(...body.entries)
      cursor = body.next_cursor
    }
    expect(entries).toEqual(whole.body.entries)
    const events = whole.body.entries.flatMap((entry: { events: object[] }) => entry.events)
    expect(events[0]).toMatchObject({
      type: 'orchestration.started',
      execution_id: id,
      seq: 0,
      input: { topic: 'bees' },
    })
    expect((await served.get(`executions/${id}/history?cursor=x`)).status).toBe(422)
  })

  it('shows it as it was at any entry', async () => {
    const { served, id } = await reviewed()
    const first = await served.get(`executions/${id}/state?at=1`)
    expect(first.body).toMatchObject({ seq: 1, status: 'running', branches: [{ node_id: 'Search' }], outputs: {} })
    const now = await served.get(`executions/${id}/state`)
    expect(now.body).toMatchObject({
      branches: [{ node_id: 'Review', phase: 'waiting', waits_for: { kind: 'approval' } }],
      outputs: { Search: 'about bees' },
      total_cost_usd: 0.3,
    })
    expect((await served.get(`executions/${id}/state?at=999`)).status).toBe(422)
    expect((await served.get(`executions/${id}/state?at=0`)).status).toBe(422)
  })

  it('forks it in its past with edits, goes on, and tells where the two differ', async () => {
    const { served, id } = await reviewed()
    const { body: history } = await served.get(`executions/${id}/history`)
    const at = history.entries.find((entry: { events: { type: string; from_state?: string }[] }) =>
      entry.events.some(event => event.type === 'state.transition' && event.from_state === 'Search'),
    ).seq
    const forked = await served.post(`executions/${id}/fork`, { at, edits: { inputs: { Write: 'about wasps' } } })
    expect(forked.status).toBe(201)
    expect(forked.body.parent).toEqual({ execution_id: id, seq: at })
    const forkId = forked.body.execution_id
    expect(forked.headers.get('location')).toBe(`/api/v3/orchestration/executions/${forkId}`)
    expect(await served.settled(forkId)).toMatchObject({
      status: 'paused',
      parent: { execution_id: id, seq: at },
      pending_approvals: [{ message: 'Publish a text about wasps?' }],
    })
    const diff = await served.get(`executions/${id}/diff?with=${forkId}`)
    expect(diff.body).toMatchObject({ equal: false, difference: { kind: 'edit' } })
    const same = await served.post(`executions/${id}/fork`, { resume: false })
    expect(same.body.status).toBe('paused')
    expect((await served.get(`executions/${id}/diff?with=${same.body.execution_id}`)).body.equal).toBe(true)
  })

  it('refuses forks and comparisons that make no sense', async () => {
    const { served, id } = await reviewed()
    expect((await served.post(`executions/${id}/fork`, { at: 999 })).status).toBe(422)
    expect((await served.post(`executions/${id}/fork`, { edits: { output: {} } })).status).toBe(422)
    expect((await served.post(`executions/${id}/fork`, { edits: { outputs: { Nowhere: 1 } } })).status).toBe(422)
    expect((await served.get(`executions/${id}/diff`)).status).toBe(422)
    expect((await served.get(`executions/${id}/diff?with=nothing`)).status).toBe(404)
    const other = await served.execute('Echo')
    await served.settled(other)
    expect((await served.get(`executions/${id}/diff?with=${other}`)).status).toBe(409)
    await served.post(`executions/${id}/resume`)
    await served.settled(id)
    expect((await served.post(`executions/${id}/fork`, { edits: { properties: { a: 1 } } })).body.code).toBe(
      'RUN_ENDED',
    )
  })

  it('still tells of one whose definition is gone what can be told', async () => {
    const store = new MemoryJournalStore()
    const before = await serve({ store, orchestrations: [research()] })
    const id = await before.execute('Research', { topic: 'x' })
    await before.settled(id)
    await before.handler.close()
    const after = await serve({ store, orchestrations: [] })
    const { status, body } = await after.get(`executions/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      orchestration: 'Research',
      status: 'paused',
      pending_approvals: [{ node_id: 'Review' }],
    })
    expect((await after.get('executions')).body.executions).toHaveLength(1)
    expect((await after.get(`executions/${id}/nodes`)).status).toBe(200)
    expect((await after.get(`executions/${id}/history`)).status).toBe(200)
    expect((await after.get(`executions/${id}/graph`)).status).toBe(409)
    expect((await after.post(`executions/${id}/resume`)).status).toBe(404)
  })

  it('goes on after the server was closed, when the next one takes it up', async () => {
    const store = new MemoryJournalStore()
    const { orchestration, open, reached } = gated()
    const before = await serve({ store, orchestrations: [orchestration] })
    const id = await before.execute('Gated')
    await reached
    before.whenPaused(id, open)
    await before.handler.close()
    expect((await before.post('orchestrations/Gated/execute')).status).toBe(503)
    const again = gated()
    again.open()
    const after = await serve({ store, orchestrations: [again.orchestration] })
    expect(await after.handler.recover()).toEqual([id])
    await after.handler.server.host.driven(id)?.result
    expect(await after.settled(id)).toMatchObject({ status: 'completed' })
  })
})
