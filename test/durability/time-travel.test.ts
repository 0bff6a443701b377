import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Journal, MemoryJournalStore, type RunView, SqliteJournalStore } from '../../src/durability/index.js'
import { Machine, pass, rejection, slow, step } from '../core/machines.js'
import {
  approval,
  Draft,
  ended,
  everythingOf,
  fanOut,
  keep,
  linear,
  loop,
  nested,
  type Sample,
  timed,
  toEnd,
} from './recorded-runs.js'

const samples: readonly (readonly [name: string, make: () => Sample, input: unknown])[] = [
  ['a line of states', linear, 1],
  ['a fan-out and a join', fanOut, 1],
  ['a loop', loop, 0],
  ['an approval', approval, Draft.of('T')],
  ['runs inside', nested, 1],
  ['waits with time limits', timed, 1],
]

describe('the history of a run', () => {
  it.each(samples)('has every event in order, as it was told live: %s (S4-29)', async (name, make, input) => {
    const { journal, events, store } = await ended(make(), input, {}, name.startsWith('waits') ? 'silent' : 'approve')
    const history = await journal.history('run')
    const told = history.flatMap(entry => entry.events)
    expect(told).toEqual(events.events)
    expect(told.map(event => event.seq)).toEqual([...told.keys()])
    const entries = await store.read('run')
    expect(history.map(({ seq, at }) => ({ seq, at }))).toEqual(entries.map(({ seq, at }) => ({ seq, at })))
  })

  it('is the same whether or not there are snapshots, and of a run that is under way too', async () => {
    const { journal, run, clock, events } = keep(approval(), Draft.of('T'), { snapshotEvery: 1 })
    await clock.advance(0)
    expect((await journal.history('run')).flatMap(entry => entry.events)).toEqual(events.events)
    await toEnd(run, clock)
    expect((await journal.history('run')).flatMap(entry => entry.events)).toEqual(events.events)
  })

  it('is that of one run: of an unknown one, or one of another orchestration, there is none', async () => {
    const { journal, store } = await ended(linear(), 1)
    expect(await rejection(journal.history('other'))).toMatchObject({ code: 'RUN_UNKNOWN' })
    const foreign = new Journal(new Machine(pass('A')).configure({ name: 'Foreign' }), { store })
    for (const ask of [
      foreign.history('run'),
      foreign.stateAt('run'),
      foreign.fork('run'),
      foreign.recheck('run'),
      foreign.checkpoint('run', 'c'),
      foreign.delete('run'),
      foreign.approve('run', 'x'),
    ]) {
      expect(await rejection(ask)).toMatchObject({ code: 'DEFINITION_CHANGED' })
    }
    expect((await journal.runs()).runs).toHaveLength(1)
    expect((await foreign.runs()).runs).toHaveLength(0)
  })
})

/** What a view says, without what is an object of its own each time. */
function gist({ seq: _seq, ...view }: RunView): unknown {
  return JSON.parse(JSON.stringify({ ...view, inner: view.inner.map(gist) }))
}

