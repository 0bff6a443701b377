import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Approved, DelayRunnable, type OrchestrationRunnable, Rejected, type RunOptions } from '../../src/core/index.js'
import { Journal, type MemoryJournalStore, type RunEdits } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { Machine, pass, rejection, slow, step } from '../core/machines.js'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'
import { build, Schedule } from '../core/reference/build.js'
import { type Parcel, programs } from '../core/reference/plan.js'
import {
  add,
  approval,
  Draft,
  ended,
  everythingOf,
  fanOut,
  type Invoked,
  type Kept,
  keep,
  linear,
  loop,
  nested,
  Reply,
  type Sample,
  Sum,
  timed,
  toEnd,
  type Went,
} from './recorded-runs.js'

const samples: readonly (readonly [name: string, make: (invoked?: Invoked) => Sample, input: unknown])[] = [
  ['a line of states', linear, 1],
  ['a fan-out and a join', fanOut, 1],
  ['a loop', loop, 0],
  ['an approval', approval, Draft.of('T')],
  ['runs inside', nested, 1],
]

/** Takes a run up in another process, and to its end. */
async function goneOn(make: () => Sample, store: MemoryJournalStore, runId: string): Promise<Went> {
  const clock = new ManualClock(2_000_000)
  const run = await make().configure({ clock }).resume(runId, { store: store.reopen() })
  return toEnd(run, clock)
}

describe('a fork at any entry (S1-32, S1-63, S4-29)', () => {
  it.each(samples)('goes on to the same end, and leaves its run as it was: %s', async (_name, make, input) => {
    const { store, journal, status, output } = await ended(make(), input)
    const before = await everythingOf(store)
    for (const { seq } of await store.read('run')) {
      const fork = await journal.fork('run', { at: seq, runId: `fork-${seq}`, tags: { at: String(seq) } })
      expect(fork).toBe(`fork-${seq}`)
      expect(await store.get(fork)).toMatchObject({ parent: { runId: 'run', seq }, tags: { at: String(seq) }, seq })
      expect(await store.read(fork)).toEqual((await store.read('run')).slice(0, seq))
      expect(await journal.diff('run', fork)).toBeUndefined()
      expect(await goneOn(make, store, fork)).toEqual({ status, output })
      expect(await journal.diff('run', fork)).toBeUndefined()
      expect(await journal.recheck(fork)).toBeUndefined()
    }
    expect(await everythingOf(store)).toEqual(before)
  })

  it('does again nothing that was committed before it', async () => {
    const invoked: Invoked = []
    const { store, journal } = await ended(linear(invoked), 1)
    invoked.length = 0
    const fork = await journal.fork('run', { at: 3 })
    await goneOn(() => linear(invoked), store, fork)
    expect(invoked).toEqual(['C'])
  })

  it('waits, for nobody to take it up by chance, until it is taken up by its id', async () => {
    const { store, journal } = await ended(linear(), 1)
    const fork = await journal.fork('run', { at: 2 })
    expect(await store.get(fork)).toMatchObject({ status: 'paused', states: ['B'] })
    expect(await linear().recover({ store: store.reopen() })).toEqual({ runs: [], refused: [] })
    expect(await goneOn(linear, store, fork)).toEqual({ status: 'completed', output: 4 })
  })

  it('is at the end when its run is: it has the outcome, and nothing is done', async () => {
    const invoked: Invoked = []
    const { store, journal } = await ended(linear(invoked), 1)
    invoked.length = 0
    const fork = await journal.fork('run')
    expect(await store.get(fork)).toMatchObject({ status: 'completed', states: [] })
    expect(await goneOn(() => linear(invoked), store, fork)).toEqual({ status: 'completed', output: 4 })
    expect(invoked).toEqual([])
  })

  it('can be made while the run is under way, which goes on undisturbed', async () => {
    const { store, journal, run, clock } = keep(approval(), Draft.of('T'))
    await clock.advance(0)
    const fork = await journal.fork('run')
    expect((await journal.requests({ runId: fork })).requests).toMatchObject([{ stateName: 'Check', kind: 'approval' }])
    await journal.reject(fork, 'Check')
    expect(await toEnd(run, clock)).toEqual({ status: 'completed', output: 'T v2' })
    expect(await goneOn(approval, store, fork)).toEqual({ status: 'completed', output: 'again v1' })
  })

  it('of a fork of a fork, each is on its own, and stays when those before it are deleted', async () => {
    const { store, journal } = await ended(linear(), 1)
    const one = await journal.fork('run', { at: 3, edits: { properties: { total: 50 } } })
    const two = await journal.fork(one, { at: 2, runId: 'two' })
    const three = await journal.fork(two, { runId: 'three', edits: { inputs: { B: 10 } } })
    expect(await store.get('three')).toMatchObject({ parent: { runId: 'two', seq: 2 } })
    for (const id of ['run', one, two]) await journal.delete(id)
    expect(await goneOn(linear, store, three)).toEqual({ status: 'completed', output: 12 })
    expect(await journal.recheck(three)).toBeUndefined()
  })

  it('from before its run was migrated is of the version that it had there, and is migrated like any other', async () => {
    const older = (): Sample =>
      new Machine(pass<number>('Hold').addAdvancer(slow('Old', 10) as never)).configure({ name: 'Moving' }) as never
    const newer = (): Sample =>
      new Machine(pass<number>('Hold').addAdvancer(slow('New', 10) as never)).configure({
        name: 'Moving',
        version: 2,
        migrations: { 1: stored => stored.renameState('Old', 'New') },
      }) as never
    const { store, clock } = keep(older(), 1)
    await clock.advance(0)
    await store.close()
    expect(await goneOn(newer, store, 'run')).toEqual({ status: 'completed', output: 'New' })
    const present = new Journal(newer(), { store: store.reopen() })
    expect(await present.stateAt('run', 2)).toMatchObject({ branches: [{ stateName: 'Old' }] })
    const [before, after] = [await present.fork('run', { at: 2 }), await present.fork('run', { at: 3 })]
    const records = store.reopen()
    expect([(await records.get(before))?.version, (await records.get(after))?.version]).toEqual([1, 2])
    for (const fork of [before, after]) {
      expect(await goneOn(newer, store, fork)).toEqual({ status: 'completed', output: 'New' })
    }
  })

  it('of a run that was cancelled asks for nothing that it had asked for inside', async () => {
    const { journal, run, clock } = keep(nested(), 1)
    await clock.advance(0)
    run.cancel('enough')
    await clock.advance(0)
    const fork = await journal.fork('run')
    expect((await journal.requests({ runId: fork })).requests).toEqual([])
  })
})

