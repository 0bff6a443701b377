import { expectRefusal, expectSame } from './expectation.js'
import { change, created, entry, request, sampleRun, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of opening and closing. */
export const closingChecks: readonly StoreCheck[] = [
  storeCheck('what was written is there for who opens the store after everybody has closed it', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { change: change({ opened: [request('a'), request('b')] }) })
    await store.append(runId, 1, [entry(2)], change())
    await store.saveSnapshot(runId, { seq: 2, data: '2' })
    await store.answer(runId, { requestId: 'a', data: '1', at: start })
    await store.write([{ collection: trial.own('collection'), id: 'a', data: '1' }])
    const before = await store.get(runId)
    await store.close()
    const later = await trial.open()
    expectSame(await later.get(runId), before, 'the record')
    expectSame(await later.read(runId), [entry(1), entry(2)], 'the journal')
    expectSame(await later.snapshot(runId), { seq: 2, data: '2' }, 'the snapshot')
    expectSame((await later.requests({ runId })).requests.length, 1, 'how many requests are open')
    expectSame((await later.answers(runId)).length, 1, 'how many answers there are')
    expectSame((await later.documents(trial.own('collection'))).length, 1, 'how many documents there are')
  }),

  storeCheck('a store that is closed refuses everything', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    await store.close()
    const uses: Record<string, () => unknown> = {
      create: () => store.create(sampleRun(trial, 'late')),
      get: () => store.get(runId),
      definition: () => store.definition(trial.own('fingerprint')),
      list: () => store.list(),
      append: () => store.append(runId, 1, [entry(2)], change()),
      read: () => store.read(runId),
      saveSnapshot: () => store.saveSnapshot(runId, { seq: 1, data: '1' }),
      snapshot: () => store.snapshot(runId),
      delete: () => store.delete(runId),
      claim: () => store.claim(runId),
      release: () => store.release(runId),
      requests: () => store.requests(),
      answer: () => store.answer(runId, { requestId: 'a', data: '1', at: start }),
      answers: () => store.answers(runId),
      document: () => store.document(trial.own('collection'), 'a'),
      documents: () => store.documents(trial.own('collection')),
      write: () => store.write([{ collection: trial.own('collection'), id: 'a', data: '1' }]),
      watch: () => store.watch(runId, () => {}),
    }
    for (const [method, use] of Object.entries(uses))
      await expectRefusal(use, 'STORE_CLOSED', `${method}() after close()`)
    const other = await trial.open()
    expectSame(await other.read(runId), [entry(1)], 'the journal that somebody tried to change')
    expectSame(await other.get(trial.own('late')), undefined, 'the run that somebody tried to create')
  }),

  storeCheck('closing twice is fine, also at once, also without any use before', async trial => {
    const [used, unused] = [await trial.open(), await trial.open()]
    await created(used, trial, 'run')
    for (const store of [used, unused]) {
      await Promise.all([store.close(), store.close()])
      await store.close()
    }
  }),

  storeCheck('closing one store object leaves the others as they are', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(other, trial, 'run')
    await store.get(runId)
    await store.close()
    await other.append(runId, 1, [entry(2)], change())
    expectSame((await other.read(runId)).length, 2, 'how many entries there are')
    expectSame(await (await trial.open()).claim(runId), false, 'a claim of the run that the other one has')
  }),

  storeCheck('writes that are under way are finished before a store closes', async trial => {
    const store = await trial.open()
    // The store opens with the first of these, so this also closes one that is just opening.
    const writes = Array.from({ length: 10 }, (_, number) => created(store, trial, `run ${number}`))
    await store.close()
    const ids = await Promise.all(writes)
    const other = await trial.open()
    for (const runId of ids) expectSame(await other.read(runId), [entry(1)], 'a journal that was under way')
  }),
]
