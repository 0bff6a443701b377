import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunContext } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import type { WorkflowServing } from '../../src/serving/index.js'
import { allScopes } from '../../src/serving/principal.js'
import { ManualClock } from '../../src/testing/index.js'
import { echoing, gate, parallelResearch, researchPipeline, scriptedAgents } from '../workflow/service-machines.js'
import { base, echo, type Served, serve, tokens } from './served.js'

type Loose = any // any: JSON that the test knows the form of

const costs = { 'web-search': 0.1, 'academic-search': 0.2, summarizer: 0.3 }

async function served(workflows: WorkflowServing = {}, store = new MemoryJournalStore()) {
  const scripted = scriptedAgents(costs)
  const server = await serve({ store, workflows: { agents: scripted.agents, ...workflows } })
  return { server, store, ...scripted }
}

async function created(server: Served, definition: unknown): Promise<string> {
  const { status, body, text } = await server.post('workflows', definition)
  if (status !== 201) throw new Error(text)
  return body.id
}

async function executed(server: Served, id: string, body: unknown = {}): Promise<string> {
  const answer = await server.post(`workflows/${id}/execute`, body)
  if (answer.status !== 202) throw new Error(answer.text)
  return answer.body.execution_id
}

/** An execution when it does no more by itself. */
async function settled(server: Served, id: string): Promise<Loose> {
  await expect.poll(async () => (await server.get(`executions/${id}`)).body.status).not.toBe('running')
  return (await server.get(`executions/${id}`)).body
}

