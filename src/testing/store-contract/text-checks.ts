import { expectSame } from './expectation.js'
import { listed } from './listed-runs.js'
import { change, created, entry, request, start } from './sample-run.js'
import { type StoreCheck, storeCheck } from './store-check.js'

const strange = '👩‍👩‍👧 é e\u0301 \u202e \uFEFF \u2028 \r\n\t \\ \\u0000 " \' %s %% $1 ? :a @b; -- \u{10FFFF}'

/** Texts that a store may be tempted to read, to change or to cut. `JSON.stringify` writes NUL and half characters as escapes. */
const jsonTexts: readonly string[] = [
  JSON.stringify({ strange, nul: '\u0000', half: '\ud800', 'a.b': [null, ''] }),
  `"${strange.replace(/[\\"\r\n\t]/g, '')}"`,
  ' {"b":1 , "a":1.0,"a":-0,\n"big":12345678901234567890,"huge":1e400, "__proto__":{"x":1}} ',
  '""',
  'null',
  '0',
]

/** Names that are hard to quote, to escape, to compare or to keep apart. */
const names: readonly string[] = [
  ...[
    "o'clock",
    '"quoted"',
    '`ticks`',
    'per%cent',
    'perXcent',
    'under_score',
    'underXscore',
    'back\\slash',
    "''",
    '$1',
  ],
  ..."'; DROP TABLE runs; --|' OR '1'='1|:name|@name|?|../../up|a/b|a.b|$.a[0]|*|[a-z]|{}|null|undefined|true|1|1.0".split(
    '|',
  ),
  ...['__proto__', 'constructor', 'hasOwnProperty', 'upper', 'UPPER', 'space ', 'space', 'line\nbreak', 'tab\t', '\r'],
  ...[
    'é',
    'e\u0301',
    'ß',
    'ss',
    'İ',
    'i',
    '👩‍🚀',
    '👩',
    '\u{FF5E}',
    '\u{10FFFF}',
    '\uFEFF',
    '\u202e',
    '日本語',
    'x'.repeat(200),
  ],
]

/** What is claimed of the text that a store is given. */
export const textChecks: readonly StoreCheck[] = [
  storeCheck('text comes back as it was handed in, whatever is in it', async trial => {
    const [store, reader] = [await trial.open(), await trial.open()]
    for (const [index, data] of jsonTexts.entries()) {
      const fingerprint = trial.own(`fingerprint ${index}`)
      const opened = [request('a', { message: strange, input: data, stateName: strange }), request('b')]
      const runId = await created(store, trial, `run ${index}`, {
        ...{ definition: { fingerprint, version: 1, data }, tags: { [strange]: strange }, entries: [entry(1, data)] },
        change: change({ opened, states: [strange] }),
      })
      await store.append(runId, 1, [entry(2, data), entry(3, data)], change({ states: [strange] }))
      await store.saveSnapshot(runId, { seq: 3, data })
      await store.answer(runId, { requestId: 'b', data, at: start })
      const collection = trial.own('collection')
      await store.write([{ collection, id: `${index}`, data }])
      expectSame(await reader.read(runId), [entry(1, data), entry(2, data), entry(3, data)], 'entries')
      expectSame((await reader.snapshot(runId))?.data, data, 'a snapshot')
      expectSame(await reader.definition(fingerprint), data, 'a definition')
      expectSame((await reader.answers(runId))[0]?.data, data, 'an answer')
      expectSame((await reader.document(collection, `${index}`))?.data, data, 'a document')
      const [asked] = (await reader.requests({ runId })).requests
      expectSame([asked?.input, asked?.message, asked?.stateName], [data, strange, strange], 'input, message, state')
      const known = await reader.get(runId)
      expectSame([known?.tags, known?.states], [{ [strange]: strange }, [strange]], 'labels and states')
    }
  }),

  storeCheck('texts of a megabyte come back whole', async trial => {
    const [store, reader] = [await trial.open(), await trial.open()]
    for (const [index, letter] of ['x', '😀', '"'].entries()) {
      const data = JSON.stringify(letter.repeat(2 ** 20 / letter.length))
      const runId = await created(store, trial, `run ${index}`, { entries: [entry(1, data)] })
      await store.append(runId, 1, [entry(2, data), entry(3)], change())
      await store.saveSnapshot(runId, { seq: 2, data })
      await store.write([{ collection: trial.own('collection'), id: `${index}`, data }])
      expectSame(await reader.read(runId), [entry(1, data), entry(2, data), entry(3)], 'entries')
      expectSame(await reader.snapshot(runId), { seq: 2, data }, 'a snapshot')
      expectSame((await reader.document(trial.own('collection'), `${index}`))?.data, data, 'a document')
    }
  }),

  storeCheck('whatever a run is called, it is found by that, and nothing else is', async trial => {
    const store = await trial.open()
    for (const name of names) {
      await created(store, trial, name, {
        ...{ orchestration: trial.own(name), tags: { [name]: name, all: trial.own('') } },
        change: change({ states: [name] }),
      })
    }
    const all = { tags: { all: trial.own('') } }
    for (const name of names) {
      const runId = trial.own(name)
      const what = JSON.stringify(name)
      expectSame((await store.get(runId))?.runId, runId, `the run called ${what}`)
      for (const query of [
        { orchestration: runId },
        { ...all, state: name },
        { tags: { ...all.tags, [name]: name } },
      ]) {
        const found = (await store.list(query)).runs.map(run => run.runId)
        expectSame(found, [runId], `the runs found by orchestration, state or label ${what}`)
      }
      await store.append(runId, 1, [entry(2, JSON.stringify(name))], change())
    }
    for (const name of names)
      expectSame((await store.read(trial.own(name)))[1]?.data, JSON.stringify(name), 'a journal')
    const listedOneByOne = await listed(store, trial, { ...all, limit: 1 })
    expectSame(listedOneByOne.toSorted(), names.toSorted(), 'the runs, in pages of one')
    for (const name of names) expectSame(await store.delete(trial.own(name)), true, `deleting ${JSON.stringify(name)}`)
  }),

  storeCheck('whatever a request or a document is called, it is found by that, and nothing else is', async trial => {
    const store = await trial.open()
    const collection = trial.own('collection')
    const opened = names.map(name => request(name, { stateName: name }))
    const runId = await created(store, trial, 'run', { change: change({ opened }) })
    await store.write(names.map(id => ({ collection, id, data: JSON.stringify(id), revision: 0 })))
    for (const name of names) {
      const what = JSON.stringify(name)
      const found = (await store.requests({ runId, stateName: name })).requests.map(({ requestId }) => requestId)
      expectSame(found, [name], `the requests of the state ${what}`)
      expectSame(await store.document(collection, name), { id: name, data: what, revision: 1 }, `the document ${what}`)
      expectSame(
        await store.answer(runId, { requestId: name, data: what, at: start }),
        'accepted',
        `an answer to ${what}`,
      )
      await store.write([{ collection, id: name, data: undefined, revision: 1 }])
    }
    expectSame((await store.answers(runId)).length, names.length, 'how many answers there are')
    await store.append(runId, 1, [entry(2)], change({ closed: names }))
    expectSame([await store.answers(runId), await store.documents(collection)], [[], []], 'what is left')
  }),
]
