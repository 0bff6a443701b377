import { describe, expect, it } from 'vitest'
import { Journal, type JournalEntry, MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { rejection } from '../core/machines.js'
import { approval, Draft, everythingOf, type Invoked, keep, type Sample } from './recorded-runs.js'

/** What is stored of a run besides what is asked of it. */
interface Damage {
  /** Instead of the entry of this number; `undefined`: it is not there. */
  readonly entries?: Readonly<Record<number, string | undefined>>
  readonly snapshot?: string
  readonly definition?: string
  readonly format?: number
}

/** A store with a run that was damaged, and one that was not. */
async function damaged({ entries = {}, snapshot, definition, format = 1 }: Damage) {
  const { store: from, clock } = keep(approval(), Draft.of('T'), { snapshotEvery: 3 })
  await clock.advance(0)
  const record = (await from.get('run')) as NonNullable<Awaited<ReturnType<typeof from.get>>>
  const data = (await from.definition(record.fingerprint)) as string
  const recorded = await from.read('run')
  const store = new MemoryJournalStore()
  const add = async (runId: string, written: readonly JournalEntry[], changed: string, of: number): Promise<void> => {
    await store.create({
      runId,
      orchestration: record.orchestration,
      format: of,
      definition: { fingerprint: record.fingerprint, version: 1, data: changed },
      tags: {},
      createdAt: record.createdAt,
      entries: written,
      change: {
        status: 'running',
        states: record.states,
        opened: (await from.requests()).requests.map(({ runId: _run, orchestration: _of, ...request }) => request),
        closed: [],
      },
    })
    await store.release(runId)
  }
  const present = recorded.flatMap(entry => {
    if (!(entry.seq in entries)) return [entry]
    const written = entries[entry.seq]
    return written === undefined ? [] : [{ ...entry, data: written }]
  })
  await add('sound', recorded, data, 1)
  await add('run', present, definition ?? data, format)
  if (snapshot !== undefined) await store.saveSnapshot('run', { seq: 2, data: snapshot })
  return store
}

/** Everything that reads a journal. */
const readers: Readonly<Record<string, (make: () => Sample, store: MemoryJournalStore) => Promise<unknown>>> = {
  resume: (make, store) => make().resume('run', { store }),
  observe: (make, store) =>
    new Promise((resolve, reject) => {
      make()
        .observe('run', { store })
        .subscribe({ error: reject, complete: () => resolve(undefined) })
    }),
  history: (make, store) => new Journal(make(), { store }).history('run'),
  stateAt: (make, store) => new Journal(make(), { store }).stateAt('run'),
  fork: (make, store) => new Journal(make(), { store }).fork('run'),
  replay: (make, store) =>
    new Promise((resolve, reject) => {
      new Journal(make(), { store }).replay('run').subscribe({ error: reject, complete: () => resolve(undefined) })
    }),
  diff: (make, store) => new Journal(make(), { store }).diff('sound', 'run'),
  recheck: (make, store) => new Journal(make(), { store }).recheck('run'),
  approve: (make, store) => new Journal(make(), { store }).approve('run', 'Check'),
}

const second = '{"facts":[{"type":"completed","branch":"0","step":0,"output":'
const wrongs: readonly (readonly [string, Damage])[] = [
  ['an entry that is cut off', { entries: { 2: second } }],
  ['an entry that is empty', { entries: { 2: '' } }],
  ['an entry that is null', { entries: { 3: 'null' } }],
  ['an entry that is a number', { entries: { 3: '5' } }],
  ['facts that are no list', { entries: { 2: '{"facts":5}' } }],
  ['facts that are null', { entries: { 2: '{"facts":[null]}' } }],
  ['facts without a type', { entries: { 2: '{"facts":[{}]}' } }],
  ['a fact of an unknown type', { entries: { 2: '{"facts":[{"type":"granted","branch":"0","step":0}]}' } }],
  ['a fact of a type that every object has', { entries: { 2: '{"facts":[{"type":"__proto__"}]}' } }],
  ['a first entry that is missing', { entries: { 1: undefined } }],
  ['an entry in the middle that is missing', { entries: { 2: undefined } }],
  ['no entry at all', { entries: { 1: undefined, 2: undefined, 3: undefined } }],
  ['a run that nothing is known of', { entries: { 3: '{"run":["0:7"],"facts":[{"type":"resume"}]}' } }],
  ['a path that is none', { entries: { 3: '{"run":"x","facts":[{"type":"resume"}]}' } }],
  ['a run inside a state that has none', { entries: { 3: '{"run":["0:1"],"start":{"rules":{}},"facts":[]}' } }],
  ['a start without rules', { entries: { 1: '{"definition":"?","start":{},"facts":[]}' } }],
  ['a definition that is not there', { entries: { 1: '{"definition":"gone","start":{"rules":{}},"facts":[]}' } }],
  [
    'a move to a state that is not there',
    { entries: { 2: `${second}1},{"type":"advanced","branch":"0","step":0,"moves":[{"to":"Gone","same":true}]}]}` } },
  ],
  ['moves that are no list', { entries: { 2: `${second}1},{"type":"advanced","branch":"0","step":0,"moves":{}}]}` } }],
]

/** What needs the classes of the definition at hand to be noticed. */
const forged: readonly (readonly [string, string])[] = [
  ['a tag of no class', '{"$":"Gone","v":{}}'],
  ['a tag that is a member of every object', '{"$":"__proto__","v":{}}'],
  ['a tag that is a class of the language', '{"$":"Function","v":"process.exit()"}'],
  ['a prototype in an instance', '{"$":"Draft","v":{"__proto__":{"polluted":true}}}'],
  ['a constructor in an instance', '{"$":"Draft","v":{"constructor":{"prototype":{"polluted":true}}}}'],
  ['an instance without content', '{"$":"Draft"}'],
  ['a date that is none', '{"$":"@date","v":{}}'],
  ['an error of a class that is none', '{"$":"@error","v":{"name":"x","message":"y","class":"Draft"}}'],
]

async function refused(damage: Damage, reader: string, code: string): Promise<void> {
  const store = await damaged(damage)
  const before = { run: await everythingOf(store), sound: await everythingOf(store, 'sound') }
  const invoked: Invoked = []
  const read = readers[reader] as (typeof readers)[string]
  const thrown = await rejection(read(() => approval(invoked), store))
  // A definition belongs to both.
  const named = damage.definition === undefined ? /"run"/ : /"run"|"sound"/
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(named) })
  expect(invoked).toEqual([])
  expect({ run: await everythingOf(store), sound: await everythingOf(store, 'sound') }).toEqual(before)
  expect((await store.list()).runs).toHaveLength(2)
  expect(await store.claim('run')).toBe(true)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}

