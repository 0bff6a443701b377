import { expectRefusal, expectSame, expectThat } from './expectation.js'
import { at, listed, sixRuns } from './listed-runs.js'
import { change, created, entry, request } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of the pages of a list of runs. */
export const runPageChecks: readonly StoreCheck[] = [
  storeCheck('a page has at most `limit` runs, and a cursor only if there are more', async trial => {
    const store = await trial.open()
    await sixRuns(store, trial)
    const query = { orchestration: trial.own('Publishing') }
    for (const limit of [1, 2, 3, 4, 5, 6]) {
      expectSame((await listed(store, trial, { ...query, limit })).join(''), 'fdcba', `the list in pages of ${limit}`)
    }
    expectSame((await store.list({ ...query, limit: 5 })).next, undefined, 'the cursor after the last run')
    expectSame((await store.list({ ...query, limit: 4 })).runs.length, 4, 'the runs of a page of four')
  }),

  storeCheck('a page has a hundred runs if nothing else is said', async trial => {
    const store = await trial.open()
    for (let number = 1; number <= 101; number++) await created(store, trial, `${number}`)
    const orchestration = trial.own('Publishing')
    expectSame((await store.list({ orchestration })).runs.length, 100, 'the runs of the first page')
    expectSame((await listed(store, trial, { orchestration })).length, 101, 'the runs of all pages')
    expectThat(
      (await store.list()).runs.length === 100,
      'list() without a query gives no full page where there are enough runs',
    )
  }),

  storeCheck(
    'runs of the same millisecond are in descending order of their ids, and in pages none is missed or comes twice',
    async trial => {
      const store = await trial.open()
      for (const name of ['c', 'a', 'B', 'b', '\u{FF5E}', 'd', '\u{1F600}']) await created(store, trial, name)
      const orchestration = trial.own('Publishing')
      const whole = await listed(store, trial, { orchestration })
      expectSame(whole.join(''), '\u{1F600}\u{FF5E}dcbaB', 'the list of runs of the same millisecond')
      for (const limit of [1, 2, 3, 6]) {
        expectSame(await listed(store, trial, { orchestration, limit }), whole, `the same in pages of ${limit}`)
      }
    },
  ),

  storeCheck('a limit that is no whole number from 1 on is refused', async trial => {
    const store = await trial.open()
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expectRefusal(() => store.list({ limit }), 'OPTION_INVALID', `list() with limit ${limit}`)
      await expectRefusal(() => store.requests({ limit }), 'OPTION_INVALID', `requests() with limit ${limit}`)
    }
  }),

  storeCheck('a cursor that no page has had is refused', async trial => {
    const store = await trial.open()
    await created(store, trial, 'older', at(1, { change: change({ opened: [request('a'), request('b')] }) }))
    await created(store, trial, 'younger', at(2))
    const query = { orchestration: trial.own('Publishing'), limit: 1 }
    const { next: cursor = 'missing' } = await store.list(query)
    for (const forged of ['', 'next', '{}', `${cursor}x`]) {
      await expectRefusal(() => store.list({ ...query, cursor: forged }), 'OPTION_INVALID', `list() from "${forged}"`)
      const requests = () => store.requests({ ...query, cursor: forged })
      await expectRefusal(requests, 'OPTION_INVALID', `requests() from "${forged}"`)
    }
  }),

  storeCheck('the cursor of a page is good for every store object', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const opened = [request('a'), request('b')]
    await created(store, trial, 'older', at(1, { change: change({ opened }) }))
    await created(store, trial, 'younger', at(2))
    const query = { orchestration: trial.own('Publishing'), limit: 1 }
    const [runs, requests] = [await store.list(query), await store.requests(query)]
    await store.close()
    const nextRuns = await other.list({ ...query, cursor: runs.next ?? 'missing' })
    expectSame(
      nextRuns.runs.map(({ runId }) => runId),
      [trial.own('older')],
      'the second page of runs',
    )
    const nextRequests = await other.requests({ ...query, cursor: requests.next ?? 'missing' })
    expectSame(
      nextRequests.requests.map(({ requestId }) => requestId),
      ['b'],
      'the second page of requests',
    )
  }),

  storeCheck(
    'while runs come, change and go between pages, none comes twice, and none that stays as it is is missed',
    async trial => {
      const [store, other] = [await trial.open(), await trial.open()]
      const names = Array.from({ length: 20 }, (_, number) => `run ${number}`)
      for (const [number, name] of names.entries()) await created(store, trial, name, at(number * 10))
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 100 && (page === 0 || cursor !== undefined); page++) {
        const query = { orchestration: trial.own('Publishing'), limit: 4 }
        const { runs, next } = await store.list({ ...query, ...(cursor === undefined ? {} : { cursor }) })
        const [first, second] = runs
        seen.push(...runs.map(({ runId }) => runId))
        cursor = next
        // More come than go, or a store that counts off its pages by position would get away with it.
        for (const late of [1, 2]) await created(other, trial, `late ${page}.${late}`, at(1000 + page))
        if (first !== undefined)
          await other.append(first.runId, 1, [entry(2)], change({ status: 'completed', states: [] }))
        if (second !== undefined) await other.delete(second.runId)
      }
      expectSame(seen.length, new Set(seen).size, 'how many runs came, against how many different ones')
      const missed = names.filter(name => !seen.includes(trial.own(name)))
      expectSame(missed, [], 'the runs that never came')
    },
  ),
]