/** A fork with edits, taken to its end. */
async function edited(
  make: () => Sample,
  { store, journal }: Pick<Kept, 'store' | 'journal'>,
  at: number | undefined,
  edits: RunEdits,
): Promise<Went & { readonly fork: string }> {
  const before = await everythingOf(store)
  const fork = await journal.fork('run', { ...(at === undefined ? {} : { at }), edits })
  const went = await goneOn(make, store, fork)
  expect(await everythingOf(store)).toEqual(before)
  return { ...went, fork }
}

describe('an edit in a fork', () => {
  it('changes properties: one is set, one is deleted', async () => {
    const kept = await ended(linear(), 1)
    const { fork } = await edited(linear, kept, 3, { properties: { total: 100, other: 'new' } })
    expect(await kept.journal.stateAt(fork)).toMatchObject({ properties: { total: 101, other: 'new' } })
    const gone = await edited(linear, kept, 3, { properties: { total: undefined } })
    expect(await kept.journal.stateAt(gone.fork)).toMatchObject({ properties: { total: 1 } })
    expect(await kept.journal.diff('run', fork)).toMatchObject({
      kind: 'edit',
      token: 'start',
      a: undefined,
      message: 'The second run was edited: property "total" is 100; property "other" is "new".',
    })
    expect(await kept.journal.diff(fork, 'run')).toMatchObject({ kind: 'edit', b: undefined })
  })

  it('gives a step another input, by its token or by the name of its state', async () => {
    const kept = await ended(linear(), 1)
    for (const ref of ['0:1', 'B']) {
      const { output, fork } = await edited(linear, kept, 2, { inputs: { [ref]: 40 } })
      expect(output).toBe(42)
      expect(await kept.journal.diff('run', fork)).toMatchObject({
        kind: 'edit',
        token: '0:1',
        message: 'The second run was edited: input of 0:1 is 40.',
      })
      expect(await kept.journal.recheck(fork)).toBeUndefined()
    }
  })

  it('gives a step its output, and its state is not invoked', async () => {
    const invoked: Invoked = []
    const kept = await ended(linear(), 1)
    for (const ref of ['0:1', 'B']) {
      const { output, fork } = await edited(() => linear(invoked), kept, 2, { outputs: { [ref]: 70 } })
      expect(output).toBe(71)
      expect(await kept.journal.diff('run', fork)).toMatchObject({ kind: 'edit', token: '0:1' })
      expect(await kept.journal.recheck(fork)).toBeUndefined()
    }
    expect(invoked).toEqual(['C', 'C'])
  })

  it('gives one of several branches its output', async () => {
    const kept = await ended(fanOut(), 1)
    const { output, fork } = await edited(fanOut, kept, 3, { outputs: { M2: 5000 } })
    expect(output).toBe(226 - 21 + 5000)
    expect(await kept.journal.recheck(fork)).toBeUndefined()
    const { output: other } = await edited(fanOut, kept, 3, { outputs: { '0:0.0:1': 0, '0:0.2:1': 0 } })
    expect(other).toBe(22)
  })

  it('decides what a person is being asked', async () => {
    const kept = keep(approval(), Draft.of('T'))
    await kept.clock.advance(0)
    const yes = await edited(approval, kept, undefined, {
      outputs: { Check: new Approved(Draft.of('Edited', 9), { by: 'me' }) },
    })
    expect(yes.output).toBe('Edited v9')
    expect((await kept.journal.requests({ runId: yes.fork })).requests).toEqual([])
    const no = await edited(approval, kept, undefined, { outputs: { Check: new Rejected(Draft.of('No'), {}) } })
    expect(no.output).toBe('again v1')
    for (const { fork } of [yes, no]) {
      expect(await kept.journal.diff('run', fork)).toMatchObject({ kind: 'edit', token: '0:1' })
      expect(await kept.journal.recheck(fork)).toBeUndefined()
    }
    const subject = await edited(approval, kept, undefined, { inputs: { Check: Draft.of('Other', 4) } })
    expect(subject.output).toBe('Other v4')
    expect(await kept.journal.recheck(subject.fork)).toBeUndefined()
  })

  it('sends what is being waited for', async () => {
    const kept = keep(approval(), Draft.of('T'))
    await kept.clock.advance(0)
    await kept.run.reject('Check')
    await kept.clock.advance(0)
    const { output, fork } = await edited(approval, kept, undefined, { outputs: { Hold: { text: 'sent' } } })
    expect(output).toBe('sent v1')
    expect(await kept.journal.recheck(fork)).toBeUndefined()
  })

  it('ends a delay', async () => {
    const make = (): Sample =>
      new Machine(
        new DelayRunnable<number>(1e9).configure({ name: 'Wait' }).addAdvancer(add('End', [])) as OrchestrationRunnable<
          number,
          number
        >,
      ) as Sample
    const kept = keep(make(), 1)
    await kept.clock.advance(0)
    const { output, fork } = await edited(make, kept, undefined, { outputs: { Wait: 5 } })
    expect(output).toBe(6)
    expect(await kept.journal.recheck(fork)).toBeUndefined()
  })

  it('replaces an output that is being routed', async () => {
    const asked: unknown[] = []
    const make = (): Sample => {
      const a = step<number, number>('A', n => n + 1)
      a.addAdvancer(
        async (output, context) => {
          asked.push(output)
          await context.sleep(10)
          return output < 100
        },
        add('Small', []),
      )
      a.addAdvancer(add('Large', [], 1000))
      return new Machine(a) as Sample
    }
    const kept = keep(make(), 1)
    await kept.clock.advance(0)
    expect(await kept.journal.stateAt('run')).toMatchObject({ branches: [{ phase: 'routing', output: 2 }] })
    const { output, fork } = await edited(make, kept, undefined, { outputs: { A: 500 } })
    expect(output).toBe(1500)
    expect(asked).toEqual([2, 500])
    expect(await kept.journal.diff('run', fork)).toMatchObject({ kind: 'edit', token: '0:0' })
    expect(await kept.journal.recheck(fork)).toBeUndefined()
    const refused = await rejection(kept.journal.fork('run', { edits: { inputs: { A: 5 } } }))
    expect(refused).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('edit its output') })
  })

  it('reaches into runs inside, by the tokens that lead there', async () => {
    const kept = keep(nested(), 1)
    await kept.clock.advance(0)
    const { output } = await edited(nested, kept, undefined, {
      outputs: { '0:0.0:0/0:1': new Approved(100, {}), '0:0.1:0/0:1': new Rejected(5, {}) },
    })
    expect(output).toBe(101 + (5 - 1000) + 1)
  })

  it('gives a sub-orchestration its output as a whole: what runs inside it is given up, with what it asks', async () => {
    const kept = keep(nested(), 1)
    await kept.clock.advance(0)
    const fork = await kept.journal.fork('run', { edits: { outputs: { Left: 1000 } } })
    expect((await kept.journal.requests({ runId: fork })).requests).toMatchObject([{ requestId: '0:0.1:0/0:1' }])
    expect(await goneOn(nested, kept.store, fork)).toEqual({ status: 'completed', output: 1005 })
    const refused = await rejection(kept.journal.fork('run', { edits: { inputs: { Left: 1 } } }))
    expect(refused).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('has begun') })
  })

  it('at every entry at which something is at work, the fork runs to an end and the difference is the edit', async () => {
    for (const [, make, input] of samples.slice(0, 3)) {
      const kept = await ended(make(), input)
      for (const { seq } of await kept.store.read('run')) {
        const { branches } = await kept.journal.stateAt('run', seq)
        for (const { token } of branches.filter(branch => branch.phase === 'working')) {
          for (const edits of [{ inputs: { [token]: 3 } }, { outputs: { [token]: 3 } }]) {
            // The join has the array of what its branches had.
            if (token === '0:1' && make === fanOut) continue
            const { status, fork } = await edited(make, kept, seq, edits)
            expect(status).toBe('completed')
            expect(await kept.journal.diff('run', fork)).toMatchObject({ kind: 'edit', token })
            expect(await kept.journal.recheck(fork)).toBeUndefined()
          }
        }
      }
    }
  })
})