describe('the client session of S2', () => {
  it('creates, executes, asks, approves and reads the costs (S2-18, S2-19, S2-24, S2-25, S2-27, S2-29, S2-30)', async () => {
    const { server } = await served()
    const create = await server.post(`${base}/workflows`, parallelResearch)
    expect(create.status).toBe(201)
    const { id } = create.body
    const execute = await server.post(`${base}/workflows/${id}/execute`, {
      input: { topic: 'quantum computing' },
      max_budget: 1.0,
    })
    expect(execute.status).toBe(202)
    expect(execute.body).toEqual({ execution_id: expect.any(String), status: 'running' })
    const { execution_id: executionId } = execute.body
    expect(execute.headers.get('location')).toBe(`${base}/executions/${executionId}`)
    const waiting = await settled(server, executionId)
    expect(waiting.pending_approvals[0].input).toEqual({
      input: { topic: 'quantum computing' },
      merge: { text: 'summarizer says', _cost: 0.3 },
      previous: { text: 'summarizer says', _cost: 0.3 },
    })
    expect(waiting).toMatchObject({
      status: 'paused',
      workflow_id: id,
      workflow_version: 1,
      input: { topic: 'quantum computing' },
      total_cost_usd: 0.6,
      max_budget: 1,
      current_nodes: ['approve'],
      pending_approvals: [{ node_id: 'approve', message: 'Publish?', workflow_id: id }],
    })
    const resume = await server.post(`${base}/executions/${executionId}/resume`)
    expect(resume.status).toBe(200)
    const done = await settled(server, executionId)
    expect(done.status).toBe('completed')
    expect(done.output.approve).toMatchObject({ approved: true, by: 'Ada' })
    const nodes = await server.get(`${base}/executions/${executionId}/nodes`)
    expect(nodes.body).toMatchObject({
      execution_id: executionId,
      total: 4,
      nodes: [
        { node_id: 'web', node_type: 'agent_call', status: 'completed', cost_usd: 0.1, attempt: 1 },
        { node_id: 'academic', cost_usd: 0.2 },
        { node_id: 'merge', cost_usd: 0.3 },
        { node_id: 'approve', node_type: 'human_approval', status: 'completed' },
      ],
    })
    const cost = await server.get(`${base}/executions/${executionId}/cost`)
    expect(cost.body).toMatchObject({
      execution_id: executionId,
      workflow_id: id,
      status: 'completed',
      total_cost_usd: 0.6,
      node_costs: [{ node_id: 'web', cost_usd: 0.1 }, {}, {}, {}],
    })
  })

  it('takes the other names of things too: input_data, max_budget_usd, graph_json, nodes by id (S2-39, C23)', async () => {
    const { server } = await served()
    const { nodes, edges, ...rest } = parallelResearch
    const forms = [
      { ...rest, graph_json: JSON.stringify({ nodes, edges }), max_budget_usd: 2 },
      { ...rest, graph_json: { nodes, edges }, max_budget: 2 },
      {
        ...rest,
        nodes: Object.fromEntries(
          nodes.map(({ id, ...node }) => [
            id,
            { ...node, depends_on: edges.filter(e => e.to === id).map(e => e.from) },
          ]),
        ),
        maxBudget: 2,
      },
    ]
    for (const form of forms) {
      const { body } = await server.post('workflows', form)
      expect(body).toMatchObject({ ...parallelResearch, max_budget: 2 })
    }
    const id = await created(server, researchPipeline)
    const execution = await settled(
      server,
      await executed(server, id, { input_data: { topic: 'x' }, max_budget_usd: 3 }),
    )
    expect(execution).toMatchObject({ input: { topic: 'x' }, max_budget: 3 })
    const both = await server.post(`workflows/${id}/execute`, { input: {}, input_data: {} })
    expect(both).toMatchObject({ status: 422, body: { errors: [{ path: 'input_data' }] } })
  })

  it('is told when the budget is exceeded (S2-35)', async () => {
    const { server } = await served()
    const id = await created(server, parallelResearch)
    const { status, error } = await settled(server, await executed(server, id, { max_budget: 0.5 }))
    expect(status).toBe('failed')
    expect(error.message).toContain('Budget exceeded')
  })

  it('pauses, resumes and cancels (S2-26, S2-27, S2-28, AC-3)', async () => {
    const { agent, open, reached } = gate()
    const { agents, called } = scriptedAgents()
    const { server } = await served({ agents: { ...agents, 'agent-search-001': agent } })
    const id = await created(server, researchPipeline)
    const executionId = await executed(server, id, { input: { topic: 'x' } })
    await reached
    const pausing = server.post(`executions/${executionId}/pause`)
    open()
    expect((await pausing).body.status).toBe('paused')
    expect(called()).toEqual([])
    expect((await server.post(`executions/${executionId}/resume`)).status).toBe(200)
    await expect.poll(called).toEqual(['agent-summary-001'])
    await server.post(`executions/${executionId}/cancel`, { reason: 'enough' })
    expect((await server.get(`executions/${executionId}`)).body.status).toBe('cancelled')
    expect((await server.post(`executions/${executionId}/pause`)).status).toBe(409)
  })

  it('rejects, which never passes as an approval (AC-4)', async () => {
    const { server } = await served()
    const id = await created(server, researchPipeline)
    const executionId = await executed(server, id, { input: { topic: 'x' } })
    await settled(server, executionId)
    const answer = { node_id: 'review', approved: false, reason: 'too thin' }
    expect((await server.post(`executions/${executionId}/resume`, answer)).status).toBe(200)
    expect((await settled(server, executionId)).status).toBe('cancelled')
    const { nodes } = (await server.get(`executions/${executionId}/nodes`)).body
    expect(nodes.at(-1)).toMatchObject({ node_id: 'review', status: 'failed' })
    expect(nodes.at(-1).error_message).toContain('too thin')
  })

  it('goes on with the next server on the same store, under the version it was started with (S2-15)', async () => {
    const { server, store } = await served()
    const id = await created(server, parallelResearch)
    const executionId = await executed(server, id, { input: { topic: 'q' }, max_budget: 1 })
    await settled(server, executionId)
    await server.call('PUT', `workflows/${id}`, { body: echoing('Echo') })
    await store.close()
    const next = await served({}, store.reopen())
    expect(await next.server.handler.recover()).toEqual([executionId])
    await next.server.post(`executions/${executionId}/resume`, { approved: true })
    expect(await next.server.settled(executionId)).toMatchObject({
      status: 'completed',
      workflow_version: 1,
      total_cost_usd: 0.6,
      max_budget: 1,
    })
    expect(next.called()).toEqual([])
  })
})

