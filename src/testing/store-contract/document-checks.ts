import type { DocumentChange } from '../../durability/index.js'
import { expectRefusal, expectSame } from './expectation.js'
import { type StoreCheck, storeCheck } from './store-check.js'

/** What is claimed of documents. */
export const documentChecks: readonly StoreCheck[] = [
  storeCheck('a document is there as it was written, to every store object, until it is deleted', async trial => {
    const [store, other] = [await trial.open(), await trial.open()]
    const collection = trial.own('collection')
    expectSame(await store.document(collection, 'a'), undefined, 'a document that nobody wrote')
    for (const [revision, data] of ['"new"', '"changed"', '"changed again"'].entries()) {
      await store.write([{ collection, id: 'a', data }])
      for (const reader of [store, other]) {
        expectSame(await reader.document(collection, 'a'), { id: 'a', data, revision: revision + 1 }, 'the document')
      }
    }
    await other.write([{ collection, id: 'a', data: undefined }])
    expectSame(await store.document(collection, 'a'), undefined, 'a document that was deleted')
    await store.write([{ collection, id: 'a', data: undefined }])
    await store.write([{ collection, id: 'a', data: '"back"' }])
    expectSame(await other.document(collection, 'a'), { id: 'a', data: '"back"', revision: 1 }, 'one that is new again')
  }),

  storeCheck('a change that names a revision is made at that revision only', async trial => {
    const store = await trial.open()
    const collection = trial.own('collection')
    const write = (id: string, data: string | undefined, revision: number) => () =>
      store.write([{ collection, id, data, revision }])
    await expectRefusal(write('a', '1', 1), 'DOCUMENT_CONFLICT', 'a change of what is not there')
    await expectRefusal(write('a', undefined, 1), 'DOCUMENT_CONFLICT', 'a deletion of what is not there')
    await write('a', '1', 0)()
    await expectRefusal(write('a', '2', 0), 'DOCUMENT_CONFLICT', 'a new document where there is one')
    await write('a', '2', 1)()
    for (const revision of [0, 1, 3]) {
      await expectRefusal(write('a', '3', revision), 'DOCUMENT_CONFLICT', `a change of revision ${revision} at 2`)
      await expectRefusal(
        write('a', undefined, revision),
        'DOCUMENT_CONFLICT',
        `a deletion of revision ${revision} at 2`,
      )
    }
    expectSame(await store.document(collection, 'a'), { id: 'a', data: '2', revision: 2 }, 'the document')
    await write('a', undefined, 2)()
    expectSame(await store.document(collection, 'a'), undefined, 'the document that was deleted at its revision')
  }),

  storeCheck('changes that are written together are all made, or none if one is refused', async trial => {
    const store = await trial.open()
    const [collection, other] = [trial.own('collection'), trial.own('other')]
    await store.write([
      { collection, id: 'kept', data: '1' },
      { collection, id: 'doomed', data: '1', revision: 0 },
      { collection: other, id: 'kept', data: '1' },
    ])
    const fine: DocumentChange[] = [
      { collection, id: 'kept', data: '2', revision: 1 },
      { collection, id: 'doomed', data: undefined },
      { collection, id: 'new', data: '2', revision: 0 },
    ]
    const late: DocumentChange = { collection: other, id: 'kept', data: '2', revision: 5 }
    for (const changes of [[...fine, late], [late, ...fine], [fine[0], late, fine[1], fine[2]] as DocumentChange[]]) {
      await expectRefusal(() => store.write(changes), 'DOCUMENT_CONFLICT', 'a set of changes of which one is late')
      const left = [
        { id: 'doomed', data: '1', revision: 1 },
        { id: 'kept', data: '1', revision: 1 },
      ]
      expectSame(await store.documents(collection), left, 'the documents after a refused write')
    }
    await store.write(fine)
    const made = [
      { id: 'kept', data: '2', revision: 2 },
      { id: 'new', data: '2', revision: 1 },
    ]
    expectSame(await store.documents(collection), made, 'the documents after a write')
    expectSame(
      await store.document(other, 'kept'),
      { id: 'kept', data: '1', revision: 1 },
      'the one of the other collection',
    )
  }),

  storeCheck('a write of nothing is fine', async trial => {
    await (await trial.open()).write([])
  }),

  storeCheck(
    'documents come in the order of their ids by code points, after one and as many as is asked for',
    async trial => {
      const store = await trial.open()
      const collection = trial.own('collection')
      // Collations sort letters of either case together; UTF-16 sorts the last two the other way round.
      const ids = ['!', '10', '9', 'B', 'Z', 'a', 'aa', 'a\u{1F600}', 'b', 'é', 'ß', 'я', '\u{FF5E}', '\u{1F600}']
      const sorted = ids.toSorted((a, b) => (codePoints(a) < codePoints(b) ? -1 : 1))
      for (const id of ids.toReversed()) await store.write([{ collection, id, data: '1' }])
      const read = async (after?: string, limit?: number) =>
        (await store.documents(collection, after, limit)).map(({ id }) => id)
      expectSame(await read(), sorted, 'all documents')
      expectSame(await read(undefined, 3), sorted.slice(0, 3), 'the first three')
      expectSame(await read(undefined, 0), [], 'the first none')
      for (const [index, id] of sorted.entries()) {
        expectSame(await read(id), sorted.slice(index + 1), `the documents after "${id}"`)
        expectSame(await read(id, 2), sorted.slice(index + 1, index + 3), `two documents after "${id}"`)
      }
      expectSame(await read('C'), sorted.slice(sorted.indexOf('Z')), 'the documents after an id that is not there')
    },
  ),

  storeCheck('collections whose names or ids begin alike do not mix', async trial => {
    const store = await trial.open()
    const base = trial.own('chat')
    const places = [
      [base, 'a'],
      [`${base}a`, ''],
      [`${base}/a`, 'b'],
      [base, 'a/b'],
      [`${base}%`, 'a'],
      [`${base}_`, 'a'],
      [base.toUpperCase(), 'a'],
      [`${base} `, 'a'],
    ].map(([collection, id]) => ({ collection: collection as string, id: `${id}.` }))
    for (const [index, place] of places.entries()) await store.write([{ ...place, data: `${index}`, revision: 0 }])
    for (const [index, { collection, id }] of places.entries()) {
      expectSame(
        await store.document(collection, id),
        { id, data: `${index}`, revision: 1 },
        `"${id}" of "${collection}"`,
      )
    }
    expectSame(
      (await store.documents(base)).map(({ id }) => id),
      ['a.', 'a/b.'],
      'the documents of one collection',
    )
  }),

  storeCheck('documents and runs of the same id have nothing to do with each other', async trial => {
    const store = await trial.open()
    const id = trial.own('id')
    await store.write([{ collection: id, id, data: '1' }])
    expectSame([await store.get(id), await store.delete(id)], [undefined, false], 'a run of the id of a document')
    expectSame((await store.document(id, id))?.data, '1', 'the document')
  }),
]

function codePoints(text: string): string {
  return Array.from(text, character => (character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')).join('')
}
