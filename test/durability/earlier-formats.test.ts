import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { ApprovalRunnable, CollectRunnable, type OrchestrationRunnable } from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { fork, Machine, step } from '../core/machines.js'
import { putIn, type RecordedRun, takenOut } from './recorded-format.js'
import {
  approval,
  Draft,
  ended,
  fanOut,
  type Invoked,
  keep,
  nested,
  type Sample,
  timed,
  toEnd,
} from './recorded-runs.js'

const folder = fileURLToPath(new URL('fixtures/', import.meta.url))
/** The folder that RECORD_JOURNALS names gets new recordings; never one of a format that has been released. */
const recording = process.env['RECORD_JOURNALS']

/** What a value can be, and what a state can keep and say. */
function values(invoked: Invoked = []): Sample {
  const work = step<unknown, unknown>('Work', async (input, context) => {
    invoked.push('Work')
    context.properties.set('when', new Date(86_400_000))
    await context.once('paid', () => ({ amount: 5n }))
    context.emit({ type: 'custom', name: 'halfway', data: [1] })
    return { input, all: [undefined, Number.NaN, -0, new Map([[1, new Set(['a'])]]), new Uint8Array([1, 2, 3])] }
  })
  const next = step<unknown, unknown>('Next', async (input, context) => {
    invoked.push('Next')
    await context.sleep(10)
    return input
  })
  const broken = step<unknown, unknown>('Broken', () => {
    throw new RangeError('out of range', { cause: new TypeError('inside') })
  }).onError(
    () => true,
    next,
    ({ error }) => error.message,
  )
  return new Machine(
    work.configure({ parallelAdvances: true }).addAdvancer(next).addAdvancer(broken) as never,
  ).configure({ name: 'Values' }) as unknown as Sample
}

/** Fan-outs that joins name, one inside the other, in which branches fail. */
function failing(invoked: Invoked = []): Sample {
  const pass = (name: string) =>
    step<unknown, unknown>(name, input => {
      invoked.push(name)
      return input
    })
  const fail = (name: string) =>
    step<unknown, unknown>(name, () => {
      throw new RangeError(name)
    })
  const meet = (name: string, forkedBy: string, next: OrchestrationRunnable<never, unknown>) =>
    new CollectRunnable<unknown>({ forkedBy, onInsufficient: 'proceed' })
      .configure({ name })
      .addAdvancer(next as never) as unknown as OrchestrationRunnable<unknown, unknown>
  const outer = meet('Outer', 'All', pass('End') as never)
  const inner = meet('Inner', 'Some', outer as never)
  const some = fork('Some', fail('Lost').addAdvancer(inner), pass('Kept').addAdvancer(inner))
  const wait = new ApprovalRunnable<unknown>().configure({ name: 'Wait' }).addAdvancer(
    () => true,
    outer,
    () => 'waited',
  ) as OrchestrationRunnable<unknown, unknown>
  const all = fork('All', some as never, wait, fail('Broken').addAdvancer(outer))
  return new Machine(all as never).configure({ name: 'Failing', failure: 'collect' }) as unknown as Sample
}

interface Situation {
  readonly make: (invoked?: Invoked) => Sample
  readonly record: () => Promise<MemoryJournalStore>
  /** Answers what it asks, while nobody drives it. */
  readonly answer?: (store: MemoryJournalStore) => Promise<void>
  /** What its run comes to when it is taken up, and what is still invoked. */
  readonly outcome: unknown
  readonly invoked: readonly string[]
  readonly how?: 'silent'
}

const named = (make: (invoked?: Invoked) => Sample, name: string) => (invoked?: Invoked) =>
  make(invoked).configure({ name })
const approvals = named(approval, 'Approvals')
const insides = named(nested, 'Insides')
const fans = named(fanOut, 'Fans')
const times = named(timed, 'Times')

