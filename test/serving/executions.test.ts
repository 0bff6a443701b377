import { describe, expect, it } from 'vitest'
import { Orchestration, SubOrchestrationRunnable } from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { echo, gated, research, type Served, serve, type Topic, tokens } from './served.js'

describe('orchestrations in code, over REST', () => {
  it('lists them and describes what they take and consist of (S2-18)', async () => {
    const served = await serve()
    const list = await served.get('/api/v3/orchestration/orchestrations')
    expect(list.status).toBe(200)
    expect(list.body.total).toBe(5)
    expect(list.body.orchestrations).toContainEqual({ name: 'Echo', description: 'Says it again.' })
    const { body } = await served.get('orchestrations/Research')
    expect(body.input).toMatchObject({ type: 'object', required: ['topic'] })
    expect(body.graph.entry).toBe('Search')
    expect(body.graph.nodes).toContainEqual({ id: 'Review', type: 'approval' })
    expect(body.graph.edges).toContainEqual(expect.objectContaining({ from: 'Write', to: 'Review' }))
  })

  it('answers at once with the id of the execution, whose progress can be asked for (S2-25)', async () => {
    const { orchestration, open, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const started = await served.post('orchestrations/Gated/execute', { input: { a: 1 } })
    expect(started.status).toBe(202)
    expect(started.body.status).toBe('running')
    await reached
    const id = started.body.execution_id
    const during = await served.get(`executions/${id}`)
    expect(during.body).toMatchObject({
      execution_id: id,
      status: 'running',
      orchestration: 'Gated',
      input: { a: 1 },
      current_nodes: ['Hold'],
      pending_approvals: [],
      total_cost_usd: 0,
    })
    expect(new Date(during.body.created_at).toISOString()).toBe(during.body.created_at)
    open()
    expect(await served.settled(id)).toMatchObject({ status: 'completed', output: 'held', current_nodes: [] })
  })

  it('takes an id of the caller, and refuses it for a second execution', async () => {
    const served = await serve()
    expect((await served.post('orchestrations/Echo/execute', { runId: 'mine' })).body.execution_id).toBe('mine')
    const again = await served.post('orchestrations/Echo/execute', { run_id: 'mine' })
    expect(again).toMatchObject({ status: 409, body: { code: 'RUN_EXISTS' } })
    const bad = await served.post('orchestrations/Echo/execute', { run_id: 'a/b' })
    expect(bad).toMatchObject({ status: 422, body: { code: 'NAME_INVALID' } })
  })

  it('checks the input before there is an execution, and lists all that is wrong (S2-41)', async () => {
    const served = await serve()
    const { status, body, headers } = await served.post('orchestrations/Research/execute', { input: { topic: 5 } })
    expect(status).toBe(422)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({ code: 'PAYLOAD_INVALID', status: 422, errors: [{ path: 'topic' }] })
    expect((await served.get('executions')).body.executions).toEqual([])
    expect((await served.post('orchestrations/Research/execute')).status).toBe(422)
  })

  it('says which orchestration may have been meant', async () => {
    const served = await serve()
    const { status, body } = await served.post('orchestrations/Reserch/execute', {})
    expect(status).toBe(404)
    expect(body.detail).toContain('Did you mean "Research"?')
  })

  it('refuses more executions than may be under way at once with 429', async () => {
    const { orchestration, open } = gated()
    const served = await serve({ orchestrations: [orchestration], limits: { maxRuns: 2 } })
    const both = await Promise.all([1, 2, 3].map(() => served.post('orchestrations/Gated/execute', {})))
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([202, 202, 429])
    const refused = both.find(({ status }) => status === 429)
    expect(refused?.headers.get('retry-after')).toBe('1')
    open()
    for (const each of both) if (each.status === 202) await served.settled(each.body.execution_id)
    expect((await served.post('orchestrations/Gated/execute', {})).status).toBe(202)
  })
})

describe('a request with an idempotency key', () => {
  const headers = { 'Idempotency-Key': 'key-1' }

  it('has its effect once, also when it comes several times at once', async () => {
    const served = await serve()
    const answers = await Promise.all(
      [1, 2, 3].map(() => served.post('orchestrations/Echo/execute', { input: { b: 1, a: 2 } }, { headers })),
    )
    answers.push(await served.post('orchestrations/Echo/execute', { input: { a: 2, b: 1 } }, { headers }))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    expect((await served.get('executions')).body.executions).toHaveLength(1)
  })

  it('is refused with another body, and is nothing to another tenant or another operation', async () => {
    const served = await serve()
    const first = await served.post('orchestrations/Echo/execute', { input: 1 }, { headers })
    expect((await served.post('orchestrations/Echo/execute', { input: 2 }, { headers })).status).toBe(422)
    const other = await served.post('orchestrations/Echo/execute', { input: 2 }, { headers, token: tokens.other })
    expect(other.status).toBe(202)
    expect(other.body.execution_id).not.toBe(first.body.execution_id)
    expect((await served.post('orchestrations/Counting/execute', { input: { count: 0 } }, { headers })).status).toBe(
      202,
    )
  })

  it('can be used again when nothing has come of the first', async () => {
    const served = await serve()
    expect((await served.post('orchestrations/Research/execute', { input: {} }, { headers })).status).toBe(422)
    const right = await served.post('orchestrations/Research/execute', { input: { topic: 'x' } }, { headers })
    expect(right.status).toBe(202)
  })

  it('survives the process that answered it, and one that died before it did', async () => {
    const served = await serve()
    const { store } = served.handler.server.host
    const first = await served.post('orchestrations/Echo/execute', { input: 1 }, { headers })
    const next = await serve({ store })
    expect((await next.post('orchestrations/Echo/execute', { input: 1 }, { headers })).text).toBe(first.text)
    // As it is when the execution was started, but the answer was not kept any more.
    const [kept] = await store.documents('serving/idempotency')
    const { answer: _answer, ...begun } = JSON.parse(kept?.data ?? '')
    await store.write([{ collection: 'serving/idempotency', id: kept?.id ?? '', data: JSON.stringify(begun) }])
    const third = await serve({ store })
    expect((await third.post('orchestrations/Echo/execute', { input: 1 }, { headers })).text).toBe(first.text)
    expect((await third.get('executions')).body.executions).toHaveLength(1)
  })

  it('is kept for a day; then it may stand for another execution, which outlives the first', async () => {
    const clock = new ManualClock()
    const store = new MemoryJournalStore()
    const served = await serve({ store, clock })
    const execute = async (key: string, input: unknown) =>
      (await served.post('orchestrations/Echo/execute', { input }, { headers: { 'Idempotency-Key': key } })).body
    const first = await execute('key-1', 1)
    await execute('key-2', 1)
    await clock.advance(86_399_999)
    expect(await execute('key-1', 1)).toEqual(first)
    await clock.advance(1)
    const second = await execute('key-1', 2)
    expect(second.execution_id).not.toBe(first.execution_id)
    for (const { execution_id } of [first, second]) await served.settled(execution_id)
    expect((await served.call('DELETE', `executions/${first.execution_id}`)).status).toBe(200)
    await clock.advance(3_600_000)
    expect(await execute('key-1', 2)).toEqual(second)
    // What is not asked for any more is thrown away.
    await expect.poll(async () => (await store.documents('serving/idempotency')).length).toBe(1)
    expect((await served.call('DELETE', `executions/${second.execution_id}`)).status).toBe(200)
    expect(await store.documents('serving/idempotency')).toEqual([])
  })

  it('stays with what one server has answered, when another one is asked at the same time and refuses', async () => {
    const store = new MemoryJournalStore()
    const there = store.reopen()
    const busy = gated()
    const [here, full] = [
      await serve({ store }),
      await serve({ store: there, orchestrations: [echo(), busy.orchestration], limits: { maxRuns: 1 } }),
    ]
    await full.execute('Gated')
    const [document, write] = [there.document.bind(there), store.write.bind(store)]
    let read = (): void => undefined
    let answered = (): void => undefined
    const hasRead = new Promise<void>(resolve => (read = resolve))
    const hasAnswered = new Promise<void>(resolve => (answered = resolve))
    store.write = async changes => {
      const isAnswer = changes.some(({ data }) => data?.includes('"answer"'))
      if (isAnswer) await hasRead
      await write(changes)
      if (isAnswer) answered()
    }
    there.document = async (collection, id) => {
      const found = await document(collection, id)
      if (collection === 'serving/idempotency' && found !== undefined) read()
      if (found !== undefined) await hasAnswered
      return found
    }
    const ask = (server: Served) => server.post('orchestrations/Echo/execute', { input: 1 }, { headers })
    const asking = ask(here)
    await expect.poll(async () => (await store.documents('serving/idempotency')).length).toBe(1)
    const refused = await ask(full)
    const first = await asking
    expect([first.status, refused.status]).toEqual([202, 429])
    expect((await ask(here)).text).toBe(first.text)
    busy.open()
  })

  it('has to be a text of visible characters', async () => {
    const served = await serve()
    const { status } = await served.post('orchestrations/Echo/execute', {}, { headers: { 'Idempotency-Key': 'a b' } })
    expect(status).toBe(400)
  })
})

describe('lists of executions', () => {
  it('come in pages, the youngest first, without gaps and repetitions', async () => {
    const served = await serve()
    const ids: string[] = []
    for (let number = 0; number < 7; number++) ids.push(await served.execute('Echo', number))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const query = `limit=3${cursor === undefined ? '' : `&cursor=${cursor}`}`
      const { body } = await served.get(`executions?${query}`)
      expect(body.executions.length).toBeLessThanOrEqual(3)
      seen.push(...body.executions.map((each: { execution_id: string }) => each.execution_id))
      cursor = body.next_cursor
    } while (cursor !== undefined)
    expect([...seen].sort()).toEqual([...ids].sort())
  })

  it('can be narrowed down by status, orchestration and what is waited for (S2-40)', async () => {
    const served = await serve()
    const waiting = await served.execute('Research', { topic: 'x' })
    await served.settled(waiting)
    await served.settled(await served.execute('Echo'))
    await served.settled(await served.execute('Failing'))
    const idsOf = async (query: string) =>
      (await served.get(`executions?${query}`)).body.executions.map(
        (each: { orchestration: string }) => each.orchestration,
      )
    expect(await idsOf('status=completed')).toEqual(['Echo'])
    expect(await idsOf('status=paused')).toEqual(['Research'])
    expect(await idsOf('status=running')).toEqual([])
    expect((await idsOf('status=failed,completed')).sort()).toEqual(['Echo', 'Failing'])
    expect(await idsOf('open_request=approval')).toEqual(['Research'])
    expect(await idsOf('orchestration=Failing')).toEqual(['Failing'])
    expect(await idsOf('status=pending')).toEqual([])
    expect(await idsOf('workflow_id=none')).toEqual([])
  })

  it('refuse a query that means nothing', async () => {
    const served = await serve()
    expect((await served.get('executions?limit=201')).status).toBe(422)
    expect((await served.get('executions?limit=x')).status).toBe(422)
    expect((await served.get('executions?status=done')).status).toBe(422)
    expect((await served.get('executions?cursor=nonsense')).status).toBe(422)
    const misspelt = await served.get('executions?statsu=running')
    expect(misspelt.status).toBe(400)
    expect(misspelt.body.detail).toContain('Did you mean "status"?')
  })
})