describe('the state of a run at an entry (S1-32, S4-29)', () => {
  it.each(samples)('follows from the entries up to there, whatever comes after: %s', async (name, make, input) => {
    const how = name.startsWith('waits') ? 'silent' : 'approve'
    const { journal, store } = await ended(make(), input, {}, how)
    const entries = await store.read('run')
    const views = await Promise.all(entries.map(({ seq }) => journal.stateAt('run', seq)))
    expect(views.map(view => view.seq)).toEqual(entries.map(({ seq }) => seq))
    expect(views[0]?.status).toBe('running')
    expect(views.at(-1)).toMatchObject({ status: 'completed', branches: [], inner: [] })
    // A journal that ends there says the same.
    for (const [index, view] of views.entries()) {
      const cut = new MemoryJournalStore()
      const record = (await store.get('run')) as NonNullable<Awaited<ReturnType<typeof store.get>>>
      await cut.create({
        runId: 'run',
        orchestration: record.orchestration,
        format: 1,
        definition: {
          fingerprint: record.fingerprint,
          version: 1,
          data: (await store.definition(record.fingerprint)) as string,
        },
        tags: {},
        createdAt: record.createdAt,
        entries: entries.slice(0, index + 1),
        change: { status: 'running', states: [], opened: [], closed: [] },
      })
      expect(gist(await new Journal(make(), { store: cut }).stateAt('run'))).toEqual(gist(view))
    }
  })

  it('is the same with a snapshot after every entry', async () => {
    for (const [, make, input] of samples.slice(0, 5)) {
      const plain = await ended(make(), input)
      const snapped = await ended(make(), input, { snapshotEvery: 1 })
      for (const { seq } of await plain.store.read('run')) {
        expect(gist(await snapped.journal.stateAt('run', seq))).toEqual(gist(await plain.journal.stateAt('run', seq)))
      }
    }
  })

  it('says of each branch where it is and what it has, of states what they returned, and what the properties were', async () => {
    const { journal, store } = await ended(fanOut(), 1)
    const at = (await store.read('run')).findIndex(({ data }) => data.includes('"output":101')) + 1
    expect(await journal.stateAt('run', at)).toMatchObject({
      status: 'running',
      steps: 7,
      branches: [
        { token: '0:0.0:1', stateName: 'L2', phase: 'working', input: 2 },
        { token: '0:0.1:1', stateName: 'M2', phase: 'working', input: 11 },
        { token: '0:0.2:1', stateName: 'R2', phase: 'working', input: 101 },
      ],
      outputs: { Fork: 1, L1: 2, M1: 11, R1: 101 },
      properties: { total: 100 },
      results: [],
    })
    expect(await journal.stateAt('run')).toMatchObject({ output: 226, results: [226], errors: [] })
  })

  it('has instances of the classes that were declared, and says what a branch waits for', async () => {
    const { journal, clock } = keep(approval(), Draft.of('T'))
    await clock.advance(0)
    const { branches } = await journal.stateAt('run')
    expect(branches).toMatchObject([
      { stateName: 'Check', phase: 'waiting', waitsFor: { kind: 'approval', message: 'Approve Check?' } },
    ])
    expect(branches[0]?.input).toBeInstanceOf(Draft)
  })

  it('has the runs inside as long as the run has a use for them', async () => {
    const { journal, clock, run } = keep(nested(), 1)
    await clock.advance(0)
    const { inner } = await journal.stateAt('run')
    expect(inner.map(view => view.runId)).toEqual(['run/0:0.0:0', 'run/0:0.1:0'])
    expect(inner[0]?.branches).toMatchObject([{ stateName: 'Ask', phase: 'waiting' }])
    run.cancel('enough')
    await clock.advance(0)
    expect(await journal.stateAt('run')).toMatchObject({ status: 'cancelled', inner: [], branches: [] })
  })

  it('has the errors of a run that failed', async () => {
    const broken = step('B', () => {
      throw new RangeError('broke')
    })
    const { journal } = await ended(new Machine(pass('A').addAdvancer(broken)) as unknown as Sample, 1)
    const view = await journal.stateAt('run')
    expect(view).toMatchObject({ status: 'failed', errors: [{ name: 'RangeError', message: 'broke' }] })
  })

  it('refuses what is the number of no entry', async () => {
    const { journal } = await ended(linear(), 1)
    for (const at of [0, -1, 1.5, 6, Number.NaN, Infinity]) {
      for (const ask of [journal.stateAt('run', at), journal.checkpoint('run', 'c', at), journal.fork('run', { at })]) {
        expect(await rejection(ask)).toMatchObject({
          code: 'OPTION_INVALID',
          message: expect.stringContaining('1 to 5'),
        })
      }
    }
    expect(await journal.checkpoints('run')).toEqual([])
    expect((await journal.runs()).runs).toHaveLength(1)
  })
})