const situations: Readonly<Record<string, Situation>> = {
  'completed-fan-out': {
    make: fans,
    record: async () => (await ended(fans(), 1, { tags: { team: 'red' }, properties: { total: 0 } })).store,
    outcome: { status: 'completed', output: 226 },
    invoked: [],
  },
  'answered-approval': {
    make: approvals,
    record: async () => {
      const { store, clock, run } = keep(approvals(), Draft.of('T'))
      await clock.advance(0)
      await run.reject('Check', { by: 'ann', comment: 'no' })
      await clock.advance(0)
      await run.signal('Hold', { text: 'better' })
      await clock.advance(0)
      await store.close()
      return store.reopen()
    },
    answer: async store => {
      const clock = new ManualClock(1_000_500)
      await new Journal(approvals().configure({ clock }), { store }).approve('run', 'Check', { by: 'bob' })
    },
    outcome: { status: 'completed', output: 'better v1' },
    invoked: ['Publish'],
  },
  'runs-inside-with-snapshot': {
    make: insides,
    record: async () => {
      const { store, clock, run } = keep(insides(), 1, { snapshotEvery: 1 })
      await clock.advance(0)
      await run.approve('0:0.0:0/0:1')
      await clock.advance(0)
      return store
    },
    outcome: { status: 'completed', output: 9 },
    invoked: ['InnerEnd', 'End'],
  },
  'failures-in-fan-outs-with-snapshot': {
    make: failing,
    record: async () => {
      const { store, clock } = keep(failing(), 1, { snapshotEvery: 1 })
      await clock.advance(0)
      return store
    },
    outcome: { status: 'completed', output: [[1], 'waited'] },
    invoked: ['End'],
  },
  'waiting-for-times': {
    make: times,
    record: async () => {
      const { store, clock } = keep(times(), 5)
      await clock.advance(35)
      return store
    },
    outcome: { status: 'completed', output: [5, -1] },
    invoked: [],
    how: 'silent',
  },
  'values-kept-and-failed': {
    make: values,
    record: async () => {
      const { store, clock } = keep(values(), { a: 1 })
      await clock.advance(0)
      return store
    },
    outcome: { status: 'completed', output: 'out of range' },
    invoked: ['Next', 'Next'],
  },
}

describe.skipIf(recording === undefined || process.env['CI'] !== undefined)('recording', () => {
  it.each(Object.entries(situations))('%s', async (name, { record, answer }) => {
    const store = await record()
    // What has been answered is no longer listed.
    const { requests } = await takenOut(store, 'run')
    await answer?.(store)
    const run = { ...(await takenOut(store, 'run')), requests }
    writeFileSync(`${folder}${recording}/${name}.json`, `${JSON.stringify(run, undefined, 2)}\n`)
  })
})

/** One of the situations, as a version of the package has recorded it. */
function recorded(format: string, name: string): RecordedRun {
  return JSON.parse(readFileSync(`${folder}${format}/${name}.json`, 'utf8')) as RecordedRun
}

describe.each(readdirSync(folder))('journals of %s that an earlier version wrote', format => {
  it('are of every situation', () => {
    expect(readdirSync(`${folder}${format}`).sort()).toEqual(
      Object.keys(situations)
        .map(name => `${name}.json`)
        .sort(),
    )
  })

  describe.each(Object.entries(situations))('%s', (name, { make, outcome, invoked: expected, how }) => {
    let store: MemoryJournalStore

    beforeAll(async () => {
      store = new MemoryJournalStore()
      await putIn(store, recorded(format, name))
    })

    it('is stored as it was', async () => {
      const { requests, ...rest } = recorded(format, name)
      const open = requests.filter(({ requestId }) => !rest.answers.some(answer => answer.requestId === requestId))
      expect(await takenOut(store, 'run')).toEqual({ ...rest, requests: open })
    })

    it('has a history, says nothing when it is checked, and forks', async () => {
      const journal = new Journal(make(), { store })
      const told = (await journal.history('run')).flatMap(entry => entry.events)
      expect(told.map(event => event.seq)).toEqual([...told.keys()])
      expect(told[0]?.type).toBe('orchestration.started')
      expect(await journal.recheck('run')).toBeUndefined()
      const fork = await journal.fork('run', { at: 2, runId: `${format}-${name}` })
      expect(await journal.diff('run', fork)).toBeUndefined()
      await journal.delete(fork)
    })

    it('is taken up and comes to its end; nothing that was done is done again', async () => {
      const invoked: Invoked = []
      const { updatedAt } = recorded(format, name).record
      const clock = new ManualClock(updatedAt)
      const other = store.reopen()
      const run = await make(invoked).configure({ clock }).resume('run', { store: other })
      expect(await toEnd(run, clock, how)).toEqual(outcome)
      expect(invoked).toEqual(expected)
      expect(await new Journal(make(), { store: other }).recheck('run')).toBeUndefined()
    })
  })
})
