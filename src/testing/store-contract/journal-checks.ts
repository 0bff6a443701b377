import { expectRefusal, expectSame, expectThat } from './expectation.js'
import { change, created, entries, entry, request, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of journals and snapshots. */
export const journalChecks: readonly StoreCheck[] = [
  storeCheck('an append adds its entries and changes status, states, seq and updatedAt with them', async trial => {
    const [store, reader] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    const before = await store.get(runId)
    await store.append(runId, 1, entries(2, 4), change({ status: 'paused', states: ['Checking'] }))
    expectSame(await reader.read(runId), entries(1, 4), 'the journal')
    const changed = { status: 'paused', states: ['Checking'], seq: 4, updatedAt: start + 4 }
    expectSame(await reader.get(runId), { ...before, ...changed }, 'the record')
    await reader.append(runId, 4, [entry(5)], change({ status: 'completed', states: [] }))
    const completed = { status: 'completed', states: [], seq: 5, updatedAt: start + 5 }
    expectSame(
      await store.get(runId),
      { ...before, ...completed },
      'the record after an append by another store object',
    )
  }),

  storeCheck('every entry of a hundred appends is there, in order', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    for (let seq = 1; seq <= 100; seq++) await store.append(runId, seq, [entry(seq + 1)], change())
    expectSame(await (await trial.open()).read(runId), entries(1, 101), 'the journal')
  }),

  storeCheck('times are kept as they are, also where a clock went back', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    const times = [start + 500, start - 500, 0, 8.64e15, start].map((at, index) => ({ ...entry(index + 2), at }))
    for (const late of times) {
      await store.append(runId, late.seq - 1, [late], change())
      expectSame((await store.get(runId))?.updatedAt, late.at, 'updatedAt')
    }
    expectSame(await store.read(runId, 2), times, 'the journal')
    expectSame((await store.get(runId))?.createdAt, start + 1, 'createdAt')
  }),

  storeCheck('an append that expects an entry too few is refused', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { entries: entries(1, 2) })
    await expectRefusal(() => store.append(runId, 1, [entry(2, '"other"')], change()), 'RUN_CONFLICT', 'a late append')
    expectSame(await store.read(runId), entries(1, 2), 'the journal')
  }),

  storeCheck('an append that expects an entry too many is refused', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    await expectRefusal(() => store.append(runId, 2, [entry(3)], change()), 'RUN_CONFLICT', 'an append after a gap')
    expectSame(await store.read(runId), [entry(1)], 'the journal')
  }),

  storeCheck('an append that is refused changes nothing', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { change: change({ opened: [request('asked')] }) })
    await store.append(runId, 1, [entry(2)], change())
    const before = await store.get(runId)
    const definition = { fingerprint: trial.own('newer'), version: 2, data: '{}' }
    const late = change({ status: 'failed', states: [], opened: [request('late')], closed: ['asked'], definition })
    await expectRefusal(() => store.append(runId, 1, entries(2, 9), late), 'RUN_CONFLICT', 'a late append')
    expectSame(await store.get(runId), before, 'the record')
    expectSame(await store.read(runId), entries(1, 2), 'the journal')
    const open = (await store.requests({ runId })).requests.map(({ requestId }) => requestId)
    expectSame(open, ['asked'], 'the open requests')
    expectSame(await store.definition(definition.fingerprint), undefined, 'the definition that came with it')
  }),

  storeCheck('whoever reads meanwhile sees all of an append or nothing', async trial => {
    const [store, reader] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    for (let last = 1; last < 500; last += 100) {
      const written = store.append(runId, last, entries(last + 1, last + 100), change({ states: [`at ${last + 100}`] }))
      const looks = Array.from({ length: 10 }, async () => {
        const { length } = await reader.read(runId)
        expectThat(
          length === last || length === last + 100,
          `a reader saw ${length - last} of 100 entries of one append`,
        )
        const known = await reader.get(runId)
        const agrees = known?.seq === last || known?.states[0] === `at ${known?.seq}`
        expectThat(agrees, `a reader saw seq ${known?.seq} with the states of another commit`)
      })
      await Promise.all([written, ...looks])
    }
  }),

  storeCheck('a journal is read from any number on, as far as is asked for', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { entries: entries(1, 12) })
    for (const [from, limit, first, last] of [
      [1, undefined, 1, 12],
      [undefined, 5, 1, 5],
      [4, undefined, 4, 12],
      [4, 3, 4, 6],
      [11, 5, 11, 12],
      [12, 1, 12, 12],
      [13, undefined, 13, 12],
      [5, 0, 5, 4],
    ] as const) {
      const what = `what is read from ${from ?? 'the default'} on with limit ${limit ?? 'of all'}`
      expectSame(await store.read(runId, from, limit), entries(first, last), what)
    }
  }),

  storeCheck('a journal of more than a thousand entries is read whole', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { entries: entries(1, 1500) })
    expectSame((await store.read(runId)).map(({ seq }) => seq).at(-1), 1500, 'the number of the last entry')
  }),

  storeCheck('journals do not mix', async trial => {
    const store = await trial.open()
    const [one, two] = [await created(store, trial, 'run'), await created(store, trial, 'run2')]
    await store.append(one, 1, entries(2, 3), change())
    expectSame(await store.read(two), [entry(1)], 'the journal of the run that nobody advanced')
    expectSame((await store.get(two))?.seq, 1, 'its seq')
  }),

  storeCheck('the snapshot is the one that covers most, and drops no entry', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run', { entries: entries(1, 9) })
    expectSame(await store.snapshot(runId), undefined, 'the snapshot before any')
    for (const [saver, seq, kept] of [
      [store, 4, 4],
      [other, 2, 4],
      [other, 8, 8],
      [store, 7, 8],
    ] as const) {
      await saver.saveSnapshot(runId, { seq, data: `{"seq":${seq}}` })
      const what = `the snapshot after one of ${seq}`
      for (const reader of [store, other])
        expectSame(await reader.snapshot(runId), { seq: kept, data: `{"seq":${kept}}` }, what)
    }
    expectSame(await store.read(runId), entries(1, 9), 'the journal')
  }),

  storeCheck('a snapshot that covers as much as the one that is there does not replace it', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    await store.saveSnapshot(runId, { seq: 1, data: '"first"' })
    await store.saveSnapshot(runId, { seq: 1, data: '"second"' })
    expectSame(await store.snapshot(runId), { seq: 1, data: '"first"' }, 'the snapshot')
  }),

  storeCheck('of snapshots that are saved at once, the one that covers most stays', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run', { entries: entries(1, 20) })
    await Promise.all(
      [3, 17, 5, 20, 1, 19, 8].map((seq, index) =>
        (index % 2 === 0 ? store : other).saveSnapshot(runId, { seq, data: `${seq}` }),
      ),
    )
    expectSame(await store.snapshot(runId), { seq: 20, data: '20' }, 'the snapshot')
  }),
]
