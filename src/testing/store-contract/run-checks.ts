import { expectRefusal, expectSame } from './expectation.js'
import { change, created, entries, entry, request, sampleRun, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of runs as a whole. */
export const runChecks: readonly StoreCheck[] = [
  storeCheck('a run that was created is known as it was given, to every store object', async trial => {
    const [writer, reader] = [await trial.open(), await trial.open()]
    const run = sampleRun(trial, 'run', {
      format: 3,
      definition: { fingerprint: trial.own('other'), version: 7, data: '{}' },
      tags: { team: 'press', empty: '' },
      parent: { runId: trial.own('parent'), seq: 4 },
      change: change({ status: 'paused', states: ['Writing', 'Checking'] }),
    })
    await writer.create(run)
    for (const store of [writer, reader]) {
      const { states, ...known } = (await store.get(run.runId)) ?? { states: [] }
      const { runId, orchestration, tags, parent } = run
      const times = { createdAt: start + 1, updatedAt: start + 1 }
      const expected = { runId, orchestration, format: 3, version: 7, fingerprint: trial.own('other'), tags, parent }
      expectSame(known, { ...expected, ...times, status: 'paused', seq: 1 }, 'the record of a new run')
      expectSame([...states].sort(), ['Checking', 'Writing'], 'the states of a new run')
    }
  }),

  storeCheck('a run without labels and parent has no labels and no parent', async trial => {
    const store = await trial.open()
    const known = await store.get(await created(store, trial, 'run'))
    expectSame([known?.tags, known?.parent], [{}, undefined], 'labels and parent')
  }),

  storeCheck('a run may come with several entries; its seq is that of the last', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run', { entries: entries(1, 5) })
    expectSame((await store.get(runId))?.seq, 5, 'the seq of a run of five entries')
    expectSame(await store.read(runId), entries(1, 5), 'its journal')
  }),

  storeCheck('a run that is there already is not created again, and is left as it is', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const runId = await created(store, trial, 'run')
    const before = await store.get(runId)
    const again = sampleRun(trial, 'run', {
      ...{ tags: { team: 'other' }, entries: entries(1, 3) },
      change: change({ status: 'paused', opened: [request('late')] }),
    })
    await expectRefusal(() => store.create(again), 'RUN_EXISTS', 'a second run of the same id')
    await expectRefusal(() => other.create(again), 'RUN_EXISTS', 'a second run through another store object')
    expectSame(await store.get(runId), before, 'the record of the first')
    expectSame(await store.read(runId), [entry(1)], 'the journal of the first')
    expectSame((await store.requests({ runId })).requests, [], 'the requests of the first')
  }),

  storeCheck('a run that nobody created is unknown', async trial => {
    const store = await trial.open()
    const runId = trial.own('nobody')
    const found = [await store.get(runId), await store.snapshot(runId), await store.read(runId)]
    expectSame(found, [undefined, undefined, []], 'record, snapshot and journal of an unknown run')
    expectSame(await store.answers(runId), [], 'the answers of an unknown run')
    expectSame((await store.requests({ runId })).requests, [], 'the requests of an unknown run')
    expectSame(await store.definition(trial.own('nobody')), undefined, 'an unknown definition')
    expectSame(await store.delete(runId), false, 'what deleting an unknown run says')
    await expectRefusal(
      () => store.append(runId, 0, [entry(1)], change()),
      'RUN_UNKNOWN',
      'an append to an unknown run',
    )
    await expectRefusal(() => store.saveSnapshot(runId, { seq: 1, data: '1' }), 'RUN_UNKNOWN', 'its snapshot')
    await expectRefusal(() => store.claim(runId), 'RUN_UNKNOWN', 'the claim of an unknown run')
    expectSame(await store.get(runId), undefined, 'an unknown run after all that')
  }),

  storeCheck('runs of one fingerprint share a definition, which outlives the first of them', async trial => {
    const store = await trial.open()
    const first = await created(store, trial, 'first')
    await created(store, trial, 'second')
    const fingerprint = trial.own('fingerprint')
    expectSame(await store.definition(fingerprint), '{"states":["Writing"]}', 'the definition')
    await store.delete(first)
    expectSame(await store.definition(fingerprint), '{"states":["Writing"]}', 'the definition when one run is gone')
  }),

  storeCheck('an append may put a run under another definition', async trial => {
    const store = await trial.open()
    const runId = await created(store, trial, 'run')
    const definition = { fingerprint: trial.own('newer'), version: 2, data: '{"newer":true}' }
    await store.append(runId, 1, [entry(2)], change({ definition }))
    const known = await store.get(runId)
    expectSame([known?.fingerprint, known?.version], [definition.fingerprint, 2], 'the definition it goes by')
    expectSame(await store.definition(definition.fingerprint), '{"newer":true}', 'the new definition')
    expectSame(await store.definition(trial.own('fingerprint')), '{"states":["Writing"]}', 'the one before')
  }),

  storeCheck('deleting a run deletes everything that belongs to it, and no other run', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const wanted = { tags: { team: 'press' }, change: change({ opened: [request('open'), request('answered')] }) }
    const [gone, kept] = [await created(store, trial, 'gone', wanted), await created(store, trial, 'kept', wanted)]
    for (const runId of [gone, kept]) {
      await store.append(runId, 1, [entry(2)], change())
      await store.saveSnapshot(runId, { seq: 2, data: '{"at":2}' })
      await store.answer(runId, { requestId: 'answered', data: 'true', at: start })
    }
    expectSame(await other.delete(gone), true, 'what deleting says')
    expectSame(await store.delete(gone), false, 'what deleting twice says')
    for (const [runId, left] of [
      [gone, [0, 0, 0, 0, 0, 0]],
      [kept, [1, 2, 1, 1, 1, 1]],
    ] as const) {
      const counts = [
        (await store.get(runId)) === undefined ? 0 : 1,
        (await store.read(runId)).length,
        (await store.snapshot(runId)) === undefined ? 0 : 1,
        (await store.answers(runId)).length,
        (await store.requests({ runId })).requests.length,
        (await store.list({ orchestration: trial.own('Publishing') })).runs.filter(run => run.runId === runId).length,
      ]
      expectSame(counts, left, 'what is left (record, entries, snapshot, answers, requests, in the list)')
    }
    expectSame(await store.answer(gone, { requestId: 'open', data: '1', at: start }), 'unknown', 'an answer to it')
    await expectRefusal(() => store.append(gone, 2, [entry(3)], change()), 'RUN_UNKNOWN', 'an append to it')
  }),

  storeCheck('the id of a deleted run may be used again, for a run that has nothing of the first', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const opened = [request('asked')]
    const runId = await created(store, trial, 'run', { entries: entries(1, 3), change: change({ opened }) })
    await store.saveSnapshot(runId, { seq: 3, data: '3' })
    await store.answer(runId, { requestId: 'asked', data: '1', at: start })
    await store.delete(runId)
    await created(other, trial, 'run', { change: change({ opened }) })
    expectSame(await store.read(runId), [entry(1)], 'its journal')
    expectSame(await store.snapshot(runId), undefined, 'its snapshot')
    expectSame(await store.answers(runId), [], 'its answers')
    await store.release(runId)
    expectSame(await store.claim(runId), false, 'a claim by the store object that had the first run of that id')
  }),
]