describe('steering an execution', () => {
  it('does not wait for ever until the states at work are done', async () => {
    const { orchestration, open, reached } = gated()
    const clock = new ManualClock()
    const served = await serve({ orchestrations: [orchestration], clock })
    const id = await served.execute('Gated')
    await reached
    served.whenPaused(id, () => void clock.advance(5000))
    expect(await served.post(`executions/${id}/pause`)).toMatchObject({ status: 202, body: { status: 'running' } })
    open()
    expect(await served.settled(id)).toMatchObject({ status: 'paused' })
  })

  it('pauses and resumes it (S2-26, S2-27)', async () => {
    const { orchestration, open, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    served.whenPaused(id, open)
    expect(await served.post(`executions/${id}/pause`)).toMatchObject({
      status: 200,
      body: { execution_id: id, status: 'paused' },
    })
    expect((await served.post(`executions/${id}/pause`)).status).toBe(409)
    expect(await served.post(`executions/${id}/resume`)).toMatchObject({ status: 200 })
    expect(await served.settled(id)).toMatchObject({ status: 'completed' })
    expect((await served.post(`executions/${id}/resume`)).body).toMatchObject({ status: 409, code: 'RUN_ENDED' })
  })

  it('cancels it, with a reason (S2-28)', async () => {
    const { orchestration, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    const cancelled = await served.post(`executions/${id}/cancel`, { reason: 'not wanted' })
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect((await served.get(`executions/${id}`)).body).toMatchObject({ status: 'cancelled', reason: 'not wanted' })
    const { body } = await served.get(`executions/${id}/events`, { headers: { accept: 'application/json' } })
    expect(body.events.at(-1)).toMatchObject({ type: 'orchestration.cancelled', reason: 'not wanted' })
    for (const what of ['cancel', 'pause', 'resume'])
      expect((await served.post(`executions/${id}/${what}`)).status).toBe(409)
  })

  it('deletes one that has ended, and no other', async () => {
    const { orchestration, open, reached } = gated()
    const served = await serve({ orchestrations: [orchestration] })
    const id = await served.execute('Gated')
    await reached
    expect((await served.call('DELETE', `executions/${id}`)).status).toBe(409)
    const forced = await served.call('DELETE', `executions/${id}?force=true`)
    expect([forced.status, forced.body.detail]).toEqual([409, expect.stringContaining('a process drives it')])
    open()
    await served.settled(id)
    expect(await served.call('DELETE', `executions/${id}`)).toMatchObject({ status: 200, body: { execution_id: id } })
    expect((await served.get(`executions/${id}`)).status).toBe(404)
  })
})

describe('approvals', () => {
  it('show the execution as paused, are listed, and are approved by the caller (S2-10)', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'bees' })
    const body = await served.settled(id)
    expect(body).toMatchObject({ status: 'paused', current_nodes: ['Review'] })
    const [approval] = body.pending_approvals
    expect(approval).toMatchObject({
      kind: 'approval',
      node_id: 'Review',
      message: 'Publish a text about bees?',
      input: 'a text about bees',
    })
    expect((await served.get('approvals')).body.approvals).toEqual([approval])
    expect((await served.get(`executions/${id}/requests`)).body.requests).toEqual([approval])
    const answered = await served.post(`executions/${id}/requests/${approval.request_id}`, {
      approved: true,
      reason: 'good',
    })
    expect(answered).toMatchObject({ status: 200, body: { node_id: 'Review', approved: true } })
    expect(await served.settled(id)).toMatchObject({ status: 'completed', output: 'published: a text about bees' })
    const { body: events } = await served.get(`executions/${id}/events?limit=1000`, {
      headers: { accept: 'application/json' },
    })
    const decision = events.events.find((each: { type: string }) => each.type === 'approval.answered')
    expect(decision).toMatchObject({ outcome: 'approved', by: 'Ada', comment: 'good' })
    const again = await served.post(`executions/${id}/requests/${approval.request_id}`, { approved: true })
    expect(again).toMatchObject({ status: 409, body: { code: 'REQUEST_UNKNOWN' } })
  })

  it('are approved by a resume without a body, and rejected by one that says so (S2-27)', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'a' })
    await served.settled(id)
    expect((await served.post(`executions/${id}/resume`)).status).toBe(200)
    expect((await served.settled(id)).status).toBe('completed')
    const other = await served.execute('Research', { topic: 'b' })
    await served.settled(other)
    expect((await served.post(`executions/${other}/resume`, { node_id: 'Nowhere' })).status).toBe(409)
    expect(
      (await served.post(`executions/${other}/resume`, { node_id: 'Review', approved: false, reason: 'no' })).status,
    ).toBe(200)
    // Nothing takes up a rejection there.
    expect(await served.settled(other)).toMatchObject({ status: 'failed', error: { code: 'UNABLE_TO_ADVANCE' } })
  })

  it('inside a sub-orchestration are answered by an id with slashes, written as %2F', async () => {
    class Outer extends Orchestration<Topic, unknown> {
      override initialRunnable = new SubOrchestrationRunnable(research()).configure({ name: 'Sub' }) as never
    }
    const served = await serve({ orchestrations: [new Outer()] })
    const id = await served.execute('Outer', { topic: 'x' })
    const waiting = await served.settled(id)
    expect(waiting).toMatchObject({ status: 'paused', current_nodes: ['Sub'], total_cost_usd: 0.3 })
    const { request_id: requestId } = waiting.pending_approvals[0]
    expect(requestId).toContain('/')
    const path = `executions/${id}/requests/${encodeURIComponent(requestId)}`
    expect(await served.post(path, { approved: true })).toMatchObject({ status: 200, body: { request_id: requestId } })
    expect((await served.settled(id)).status).toBe('completed')
  })

  it('need the scope for it', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'a' })
    const {
      pending_approvals: [approval],
    } = await served.settled(id)
    const path = `executions/${id}/requests/${approval.request_id}`
    expect((await served.post(path, { approved: true }, { token: tokens.run })).status).toBe(403)
    expect((await served.post(`executions/${id}/resume`, undefined, { token: tokens.run })).status).toBe(403)
    expect((await served.settled(id)).status).toBe('paused')
  })

  it('and signals are not answered with what does not fit', async () => {
    const served = await serve()
    const id = await served.execute('Research', { topic: 'a' })
    const {
      pending_approvals: [approval],
    } = await served.settled(id)
    const path = `executions/${id}/requests/${approval.request_id}`
    for (const wrong of [{}, { approved: 'yes' }, { payload: 1 }, { approved: true, payload: 1 }, { aproved: true }])
      expect((await served.post(path, wrong)).status).toBe(422)
    expect((await served.post(`executions/${id}/requests/9:9`, { approved: true })).status).toBe(409)

    const hearing = await served.execute('Listening')
    const [request] = (await served.get(`executions/${hearing}/requests`)).body.requests
    const signal = `executions/${hearing}/requests/${request.request_id}`
    expect(request).toMatchObject({ kind: 'signal', node_id: 'Hear' })
    expect((await served.post(signal, { approved: true })).status).toBe(422)
    expect((await served.post(signal, {})).status).toBe(422)
    expect((await served.post(signal, { payload: { topic: 1 } })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'topic' }],
    })
    expect((await served.post(signal, { payload: { topic: 'x' } })).status).toBe(200)
    expect(await served.settled(hearing)).toMatchObject({ status: 'completed', output: { topic: 'x' } })
  })

  it('deletes one that nobody can take up any more, if that is asked for', async () => {
    const store = new MemoryJournalStore()
    const before = await serve({ store })
    const id = await before.execute('Research', { topic: 'bees' })
    await before.settled(id)
    await before.handler.close()
    const after = await serve({ store: store.reopen(), orchestrations: [gated().orchestration] })
    expect((await after.call('DELETE', `executions/${id}`)).status).toBe(409)
    expect((await after.call('DELETE', `executions/${id}?force=perhaps`)).status).toBe(422)
    expect((await after.call('DELETE', `executions/${id}?force=true`)).status).toBe(200)
    expect((await after.get(`executions/${id}`)).status).toBe(404)
  })
})