describe('a fork that cannot be is refused, and nothing is created', () => {
  async function refused(kept: Kept, options: Parameters<Kept['journal']['fork']>[1], code: string, message?: RegExp) {
    const { store, journal } = kept
    const before = await everythingOf(store)
    const thrown = await rejection(journal.fork('run', options))
    expect(thrown).toMatchObject({ code })
    if (message !== undefined) expect(thrown.message).toMatch(message)
    expect((await journal.runs()).runs).toHaveLength(1)
    expect(await everythingOf(store)).toEqual(before)
  }

  it('an edit of a step that is not there says which there are', async () => {
    const kept = await ended(fanOut(), 1)
    for (const ref of ['Nowhere', '0:9', 'Fork', 'L1', '__proto__', '']) {
      await refused(
        kept,
        { at: 3, edits: { inputs: Object.fromEntries([[ref, 1]]) } },
        'OPTION_INVALID',
        /0:0\.0:1 \("L2"\)/,
      )
      await refused(kept, { at: 3, edits: { outputs: Object.fromEntries([[ref, 1]]) } }, 'OPTION_INVALID')
    }
  })

  it('a state at which several branches are is named by token', async () => {
    const both = step<number, number>('Both', n => n)
    const make = new Machine(
      pass<number>('Fork').configure({ parallelAdvances: true }).addAdvancer(both).addAdvancer(both),
    ) as Sample
    const kept = await ended(make, 1)
    await refused(kept, { at: 2, edits: { outputs: { Both: 1 } } }, 'OPTION_INVALID', /0:0\.0:0 .*0:0\.1:0/)
  })

  it('a value is of the class that is declared there', async () => {
    const kept = keep(approval(), Draft.of('T'))
    await kept.clock.advance(0)
    await refused(kept, { at: 1, edits: { inputs: { Write: { title: 5 } } } }, 'PAYLOAD_INVALID', /Write/)
    await refused(kept, { at: 1, edits: { outputs: { Write: 'x' } } }, 'PAYLOAD_INVALID', /Write/)
    for (const outcome of [true, 'approved', { outcome: 'approved' }, undefined, null]) {
      await refused(kept, { edits: { outputs: { Check: outcome } } }, 'OPTION_INVALID', /Approved, Rejected or Expired/)
    }
    await kept.run.reject('Check')
    await kept.clock.advance(0)
    await refused(kept, { edits: { outputs: { Hold: { text: 5 } } } }, 'PAYLOAD_INVALID', /Hold/)
  })

  it('a plain object that fits becomes an instance', async () => {
    const kept = await ended(approval(), Draft.of('T'))
    const fork = await kept.journal.fork('run', { at: 1, edits: { inputs: { Write: { title: 'U', version: 5 } } } })
    expect((await kept.journal.stateAt(fork)).branches[0]?.input).toBeInstanceOf(Draft)
  })

  it('a value can be stored', async () => {
    const kept = await ended(linear(), 1)
    await refused(kept, { at: 2, edits: { properties: { f: () => 1 } } }, 'PAYLOAD_NOT_SERIALIZABLE')
    await refused(kept, { at: 2, edits: { outputs: { B: new Reply() } } }, 'PAYLOAD_NOT_SERIALIZABLE')
  })

  it('there is something left to edit', async () => {
    const kept = await ended(linear(), 1)
    for (const edits of [{ properties: { a: 1 } }, { inputs: { A: 1 } }, { outputs: { '0:0': 1 } }] as RunEdits[]) {
      await refused(kept, { edits }, 'RUN_ENDED', /history\(\)/)
    }
  })

  it('a branch that waits for others has no output yet', async () => {
    const kept = keep(timedFork(), 1)
    await kept.clock.advance(0)
    await refused(kept, { edits: { outputs: { Sum: 1 } } }, 'OPTION_INVALID', /joining/)
    const fork = await kept.journal.fork('run', { edits: { inputs: { Sum: 50 } } })
    expect(await goneOn(timedFork, kept.store, fork)).toMatchObject({ status: 'completed' })
  })

  it('its id is a name, and free', async () => {
    const kept = await ended(linear(), 1)
    await refused(kept, { runId: 'run' }, 'RUN_EXISTS')
    for (const runId of ['', 'a/b', '..', 'a\nb', 'x'.repeat(201)]) await refused(kept, { runId }, 'NAME_INVALID')
  })

  it('its run is known', async () => {
    const { journal } = await ended(linear(), 1)
    expect(await rejection(journal.fork('nobody'))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })
})

/** One branch arrives at the join at once, the other later. */
function timedFork(): Sample {
  const sum = new Sum().configure({ name: 'Sum' }) as OrchestrationRunnable<number, number>
  const late = step<number, number>('Late', async (n, context) => {
    await context.sleep(10)
    return n
  }).addAdvancer(sum)
  const quick = pass<number>('Quick').addAdvancer(sum)
  const both = pass<number>('Fork').configure({ parallelAdvances: true }) as OrchestrationRunnable<number, number>
  return new Machine(both.addAdvancer(quick).addAdvancer(late)) as Sample
}

describe('a fork without edits of any run, at any entry', () => {
  it(
    'ends as its run did, and does not differ from it (S1-63)',
    async () => {
      const rules: fc.Arbitrary<RunOptions> = fc.record({
        failure: fc.constant('collect' as const),
        scheduling: fc.constantFrom('lockstep' as const, 'continuous' as const),
        maxConcurrency: fc.constantFrom(1, 2, Infinity),
        snapshotEvery: fc.constantFrom(1, 3, 500),
        maxSteps: fc.constant(100_000),
      })
      await fc.assert(
        fc.asyncProperty(programs, fc.nat(), rules, fc.nat(), async (program, seed, options, where) => {
          const make = (): Sample => build(program, new Schedule(seed)) as unknown as Sample
          const input: Parcel = { text: 'in', passes: [] }
          const { store, journal, run, status } = await ended(make(), input, options)
          const entries = await store.read('run')
          const fork = await journal.fork('run', { at: 1 + (where % entries.length) })
          const clock = new ManualClock(3_000_000)
          const again = await make().configure({ clock }).resume(fork, { store: store.reopen() })
          expect((await toEnd(again, clock)).status).toBe(status)
          expect(again.results).toEqual(run.results)
          expect(await journal.diff('run', fork)).toBeUndefined()
          expect(await journal.recheck(fork)).toBeUndefined()
          expect(await journal.recheck('run')).toBeUndefined()
          expect(await store.read('run')).toEqual(entries)
        }),
        { numRuns: propertyRuns(100) },
      )
    },
    propertyTimeout(100),
  )
})

it('a fork of a run with time limits goes on with the same moments', async () => {
  const { store, journal, status, output } = await ended(timed(), 5, {}, 'silent')
  for (const { seq } of await store.read('run')) {
    const fork = await journal.fork('run', { at: seq })
    const clock = new ManualClock(1_000_000)
    const run = await timed().configure({ clock }).resume(fork, { store: store.reopen() })
    expect(await toEnd(run, clock, 'silent')).toEqual({ status, output })
  }
})