describe('workflows over REST', () => {
  it('are created with their place and revision, and read as they were written (S2-21)', async () => {
    const { server } = await served()
    const { status, body, headers } = await server.post('workflows', { ...researchPipeline, id: 'research' })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`${base}/workflows/research`)
    expect(headers.get('etag')).toBe('"1"')
    expect(body).toEqual({
      id: 'research',
      ...researchPipeline,
      status: 'active',
      version: 1,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: body.created_at,
    })
    const read = await server.get('workflows/research')
    expect(read.body).toEqual(body)
    const again = await server.get('workflows/research', { headers: { 'if-none-match': '"1"' } })
    expect(again).toMatchObject({ status: 304, text: '' })
    const taken = await server.post('workflows', { ...researchPipeline, id: 'research' })
    expect(taken).toMatchObject({ status: 409, body: { code: 'WORKFLOW_EXISTS' } })
    // What was read can be sent back as it is.
    const put = await server.call('PUT', 'workflows/research', { body: read.body })
    expect(put).toMatchObject({ status: 200, body: { version: 1 } })
  })

  it('take every change that depends on no revision, however many come at once: the last one stays (S2-22)', async () => {
    const { server } = await served()
    const id = await created(server, echoing('Echo'))
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        server.call('PUT', `workflows/${id}`, { body: { description: `change ${index}` } }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual(answers.map((_, index) => index + 2))
    const last = answers.find(({ body }) => body.version === 33)
    expect((await server.get(`workflows/${id}`)).body).toEqual(last?.body)
  })

  it('are listed in pages, the youngest first (S2-20)', async () => {
    const clock = new ManualClock(0)
    const server = await serve({ workflows: true, clock })
    for (const id of ['a', 'b', 'c']) {
      await created(server, { ...echoing(id), id })
      await clock.advance(1000)
    }
    const { body } = await server.get('workflows?limit=2&offset=1')
    expect(body).toMatchObject({ total: 3, limit: 2, offset: 1, workflows: [{ id: 'b' }, { id: 'a' }] })
    await server.call('DELETE', 'workflows/b')
    expect((await server.get('workflows')).body.workflows.map((each: { id: string }) => each.id)).toEqual(['c', 'a'])
    expect((await server.get('workflows?status=archived,draft')).body.total).toBe(1)
    for (const query of ['limit=0', 'limit=201', 'offset=-1', 'status=open']) {
      expect((await server.get(`workflows?${query}`)).status).toBe(422)
    }
    expect(await server.get('workflows?limt=2')).toMatchObject({ status: 400 })
  })

  it('are changed in parts or as a whole; a changed definition is a new version (S2-22, AC-7)', async () => {
    const { server } = await served()
    const id = await created(server, echoing('Echo'))
    const part = await server.call('PUT', `workflows/${id}`, { body: { description: 'says it', max_budget: 1 } })
    expect(part).toMatchObject({
      status: 200,
      body: { version: 2, name: 'Echo', description: 'says it', max_budget: 1 },
    })
    const whole = await server.call('PUT', `workflows/${id}`, { body: { ...parallelResearch, max_budget: null } })
    expect(whole.body).toMatchObject({ version: 3, ...parallelResearch })
    expect(whole.body).not.toHaveProperty('max_budget')
    const { body } = await server.get(`workflows/${id}/versions`)
    expect(body).toMatchObject({ total: 3, versions: [{ version: 3, name: 'Parallel Research' }, {}, { version: 1 }] })
    expect((await server.get(`workflows/${id}/versions/1`)).body).toMatchObject({ id, version: 1, ...echoing('Echo') })
    for (const version of ['4', '0', 'x', '1.5', '99999999999']) {
      expect((await server.get(`workflows/${id}/versions/${version}`)).status).toBe(404)
    }
    const executionId = await executed(server, id, { version: 1, input: { text: 'hi' } })
    expect(await settled(server, executionId)).toMatchObject({ workflow_version: 1, output: { say: { echoed: 'hi' } } })
  })

  it('are changed only as the client knows them, if it says so by If-Match', async () => {
    const { server } = await served()
    const id = await created(server, parallelResearch)
    const put = (tag: string, description: string) =>
      server.call('PUT', `workflows/${id}`, { body: { description }, headers: { 'if-match': tag } })
    const first = await put('"1"', 'one')
    expect(first.headers.get('etag')).toBe('"2"')
    const late = await put('"1"', 'two')
    expect(late).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
    expect(late.headers.get('etag')).toBe('"2"')
    expect((await put('W/"2"', 'weak')).status).toBe(412)
    expect((await put('2', 'no tag')).status).toBe(400)
    expect((await put('"1", "2"', 'either')).status).toBe(200)
    expect((await put('*', 'any')).status).toBe(200)
    const stale = await server.call('DELETE', `workflows/${id}`, { headers: { 'if-match': '"1"' } })
    expect(stale.status).toBe(412)
    const unknown = await server.call('PUT', 'workflows/none', { body: {}, headers: { 'if-match': '"1"' } })
    expect(unknown.status).toBe(404)
  })

  it('have to be changed with If-Match where the server asks for it', async () => {
    const { server } = await served({ requireIfMatch: true })
    const id = await created(server, parallelResearch)
    expect(await server.call('PUT', `workflows/${id}`, { body: {} })).toMatchObject({ status: 428 })
    expect(await server.call('DELETE', `workflows/${id}`)).toMatchObject({ status: 428 })
    expect((await server.call('DELETE', `workflows/${id}`, { headers: { 'if-match': '"1"' } })).status).toBe(200)
  })

  it('are archived: read, but executed no more, and what runs goes on or is cancelled (S2-23, S2-41, AC-7)', async () => {
    const { agent, reached } = gate()
    const { server } = await served({ agents: { echo: agent } })
    const id = await created(server, echoing('Echo'))
    const executionId = await executed(server, id, { input: { text: 'x' } })
    await reached
    const archived = await server.call('DELETE', `workflows/${id}`)
    expect(archived).toMatchObject({ status: 200, body: { workflow_id: id, status: 'archived', not_cancelled: [] } })
    expect((await server.get(`workflows/${id}`)).body.status).toBe('archived')
    expect((await server.get(`executions/${executionId}`)).body.status).toBe('running')
    const refused = await server.post(`workflows/${id}/execute`, { input: { text: 'x' } })
    expect(refused).toMatchObject({ status: 409, body: { code: 'WORKFLOW_INACTIVE' } })
    await server.call('DELETE', `workflows/${id}?cancel_executions=true`)
    expect((await server.get(`executions/${executionId}`)).body.status).toBe('cancelled')
  })

  it('are created and executed once for one key', async () => {
    const { server, calls } = await served()
    const headers = { 'idempotency-key': 'k-1' }
    const both = await Promise.all([1, 2].map(() => server.post('workflows', echoing('E', 'summarizer'), { headers })))
    const [{ id }] = both.map(({ body }) => body)
    expect(both.map(({ status, body }) => [status, body.id])).toEqual([
      [201, id],
      [201, id],
    ])
    expect((await server.get('workflows')).body.total).toBe(1)
    expect((await server.post('workflows', parallelResearch, { headers })).status).toBe(422)
    const body = { input: { text: 'x' } }
    const runs = await Promise.all([1, 2].map(() => server.post(`workflows/${id}/execute`, body, { headers })))
    expect(runs.map(({ status }) => status)).toEqual([202, 202])
    expect(new Set(runs.map(run => run.body.execution_id)).size).toBe(1)
    await settled(server, runs[0]?.body.execution_id)
    expect(calls).toHaveLength(1)
    expect((await server.get(`executions?workflow_id=${id}`)).body.executions).toHaveLength(1)
  })

  it('tell of everything that is wrong with a definition, with its place and the nearest name (S2-12, S2-41)', async () => {
    const { server } = await served()
    const { status, body } = await server.post('workflows', {
      name: 'X',
      status: 'open',
      nodes: [
        { id: 'a', type: 'agent_cal', agent_id: 'x' },
        { id: 'b', type: 'human_approval', config: { message: '{{input.' } },
      ],
      edges: [{ from: 'a', to: 'c' }],
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ status: 422, code: 'WORKFLOW_INVALID', title: 'Unprocessable Content' })
    const paths = body.errors.map(({ path }: { path: string }) => path)
    expect(paths).toEqual(expect.arrayContaining(['status', 'nodes[0].type', 'nodes[1].config.message', 'edges[0].to']))
    expect(JSON.stringify(body.errors)).toContain('agent_call')
    expect((await server.post('workflows', '{"name":')).status).toBe(400)
    expect((await server.post('workflows', '{"name":"X","nodes":[],"__proto__":{}}')).status).toBe(400)
    for (const wrong of ['[]', '5', 'null', '"text"']) expect((await server.post('workflows', wrong)).status).toBe(422)
    expect((await server.call('POST', 'workflows')).status).toBe(422)
  })

  it('tell of an input that lacks something, of names that there are not, and of wrong budgets', async () => {
    const { server } = await served()
    const id = await created(server, researchPipeline)
    const missing = await server.post(`workflows/${id}/execute`, { input: {} })
    expect(missing).toMatchObject({ status: 422, body: { errors: [{ path: 'input.topic' }] } })
    for (const body of [{ inptu: {} }, { max_budget: -1 }, { max_budget: '1' }, { version: 0 }]) {
      expect((await server.post(`workflows/${id}/execute`, body)).status).toBe(422)
    }
    expect((await server.post(`workflows/${id}/execute`, { version: 9, input: { topic: 'x' } })).status).toBe(404)
    const lost = await created(server, { name: 'L', nodes: [{ id: 'a', type: 'agent_call', agent_id: 'summariser' }] })
    const { status, body } = await server.post(`workflows/${lost}/execute`)
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path: 'nodes[0].agent_id', message: expect.stringContaining('summarizer') }])
    expect((await server.post('workflows/none/execute')).status).toBe(404)
  })

  it('are validated without being kept (S2-12, S2-13)', async () => {
    const { server } = await served()
    expect((await server.post('workflows/validate', parallelResearch)).body).toEqual({
      valid: true,
      errors: [],
      missing: [],
      layers: [['web', 'academic'], ['merge'], ['approve']],
    })
    const ring = { ...parallelResearch, edges: [...parallelResearch.edges, { from: 'approve', to: 'web' }] }
    const { body } = await server.post('workflows/validate', ring)
    expect(body.valid).toBe(false)
    expect(body.errors[0].message).toContain('approve')
    expect((await server.get('workflows')).body.total).toBe(0)
  })

  it('have templates that can be posted as they are (S2-31, S2-43)', async () => {
    const { server } = await served()
    const { body } = await server.get('templates')
    expect(body.templates.map(({ key }: { key: string }) => key)).toEqual(
      expect.arrayContaining(['sequential-pipeline', 'fan-out-fan-in', 'human-in-the-loop']),
    )
    expect(body.total).toBe(body.templates.length)
    for (const { definition } of body.templates) await created(server, definition)
  })

  it('of another tenant are not there, and neither are their executions (S2-41)', async () => {
    const { server } = await served()
    const id = await created(server, researchPipeline)
    const executionId = await executed(server, id, { input: { topic: 'x' } })
    await settled(server, executionId)
    const token = tokens.other
    expect((await server.get('workflows', { token })).body.total).toBe(0)
    const asked: readonly [string, string][] = [
      ['GET', `workflows/${id}`],
      ['PUT', `workflows/${id}`],
      ['DELETE', `workflows/${id}`],
      ['GET', `workflows/${id}/versions`],
      ['GET', `workflows/${id}/versions/1`],
      ['POST', `workflows/${id}/execute`],
      ['GET', `executions/${executionId}`],
      ['GET', `executions/${executionId}/nodes`],
      ['GET', `executions/${executionId}/cost`],
      ['POST', `executions/${executionId}/resume`],
      ['POST', `executions/${executionId}/cancel`],
    ]
    for (const [method, path] of asked) {
      const body = method === 'PUT' ? { body: {} } : {}
      expect([path, (await server.call(method, path, { token, ...body })).status]).toEqual([path, 404])
    }
    expect((await server.get(`executions/${executionId}`)).body.status).toBe('paused')
  })

  it('need a token that is known, with the scope for what is done', async () => {
    const { server } = await served()
    const id = await created(server, echoing('Echo'))
    const routes: readonly [string, string, string][] = [
      ['GET', 'workflows', 'read'],
      ['POST', 'workflows', 'define'],
      ['GET', `workflows/${id}`, 'read'],
      ['PUT', `workflows/${id}`, 'define'],
      ['DELETE', `workflows/${id}`, 'define'],
      ['GET', `workflows/${id}/versions`, 'read'],
      ['GET', `workflows/${id}/versions/1`, 'read'],
      ['POST', 'workflows/validate', 'read'],
      ['POST', `workflows/${id}/execute`, 'run'],
      ['GET', 'templates', 'read'],
    ]
    expect(allScopes).toHaveLength(4)
    for (const [method, path, scope] of routes) {
      for (const token of ['', 'not-a-token-anybody-has']) {
        expect((await server.call(method, path, { token })).status).toBe(401)
      }
      if (scope === 'read') continue
      expect([path, (await server.call(method, path, { token: tokens.read })).status]).toEqual([path, 403])
      const withRun = (await server.call(method, path, { token: tokens.run })).status
      expect([path, withRun === 403]).toEqual([path, scope === 'define'])
    }
  })

  it('are no more at once than the server runs', async () => {
    const { agent, reached, open } = gate()
    const server = await serve({ workflows: { agents: { echo: agent } }, limits: { maxRuns: 1 } })
    const id = await created(server, echoing('Echo'))
    const first = await executed(server, id, { input: { text: 'x' } })
    await reached
    const second = await server.post(`workflows/${id}/execute`, { input: { text: 'y' } })
    expect(second.status).toBe(429)
    expect(second.headers.get('retry-after')).toBe('1')
    open()
    await settled(server, first)
  })

  it('do not get in the way of orchestrations in code, and are in the document', async () => {
    const { server } = await served()
    await created(server, { ...echoing('Echo'), id: 'Echo' })
    expect(echo().name).toBe('Echo')
    expect(await settled(server, await server.execute('Echo', 'hi'))).toMatchObject({
      orchestration: 'Echo',
      output: 'hi',
    })
    const run = await settled(server, await executed(server, 'Echo', { input: { text: 'x' } }))
    expect(run).toMatchObject({ orchestration: 'workflow/Echo@1', output: { say: { echoed: 'x' } } })
    const document = await server.get('/openapi.json')
    expect(document.body.paths[`${base}/workflows/{workflow_id}`].put.operationId).toBe('update_workflow')
  })

  it('are forked under their version, and the fork goes on by itself', async () => {
    const { server, called } = await served()
    const id = await created(server, parallelResearch)
    const executionId = await executed(server, id, { input: { topic: 'q' } })
    const { seq } = await settled(server, executionId)
    const fork = await server.post(`executions/${executionId}/fork`, { at: seq })
    expect(fork.status).toBe(201)
    const { execution_id: forkId } = fork.body
    await server.post(`executions/${forkId}/resume`, { approved: true })
    expect(await settled(server, forkId)).toMatchObject({ status: 'completed', workflow_id: id, workflow_version: 1 })
    expect((await settled(server, executionId)).status).toBe('paused')
    expect(called()).toHaveLength(3)
  })

  it('tell of their nodes, not of the states between them', async () => {
    const { agent, reached, open } = gate()
    const { agents } = scriptedAgents()
    const { server } = await served({ agents: { ...agents, 'web-search': agent } })
    const id = await created(server, parallelResearch)
    const executionId = await executed(server, id)
    await reached
    await expect.poll(async () => (await server.get(`executions/${executionId}`)).body.current_nodes).toEqual(['web'])
    open()
    expect((await settled(server, executionId)).current_nodes).toEqual(['approve'])
  })

  it('cost what their models cost, where that is said', async () => {
    const echoed = (_input: unknown, context: RunContext) => {
      context.usage({ model: 'm-1', inputTokens: 1_000_000, outputTokens: 500_000 })
      return 'said'
    }
    const prices = {
      currency: 'USD',
      asOf: '2026-01-01',
      models: { 'm-1': { inputPerMillion: 0.2, outputPerMillion: 0.4 } },
    }
    const { server } = await served({ agents: { echo: echoed }, prices })
    const id = await created(server, echoing('Echo'))
    const run = await settled(server, await executed(server, id, { input: { text: 'x' }, max_budget: 1 }))
    expect(run).toMatchObject({ status: 'completed', total_cost_usd: 0.4 })
    const { body } = await server.get(`executions/${run.execution_id}/cost`)
    expect(body).toMatchObject({ total_cost_usd: 0.4, node_costs: [{ node_id: 'say', cost_usd: 0.4 }] })
  })

  it('find other agents for each tenant, where it is so', async () => {
    const forTenant = (tenant: string) => ({ agents: { echo: () => `for ${tenant}` } })
    const { server } = await served({ forTenant })
    for (const [token, tenant] of [
      [tokens.all, 'acme'],
      [tokens.other, 'other'],
    ] as const) {
      const { id } = (await server.post('workflows', echoing('Echo'), { token })).body
      const { body } = await server.post(`workflows/${id}/execute`, { input: { text: 'x' } }, { token })
      const asked = () => server.get(`executions/${body.execution_id}`, { token })
      await expect.poll(async () => (await asked()).body.status).toBe('completed')
      expect((await asked()).body.output.say).toBe(`for ${tenant}`)
    }
  })

  it('are never the fault of the server, whatever is sent', async () => {
    const { server } = await served()
    const id = await created(server, { ...researchPipeline, id: 'there' })
    const key = fc.constantFrom(
      'name',
      'nodes',
      'edges',
      'id',
      'status',
      'graph_json',
      'max_budget',
      'config',
      'type',
      'x',
    )
    const { tree: json } = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, true, -1, 1e308, '', 'a', 'agent_call', '{{input.', '{"nodes":[]}', 'archived'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
      ),
    }))
    const node = fc.record({
      id: fc.constantFrom('a', 'b'),
      type: fc.constantFrom('agent_call', 'loop', 'x'),
      config: json,
    })
    const sent = fc.oneof(
      json,
      fc.record({ name: fc.constant('X'), nodes: fc.array(node, { maxLength: 3 }), edges: json }),
    )
    await fc.assert(
      fc.asyncProperty(sent, async body => {
        for (const [method, path] of [
          ['POST', 'workflows'],
          ['POST', 'workflows/validate'],
          ['PUT', `workflows/${id}`],
          ['POST', `workflows/${id}/execute`],
        ] as const) {
          const answer = await server.call(method, path, { body: JSON.stringify(body) })
          if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.text}`)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are not served where nobody has asked for them', async () => {
    const server = await serve()
    expect((await server.get('workflows')).status).toBe(404)
    expect((await server.post('workflows', echoing('Echo'))).status).toBe(404)
  })

  it('never tell what agents have thrown besides its message, nor headers (AC-10)', async () => {
    const agent = () => {
      throw Object.assign(new Error('no answer'), {
        headers: { authorization: 'sk-very-secret' },
        cause: new Error('deep-secret'),
      })
    }
    const { server } = await served({ agents: { echo: agent } })
    const id = await created(server, echoing('Echo'))
    const executionId = await executed(server, id, { input: { text: 'x' } })
    await settled(server, executionId)
    for (const path of ['', '/nodes', '/history', '/state']) {
      const { text } = await server.get(`executions/${executionId}${path}`)
      expect(text).not.toMatch(/very-secret|deep-secret/)
    }
  })
})
