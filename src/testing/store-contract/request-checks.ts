import type { JournalStore, RequestQuery } from '../../durability/index.js'
import { expectSame, expectThat } from './expectation.js'
import { change, created, entry, request, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

async function open(store: JournalStore, query: RequestQuery): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const { requests, next } = await store.requests({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    const { limit = 100 } = query
    expectThat(requests.length <= limit, `a page of ${limit} requests has ${requests.length}`)
    ids.push(...requests.map(({ requestId }) => requestId))
    cursor = next
  } while (cursor !== undefined && ids.length <= 1000)
  return ids
}

/** What is claimed of requests and answers. */
export const requestChecks: readonly StoreCheck[] = [
  storeCheck('a request that a commit opens is there as it was given, to every store object', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const approval = request('approval', { until: start + 60_000, message: '' })
    const signal = request('signal', { kind: 'signal', openedAt: start + 5, input: 'null' })
    const runId = await created(store, trial, 'run', { change: change({ opened: [approval] }) })
    await store.append(runId, 1, [entry(2)], change({ opened: [signal] }))
    const of = { runId, orchestration: trial.own('Publishing') }
    const expected = [approval, signal].map(given => ({ ...given, ...of }))
    for (const reader of [store, other])
      expectSame((await reader.requests({ runId })).requests, expected, 'the open requests')
  }),

  storeCheck('all requests that one commit opens are there', async trial => {
    const store = await trial.open()
    const opened = ['a', 'b', 'c', 'd'].map(requestId => request(requestId))
    const runId = await created(store, trial, 'run')
    await store.append(runId, 1, [entry(2)], change({ opened }))
    expectSame(await open(store, { runId }), ['a', 'b', 'c', 'd'], 'the open requests')
  }),

  storeCheck('a request that a commit closes is gone, and only that', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const opened = [request('a'), request('b'), request('c')]
    const runId = await created(store, trial, 'run', { change: change({ opened }) })
    const next = await created(store, trial, 'other', { change: change({ opened }) })
    await store.append(runId, 1, [entry(2)], change({ closed: ['a', 'c', 'unknown'] }))
    expectSame(await open(other, { runId }), ['b'], 'the open requests')
    expectSame(await open(other, { runId: next }), ['a', 'b', 'c'], 'those of the same ids of another run')
    expectSame(
      await store.answer(runId, { requestId: 'a', data: '1', at: start }),
      'unknown',
      'an answer to a closed request',
    )
  }),

  storeCheck('requests are found by each criterion and by all together', async trial => {
    const store = await trial.open()
    const orchestration = trial.own('Publishing')
    const asking = [request('a'), request('b', { kind: 'signal', openedAt: start + 1, stateName: 'Waiting' })]
    const one = await created(store, trial, 'one', { change: change({ opened: asking }) })
    const waiting = [request('c', { openedAt: start + 2, stateName: 'Waiting' })]
    const two = await created(store, trial, 'two', { change: change({ opened: waiting }) })
    const elsewhere = [request('d')]
    const broadcasting = { orchestration: trial.own('Broadcasting'), change: change({ opened: elsewhere }) }
    await created(store, trial, 'three', broadcasting)
    const claims: readonly [RequestQuery, string][] = [
      [{ orchestration }, 'abc'],
      [{ orchestration: trial.own('Broadcasting') }, 'd'],
      [{ runId: one }, 'ab'],
      [{ orchestration, kind: 'approval' }, 'ac'],
      [{ orchestration, kind: 'signal' }, 'b'],
      [{ orchestration, stateName: 'Waiting' }, 'bc'],
      [{ orchestration, stateName: 'Wait' }, ''],
      [{ runId: one, orchestration, kind: 'signal', stateName: 'Waiting' }, 'b'],
      [{ runId: two, orchestration, kind: 'signal', stateName: 'Waiting' }, ''],
    ]
    for (const [query, expected] of claims) {
      expectSame((await open(store, query)).join(''), expected, `the requests for ${JSON.stringify(query)}`)
    }
  }),

  storeCheck('requests come the oldest first, then by run and id, also in pages', async trial => {
    const store = await trial.open()
    const orchestration = trial.own('Publishing')
    const at = (requestId: string, ms: number) => request(requestId, { openedAt: start + ms })
    const later = { change: change({ opened: [at('g', 9), at('d', 5), at('c', 5)] }) }
    await created(store, trial, 'run 2', later)
    await created(store, trial, 'run 1', {
      change: change({ opened: [at('e', 5), at('b', 5), at('a', 3), at('f', 7)] }),
    })
    for (const limit of [100, 1, 2, 3, 6, 7]) {
      expectSame((await open(store, { orchestration, limit })).join(''), 'abecdfg', `the requests in pages of ${limit}`)
    }
    expectSame((await store.requests({ orchestration, limit: 7 })).next, undefined, 'the cursor after the last request')
  }),

  storeCheck('a page has a hundred requests if nothing else is said', async trial => {
    const store = await trial.open()
    const opened = Array.from({ length: 101 }, (_, number) => request(`${number}`))
    const runId = await created(store, trial, 'run', { change: change({ opened }) })
    expectSame((await store.requests({ runId })).requests.length, 100, 'the requests of the first page')
    expectSame((await open(store, { runId })).length, 101, 'the requests of all pages')
    expectThat((await store.requests()).requests.length === 100, 'requests() without a query gives no full page')
  }),

  storeCheck('the first answer to a request is accepted, every other is told that it is taken', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run', { change: change({ opened: [request('a'), request('b')] }) })
    const answer = { requestId: 'a', data: '{"approved":true}', at: start + 7 }
    expectSame(await other.answer(runId, answer), 'accepted', 'what the first answer gets')
    for (const asked of [store, other]) {
      const again = { ...answer, data: '{"approved":false}', at: start + 8 }
      expectSame(await asked.answer(runId, again), 'taken', 'what the next answer gets')
      expectSame(await asked.answers(runId), [answer], 'the answers')
      expectSame(await open(asked, { runId }), ['b'], 'the requests that nobody has answered')
    }
  }),

  storeCheck('an answer to what was never asked is unknown, and is not kept', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { change: change({ opened: [request('a')] }) })
    const other = await created(store, trial, 'other')
    expectSame(await store.answer(runId, { requestId: 'b', data: '1', at: start }), 'unknown', 'one to another request')
    expectSame(await store.answer(other, { requestId: 'a', data: '1', at: start }), 'unknown', 'one to another run')
    const nobody = trial.own('nobody')
    expectSame(await store.answer(nobody, { requestId: 'a', data: '1', at: start }), 'unknown', 'one to no run')
    expectSame([await store.answers(runId), await store.answers(other)], [[], []], 'the answers')
  }),

  storeCheck('answers stay until their requests are closed, the oldest first', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const opened = ['a', 'b', 'c'].map(requestId => request(requestId))
    const runId = await created(store, trial, 'run', { change: change({ opened }) })
    for (const [index, requestId] of ['c', 'a', 'b'].entries()) {
      await store.answer(runId, { requestId, data: `${index}`, at: start + index })
    }
    await store.append(runId, 1, [entry(2)], change({ status: 'paused' }))
    expectSame(
      (await other.answers(runId)).map(({ requestId }) => requestId),
      ['c', 'a', 'b'],
      'the answers',
    )
    await store.append(runId, 2, [entry(3)], change({ closed: ['a'] }))
    expectSame(
      (await other.answers(runId)).map(({ requestId }) => requestId),
      ['c', 'b'],
      'the answers when one is closed',
    )
  }),

  storeCheck('a request that is opened again has nothing of the answer that it had', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { change: change({ opened: [request('a')] }) })
    await store.answer(runId, { requestId: 'a', data: '"first"', at: start })
    await store.append(runId, 1, [entry(2)], change({ closed: ['a'] }))
    await store.append(runId, 2, [entry(3)], change({ opened: [request('a')] }))
    expectSame([await open(store, { runId }), await store.answers(runId)], [['a'], []], 'open requests and answers')
    expectSame(
      await store.answer(runId, { requestId: 'a', data: '"second"', at: start }),
      'accepted',
      'what an answer gets',
    )
  }),
]