describe.each(Object.keys(readers))('a journal that was damaged is refused, and nothing is done: %s', reader => {
  it.each(wrongs)('%s', (_name, damage) => refused(damage, reader, 'JOURNAL_DAMAGED'))

  it('a definition that cannot be read, if it is needed', async () => {
    const first = '{"definition":"other","start":{"rules":{}},"facts":[]}'
    await refused({ entries: { 1: first }, definition: '{' }, reader, 'JOURNAL_DAMAGED')
  })

  it.each([2, 1000, Infinity])('a format of the future: %d', format =>
    refused({ format }, reader, 'STORE_FORMAT_UNKNOWN'),
  )
})

describe.each(['resume', 'observe', 'history', 'stateAt', 'fork', 'replay', 'approve'])(
  'a value that no codec has written is refused: %s',
  reader => {
    it.each(forged)('%s', (_name, value) =>
      refused({ entries: { 2: `${second}${value}}]}` } }, reader, 'JOURNAL_DAMAGED'),
    )
  },
)

describe.each(['resume', 'stateAt', 'approve'])('a snapshot that was damaged is refused: %s', reader => {
  it.each(['', '{', 'null', 'DEFINITION', 'NODES', 'STATE'])('%s', async what => {
    const { store, clock } = keep(approval(), Draft.of('T'), { snapshotEvery: 1 })
    await clock.advance(0)
    const { fingerprint } = (await store.get('run')) as { readonly fingerprint: string }
    const data = what
      .replace('DEFINITION', JSON.stringify({ definition: fingerprint }))
      .replace('NODES', JSON.stringify({ definition: fingerprint, nodes: [{ path: ['0:0'], state: {} }] }))
      .replace('STATE', JSON.stringify({ definition: fingerprint, nodes: [{ path: [], state: { rules: {} } }] }))
    await refused({ snapshot: data }, reader, 'JOURNAL_DAMAGED')
  })
})

it('keys that mean something in JavaScript are data like any other, in values and in properties', async () => {
  const value = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
  const fact = `${second}${value},"writes":[["__proto__",{"polluted":true}],["constructor",1]]}]}`
  const store = await damaged({ entries: { 2: fact, 3: undefined } })
  const view = await new Journal(approval(), { store }).stateAt('run')
  expect(view.branches[0]?.output).toEqual(JSON.parse(value))
  expect(Object.keys(view.properties)).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect(Object.getPrototypeOf(view.properties)).toBe(Object.prototype)
})

it('one run that is damaged does not keep the others from being taken up', async () => {
  const store = await damaged({ entries: { 2: '{' } })
  const clock = new ManualClock()
  const { runs, refused: left } = await approval().configure({ clock }).recover({ store })
  expect(runs.map(run => run.id)).toEqual(['sound'])
  expect(left).toMatchObject([{ runId: 'run', error: { code: 'JOURNAL_DAMAGED' } }])
  await clock.advance(0)
  await runs[0]?.approve('Check')
  expect(await runs[0]?.result).toBe('T v2')
  expect(await new Journal(approval(), { store }).delete('run')).toBe(true)
})

it('a snapshot of another definition, or of what is still to come, is left alone', async () => {
  for (const snapshot of ['{"definition":"other","nodes":[]}', '{"definition":"other"}', '[]', '5']) {
    const store = await damaged({ snapshot })
    expect(await new Journal(approval(), { store }).stateAt('run')).toMatchObject({
      branches: [{ stateName: 'Check' }],
    })
  }
})

it.each(['{', 'null', '{"seq":"x"}'])('a document that was damaged says so: %s', async data => {
  const store = await damaged({})
  await store.write([{ collection: 'checkpoints/run', id: 'here', data }])
  const journal = new Journal(approval(), { store })
  expect(await rejection(journal.checkpoints('run'))).toMatchObject({ code: 'JOURNAL_DAMAGED' })
  expect(await rejection(journal.stateAt('run', 'here'))).toMatchObject({ code: 'JOURNAL_DAMAGED' })
  expect(await journal.delete('run')).toBe(true)
  expect(await journal.checkpoints('run')).toEqual([])
})