describe('a checkpoint (S1-31, S1-32)', () => {
  it('names an entry, also while the run is under way, and is listed by name', async () => {
    const { journal, clock, run } = keep(approval(), Draft.of('T'))
    await clock.advance(5)
    const before = await journal.checkpoint('run', 'before')
    expect(before).toEqual({ runId: 'run', name: 'before', seq: 3, createdAt: 1_000_005 })
    await toEnd(run, clock)
    await journal.checkpoint('run', 'a start', 1)
    expect((await journal.checkpoints('run')).map(({ name, seq }) => [name, seq])).toEqual([
      ['a start', 1],
      ['before', 3],
    ])
    expect(await journal.stateAt('run', 'before')).toMatchObject({ seq: 3, branches: [{ stateName: 'Check' }] })
    const fork = await journal.fork('run', { at: 'before' })
    expect((await journal.stateAt(fork)).branches).toMatchObject([{ stateName: 'Check', phase: 'waiting' }])
  })

  it('keeps its name: a second one of that name is refused, one of another run is not', async () => {
    const { journal } = await ended(linear(), 1)
    const fork = await journal.fork('run', { at: 2 })
    await journal.checkpoint('run', 'here', 2)
    expect(await rejection(journal.checkpoint('run', 'here', 3))).toMatchObject({ code: 'CHECKPOINT_EXISTS' })
    await journal.checkpoint(fork, 'here', 1)
    expect((await journal.checkpoints('run')).map(each => each.seq)).toEqual([2])
    expect((await journal.checkpoints(fork)).map(each => each.seq)).toEqual([1])
  })

  it('can be created once by many at the same time', async () => {
    const { journal } = await ended(linear(), 1)
    const tried = await Promise.allSettled([1, 2, 3, 4, 5].map(at => journal.checkpoint('run', 'here', at)))
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await journal.checkpoints('run')).toHaveLength(1)
  })

  it.each([
    '',
    '.',
    '..',
    '../run',
    'a/b',
    'a\\b',
    '/etc/passwd',
    'a\0b',
    'a\nb',
    'x'.repeat(201),
    '\ud800',
    undefined as never,
    5 as never,
    {} as never,
  ])('has no name that could mean something else: %j', async name => {
    const { journal } = await ended(linear(), 1)
    expect(await rejection(journal.checkpoint('run', name))).toMatchObject({ code: 'NAME_INVALID' })
    expect(await journal.checkpoints('run')).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', 'a b', 'Ünïcödé 🙂', '%2e%2e', 'x'.repeat(200)])(
    'has any other name: %j',
    async name => {
      const { journal } = await ended(linear(), 1)
      await journal.checkpoint('run', name, 2)
      expect(await journal.stateAt('run', name)).toMatchObject({ seq: 2 })
    },
  )

  it('that there is not is said to be unknown, with those that there are', async () => {
    const { journal } = await ended(linear(), 1)
    await journal.checkpoint('run', 'here', 2)
    for (const name of ['there', '', '../run', '__proto__']) {
      const unknown = { code: 'CHECKPOINT_UNKNOWN', message: expect.stringContaining('"here"') }
      expect(await rejection(journal.stateAt('run', name))).toMatchObject(unknown)
      expect(await rejection(journal.fork('run', { at: name }))).toMatchObject(unknown)
    }
    expect(await rejection(journal.stateAt('nobody', 'here'))).toMatchObject({ code: 'RUN_UNKNOWN' })
    expect(await rejection(journal.checkpoint('nobody', 'here'))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  it.each(['{', '[]', 'null', '{"seq":"2"}', '{"seq":2}', '{"seq":99,"createdAt":1}', '"x"'])(
    'that was changed by others to %s is not believed',
    async data => {
      const { journal, store } = await ended(linear(), 1)
      await store.write([{ collection: 'checkpoints/run', id: 'here', data }])
      const code = data.includes('99') ? 'OPTION_INVALID' : 'JOURNAL_DAMAGED'
      expect(await rejection(journal.stateAt('run', 'here'))).toMatchObject({ code })
      expect(await rejection(journal.fork('run', { at: 'here' }))).toMatchObject({ code })
    },
  )
})

describe('deleting a run', () => {
  it('takes its checkpoints along, and nothing of any other run', async () => {
    const { journal, store } = await ended(linear(), 1)
    const fork = await journal.fork('run', { at: 3, runId: 'fork' })
    await journal.checkpoint('run', 'here')
    await journal.checkpoint(fork, 'here')
    const before = await everythingOf(store, 'fork')
    expect(await journal.delete('run')).toBe(true)
    expect(await journal.delete('run')).toBe(false)
    expect(await rejection(journal.history('run'))).toMatchObject({ code: 'RUN_UNKNOWN' })
    expect(await journal.checkpoints('run')).toEqual([])
    expect(await store.documents('checkpoints/run')).toEqual([])
    expect(await everythingOf(store, 'fork')).toEqual(before)
  })
})

describe('listing runs', () => {
  it('finds those of this orchestration by status, by what they wait for and by label (S3-32)', async () => {
    const { journal, clock, store, orchestration } = keep(approval(), Draft.of('T'), { tags: { team: 'red' } })
    await clock.advance(0)
    const other = orchestration.start(Draft.of('U') as never, { store, runId: 'other' })
    await toEnd(other, clock)
    const ids = async (query: Parameters<typeof journal.runs>[0]) =>
      (await journal.runs(query)).runs.map(run => run.runId)
    expect(await ids({})).toEqual(expect.arrayContaining(['run', 'other']))
    expect(await ids({ status: ['running'] })).toEqual(['run'])
    expect(await ids({ openRequest: true })).toEqual(['run'])
    expect(await ids({ state: 'Check' })).toEqual(['run'])
    expect(await ids({ tags: { team: 'red' } })).toEqual(['run'])
    expect((await journal.requests()).requests).toMatchObject([{ runId: 'run', kind: 'approval', stateName: 'Check' }])
    await journal.delete('other')
    expect(await ids({})).toEqual(['run'])
  })
})

it('in a file, the same holds: history, states and checkpoints (S1-31, S1-32)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'))
  const store = new SqliteJournalStore(join(folder, 'runs.db'))
  try {
    const orchestration = nested()
    const run = orchestration.start(1 as never, { store, runId: 'run' })
    const live: unknown[] = []
    run.events$.subscribe(event => live.push(event))
    const journal = new Journal(orchestration, { store })
    run.on('approval.requested', ({ requestId }) => void run.approve(requestId))
    await run.result
    expect((await journal.history('run')).flatMap(entry => entry.events)).toEqual(live)
    const checkpoint = await journal.checkpoint('run', 'here', 5)
    expect(await journal.checkpoints('run')).toEqual([checkpoint])
    expect(await journal.stateAt('run', 'here')).toMatchObject({ seq: 5, status: 'running' })
    expect(await journal.recheck('run')).toBeUndefined()
    const fork = await journal.fork('run', { at: 'here', edits: { properties: { total: 7 } } })
    expect(await journal.diff('run', fork)).toMatchObject({ kind: 'edit' })
    expect(await journal.delete('run')).toBe(true)
    expect(await journal.checkpoints('run')).toEqual([])
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

it('a run that stands still says so: nothing is added to its journal by looking', async () => {
  const machine = new Machine(slow('A', 10).addAdvancer(pass('B'))) as unknown as Sample
  const { journal, store, clock } = keep(machine, 1)
  await clock.advance(0)
  const before = await everythingOf(store)
  await journal.history('run')
  await journal.stateAt('run')
  await journal.runs()
  await journal.requests()
  await journal.diff('run', 'run')
  await journal.recheck('run')
  expect(await everythingOf(store)).toEqual(before)
})
