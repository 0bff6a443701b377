import { expectOneWinner, expectSame, expectThat } from './expectation.js'
import { change, created, entry, request, sampleRun, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of store objects that do the same thing at once. */
export const raceChecks: readonly StoreCheck[] = [
  storeCheck('of appends at the same place at once, exactly one is made, with all that belongs to it', async trial => {
    const stores = [await trial.open(), await trial.open()]
    const writers = [...stores, ...stores]
    const runId = await created(writers[0] as (typeof stores)[number], trial, 'run')
    for (let seq = 1; seq <= 50; seq++) {
      const attempts = writers.map((store, index) => {
        const mine = { states: [`writer ${index}`], opened: [request(`${seq} by ${index}`)] }
        return store.append(runId, seq, [entry(seq + 1, `"by ${index}"`)], change({ ...mine, closed: [] }))
      })
      const winner = await expectOneWinner(attempts, 'RUN_CONFLICT', `to append entry ${seq + 1}`)
      for (const store of stores) {
        expectSame(await store.read(runId, seq + 1), [entry(seq + 1, `"by ${winner}"`)], `entry ${seq + 1}`)
        expectSame((await store.get(runId))?.states, [`writer ${winner}`], 'the states after a race')
      }
      const { requests } = await (stores[0] as (typeof stores)[number]).requests({ runId })
      expectThat(
        requests.length === seq,
        `after ${seq} races there are ${requests.length} requests, not one of each winner`,
      )
      expectThat(
        requests.some(({ requestId }) => requestId === `${seq} by ${winner}`),
        'the request that came with the append that was made is missing',
      )
    }
  }),

  storeCheck('of runs of one id that are created at once, exactly one is', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    for (let round = 1; round <= 20; round++) {
      const attempts = [one, two, one, two].map((store, index) =>
        store.create(sampleRun(trial, `run ${round}`, { entries: [entry(1, `${index}`)], tags: { by: `${index}` } })),
      )
      const winner = await expectOneWinner(attempts, 'RUN_EXISTS', 'to create a run')
      const runId = trial.own(`run ${round}`)
      expectSame(await two.read(runId), [entry(1, `${winner}`)], 'its journal')
      expectSame((await one.get(runId))?.tags, { by: `${winner}` }, 'its labels')
    }
  }),

  storeCheck('of many answers at once, exactly one is accepted', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    for (let round = 1; round <= 20; round++) {
      const runId = await created(one, trial, `run ${round}`, { change: change({ opened: [request('asked')] }) })
      const said = await Promise.all(
        [one, two, one, two, two, one].map((store, index) =>
          store.answer(runId, { requestId: 'asked', data: `${index}`, at: start + index }),
        ),
      )
      expectSame(
        [...said].sort(),
        ['accepted', 'taken', 'taken', 'taken', 'taken', 'taken'],
        'what six answers at once get',
      )
      const winner = said.indexOf('accepted')
      const kept = [{ requestId: 'asked', data: `${winner}`, at: start + winner }]
      for (const store of [one, two]) expectSame(await store.answers(runId), kept, 'the answer that is kept')
    }
  }),

  storeCheck('an answer that comes while its request is closed leaves nothing behind', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    for (let round = 1; round <= 20; round++) {
      const runId = await created(one, trial, `run ${round}`, { change: change({ opened: [request('asked')] }) })
      const [said] = await Promise.all([
        two.answer(runId, { requestId: 'asked', data: '1', at: start }),
        one.append(runId, 1, [entry(2)], change({ closed: ['asked'] })),
      ])
      expectThat(said === 'accepted' || said === 'unknown', `an answer at the time of closing got "${said}"`)
      expectSame(await two.answers(runId), [], 'the answers afterwards')
    }
  }),

  storeCheck('of claims at once, exactly one succeeds', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    for (let round = 1; round <= 20; round++) {
      const runId = await created(one, trial, `run ${round}`)
      await one.release(runId)
      const got = await Promise.all([one, two, one, two].map(store => store.claim(runId)))
      expectSame(got.filter(Boolean).length, 1, 'how many of four claims at once succeed')
    }
  }),

  storeCheck('of changes to one revision of a document at once, exactly one is made', async trial => {
    const [one, two] = [await trial.open(), await trial.open()]
    const collection = trial.own('collection')
    for (let revision = 0; revision < 20; revision++) {
      const attempts = [one, two, one, two].map((store, index) =>
        store.write([{ collection, id: 'shared', data: `${index}`, revision }]),
      )
      const winner = await expectOneWinner(attempts, 'DOCUMENT_CONFLICT', `to change revision ${revision}`)
      const document = { id: 'shared', data: `${winner}`, revision: revision + 1 }
      for (const store of [one, two]) expectSame(await store.document(collection, 'shared'), document, 'the document')
    }
  }),

  storeCheck(
    'writes of the same documents in different order, at once, are all made, one after another',
    async trial => {
      const [one, two] = [await trial.open(), await trial.open()]
      const collection = trial.own('collection')
      for (let round = 1; round <= 20; round++) {
        const ids = ['a', 'b', 'c']
        await Promise.all([
          one.write(ids.map(id => ({ collection, id, data: '"one"' }))),
          two.write(ids.toReversed().map(id => ({ collection, id, data: '"two"' }))),
        ])
        const documents = await one.documents(collection)
        expectSame(new Set(documents.map(({ data }) => data)).size, 1, 'by how many writers the documents are')
        expectSame(
          documents.map(({ revision }) => revision),
          [2 * round, 2 * round, 2 * round],
          'the revisions',
        )
      }
    },
  ),
]
