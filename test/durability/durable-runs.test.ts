import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  CollectRunnable,
  DelayRunnable,
  type Durability,
  type OrchestrationEvent,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { MemoryJournalStore } from '../../src/durability/index.js'
import { OrchestrationError } from '../../src/errors/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { fail, fork, machine, pass, rejection, slow, step } from '../core/machines.js'
import { ProbedStore } from './probed-store.js'
import { begun, restarted } from './restart.js'

/** A chain of three states that say when they are invoked. */
function chain(invoked: string[] = []) {
  const say = (name: string) =>
    step<string, string>(name, text => {
      invoked.push(name)
      return `${text}${name}`
    })
  return machine<string, string>(say('A').addAdvancer(say('B').addAdvancer(say('C'))))
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('a durable run writes ahead (S3-30, S2-15, S1-59)', () => {
  it('starts no state, and tells no event, before what it follows from is in the store', async () => {
    const store = new ProbedStore()
    const invoked: string[] = []
    const held: (() => void)[] = []
    store.around = commit => new Promise<void>(resolve => held.push(resolve)).then(commit)
    const { run, events } = begun(chain(invoked), '', {}, store)
    const steps: [invoked: string, told: string][] = []
    while (!events.completed) {
      await turn()
      expect(held).toHaveLength(1)
      steps.push([invoked.join(''), events.states.join('')])
      held.shift()?.()
      await turn()
    }
    expect(await run.result).toBe('ABC')
    // What a state has returned is written after it, and before the next one starts or is told of.
    expect(steps).toEqual([
      ['', ''],
      ['A', 'A'],
      ['AB', 'AB'],
      ['ABC', 'ABC'],
      ['ABC', 'ABC'],
    ])
  })

  it('gives its result only when that is in the store, in every mode', async () => {
    for (const durability of ['sync', 'async', 'exit'] as const satisfies readonly Durability[]) {
      const { store, run, clock } = begun(chain(), '', { durability })
      const release = store.hold()
      let result: unknown
      void run.result.then(value => {
        result = value
      })
      await clock.advance(0)
      expect(result).toBeUndefined()
      release()
      expect(await run.result).toBe('ABC')
      expect(await store.get('r')).toMatchObject({ status: 'completed', states: [] })
    }
  })

  it('commits branches that finish together as a group', async () => {
    let open: ((value: string) => void) | undefined
    const opened = new Promise<string>(resolve => {
      open = resolve
    })
    const branches = Array.from({ length: 20 }, (_, index) => step<unknown, string>(`S${index}`, () => opened))
    const { store, run, clock } = begun(machine(fork('Fork', ...branches)), 1)
    await clock.advance(0)
    const before = store.commits.length
    open?.('done')
    await run.result
    // The first is written at once; those that come meanwhile go together; then the end.
    expect(store.commits.slice(before)).toHaveLength(3)
  })

  it('tells events in the order of its entries, also those of runs inside it that commit together', async () => {
    const inner = (name: string) =>
      new SubOrchestrationRunnable(machine(fork('Fork', pass('A').addAdvancer(pass('B')), pass('C')))).configure({
        name,
      })
    const make = () => machine(fork('Outer', inner('Left'), inner('Middle'), inner('Right')))
    for (let ticks = 0; ticks < 8; ticks++) {
      const store = new ProbedStore()
      store.around = async commit => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
        await commit()
      }
      const { run, events } = begun(make(), 1, {}, store)
      await run.result
      const kept: OrchestrationEvent[] = []
      await new Promise<void>(resolve =>
        make()
          .observe('r', { store })
          .subscribe({ next: event => kept.push(event), complete: resolve }),
      )
      expect(events.events).toEqual(kept)
    }
  })
})

describe('durability modes', () => {
  const halfway = (durability: Durability) => {
    const invoked: string[] = []
    const make = () => {
      const tell = (name: string, ms: number) =>
        step<string, string>(name, async (text, context) => {
          invoked.push(name)
          if (ms > 0) await context.sleep(ms)
          return `${text}${name}`
        })
      return machine<string, string>(tell('A', 0).addAdvancer(tell('B', 0).addAdvancer(tell('C', 10))))
    }
    return { invoked, make, first: begun(make(), '', { durability }) }
  }

  it('sync loses nothing that was committed', async () => {
    const { invoked, make, first } = halfway('sync')
    const second = await restarted(first, make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('ABC')
    expect(invoked).toEqual(['A', 'B', 'C', 'C'])
  })

  it('async does not wait, and loses what was not written yet; what was is kept', async () => {
    const { invoked, make, first } = halfway('async')
    first.store.around = (commit, number) => (number > 2 ? new Promise(() => {}) : commit())
    await first.clock.advance(0)
    expect(invoked).toEqual(['A', 'B', 'C'])
    const second = await restarted(first, make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('ABC')
    expect(await second.store.get('r')).toMatchObject({ status: 'completed' })
    expect(invoked.slice(0, 3)).toEqual(['A', 'B', 'C'])
    expect(invoked.slice(3).at(-1)).toBe('C')
  })

  it('async stops at the next turn when the store fails', async () => {
    const { first } = halfway('async')
    await first.clock.advance(0)
    first.store.around = () => Promise.reject(new Error('disk full'))
    const failed = rejection(first.run.result)
    await first.clock.advance(10)
    expect(first.run.status).toBe('failed')
    expect(await failed).toMatchObject({ code: 'RECORDER_FAILED' })
  })

  it('exit writes when the run waits, and at its end; a crash loses everything since', async () => {
    const invoked: string[] = []
    const tell = (name: string) =>
      step<string, string>(name, text => {
        invoked.push(name)
        return text + name
      })
    const make = () =>
      machine<string, string>(
        tell('A').addAdvancer(
          tell('B').addAdvancer(new DelayRunnable<string>(10).addAdvancer(tell('C').addAdvancer(tell('D')))),
        ),
      )
    const first = begun(make(), '', { durability: 'exit' })
    await first.clock.advance(0)
    // The beginning, then everything up to the delay.
    expect(first.store.commits).toHaveLength(2)
    const second = await restarted(first, make())
    await second.clock.advance(10)
    expect(await second.run.result).toBe('ABCD')
    expect(invoked).toEqual(['A', 'B', 'C', 'D'])
  })
})

describe('events in modes that do not wait', () => {
  it.each(['async', 'exit'] as const)(
    '%s tells them in the order of the entries, also where one has to wait',
    async durability => {
      const make = () => {
        const inner = machine<number, unknown>(new ApprovalRunnable<number>().configure({ name: 'Ask' }))
        const sub = new SubOrchestrationRunnable(inner).configure({ name: 'Sub' })
        const delay = new DelayRunnable<unknown>(10).configure({ name: 'Delay' }).addAdvancer(slow('After', 5))
        return machine<number, unknown>(fork('Fork', sub, delay))
      }
      const first = begun(make(), 1, { durability })
      await first.clock.advance(0)
      const approved = first.run.approve('Ask')
      await first.clock.advance(0)
      await approved
      const second = begun(make(), 1, { durability, runId: 'r2' }, first.store)
      // The approval has to be in the store before it is told of; meanwhile the delay is over.
      await Promise.resolve()
      const release = first.store.hold()
      await second.clock.advance(10)
      release()
      await second.clock.advance(0)
      await second.run.approve('Ask')
      await second.clock.advance(5)
      await second.run.result
      const kept: OrchestrationEvent[] = []
      await new Promise<void>(resolve =>
        make()
          .observe('r2', { store: first.store })
          .subscribe({ next: event => kept.push(event), complete: resolve }),
      )
      expect(second.events.events).toEqual(kept)
    },
  )
})

describe('a run id', () => {
  it('that is taken cannot be started again: RUN_EXISTS; the run that has it is untouched', async () => {
    const { store, run, events } = begun(chain(), '')
    await run.result
    const again = chain().start('x', { store, runId: 'r' })
    expect(await rejection(again.result)).toMatchObject({ code: 'RUN_EXISTS' })
    expect(again.status).toBe('failed')
    expect((await store.read('r')).length).toBe(store.commits.reduce((sum, entries) => sum + entries, 0) - 1)
    expect(events.completed).toBe(true)
  })

  it.each([
    ['../../etc', 'has'],
    ['a/b', 'has'],
    ['a\\b', 'has'],
    ['..', 'is'],
    ['.', 'is'],
    ['a\u0000b', 'has'],
    ['a\nb', 'has'],
    ['\ud800', 'has'],
    ['x'.repeat(201), 'has 201'],
  ])('%j is refused: NAME_INVALID', async runId => {
    const store = new ProbedStore()
    expect(await rejection(chain().run('', { store, runId }))).toMatchObject({ code: 'NAME_INVALID' })
    expect(() => chain().start('', { store, runId })).toThrow(OrchestrationError)
    expect(store.commits).toEqual([])
  })

  it('that is empty is refused', async () => {
    expect(await rejection(chain().run('', { store: new ProbedStore(), runId: '' }))).toMatchObject({
      code: 'NAME_INVALID',
    })
  })

  it('of 200 characters, of any language, is fine', async () => {
    for (const runId of ['x'.repeat(200), 'Prüfung 検査 🧪', '__proto__', 'constructor', '%2e%2e', 'a:b.c']) {
      const store = new MemoryJournalStore()
      expect(await chain().run('', { store, runId })).toBe('ABC')
      expect(await (await chain().resume(runId, { store })).result).toBe('ABC')
    }
  })
})

describe('taking up a run (S3-31)', () => {
  it('that nobody has started is refused: RUN_UNKNOWN', async () => {
    expect(await rejection(chain().resume('r', { store: new ProbedStore() }))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  it('without a store is refused: STORE_MISSING', async () => {
    expect(await rejection(chain().resume('r'))).toMatchObject({ code: 'STORE_MISSING' })
    await expect(async () => chain().recover()).rejects.toMatchObject({ code: 'STORE_MISSING' })
    expect(() => chain().observe('r')).toThrow('needs a store')
  })

  it('of another orchestration is refused: DEFINITION_CHANGED, with both names', async () => {
    const { store, run } = begun(chain().configure({ name: 'Mine' }), '')
    await run.result
    const error = await rejection(chain().configure({ name: 'Yours' }).resume('r', { store }))
    expect(error).toMatchObject({ code: 'DEFINITION_CHANGED' })
    expect(error.message).toMatch(/"Mine".*"Yours"/)
  })

  it('that somebody drives is refused: RUN_BUSY, from this process or another; then it is free', async () => {
    const make = () => machine<number, unknown>(new ApprovalRunnable<number>().configure({ name: 'Ask' }))
    const first = begun(make(), 1)
    await first.clock.advance(0)
    for (const store of [first.store, first.store.reopen()]) {
      expect(await rejection(make().resume('r', { store }))).toMatchObject({ code: 'RUN_BUSY', retryable: true })
    }
    const second = await restarted(first, make())
    await second.clock.advance(0)
    await second.run.approve('Ask')
    expect(await second.run.result).toMatchObject({ outcome: 'approved', subject: 1 })
  })

  it('with the store of the orchestration needs no store', async () => {
    const store = new MemoryJournalStore()
    await chain().configure({ store }).run('', { runId: 'r' })
    expect(await (await chain().configure({ store }).resume('r')).result).toBe('ABC')
  })

  it('that has completed gives its result, and no events; nothing is invoked or written', async () => {
    const invoked: string[] = []
    const first = begun(chain(invoked), '')
    await first.run.result
    const second = await restarted(first, chain(invoked))
    expect(await second.run.result).toBe('ABC')
    expect([second.run.status, second.run.results, second.events.events]).toEqual(['completed', ['ABC'], []])
    expect(second.events.completed).toBe(true)
    expect(invoked).toEqual(['A', 'B', 'C'])
    expect(second.store.commits).toEqual([])
    // It belongs to nobody, so any number may ask.
    expect(await (await chain().resume('r', { store: second.store })).result).toBe('ABC')
  })

  it('that has failed fails with the recorded error, its code and its cause', async () => {
    const make = () =>
      machine(
        step('Broken', () => {
          const cause = new TypeError('not a function')
          throw new OrchestrationError('no luck', {
            code: 'TOOL_FAILED',
            retryable: true,
            details: { tool: 'x' },
            cause,
          })
        }),
      )
    const first = begun(make(), 1)
    await rejection(first.run.result)
    const second = await restarted(first, make())
    const error = await rejection(second.run.result)
    expect(second.run.status).toBe('failed')
    expect(error).toMatchObject({
      name: 'OrchestrationFailedError',
      code: 'RUN_FAILED',
      runId: 'r',
      stateName: 'Broken',
    })
    expect(error.cause).toBeInstanceOf(OrchestrationError)
    expect(error.cause).toMatchObject({
      message: 'no luck',
      code: 'TOOL_FAILED',
      retryable: true,
      details: { tool: 'x' },
      cause: { name: 'TypeError', message: 'not a function' },
    })
  })

  it('that was cancelled is cancelled, with the reason', async () => {
    const first = begun(machine(slow('Slow', 10)), 1)
    await first.clock.advance(0)
    first.run.cancel('enough')
    await rejection(first.run.result)
    const second = await restarted(first, machine(slow('Slow', 10)))
    expect(await rejection(second.run.result)).toMatchObject({
      name: 'OrchestrationCancelledError',
      code: 'RUN_CANCELLED',
      reason: 'enough',
    })
    expect(second.run.status).toBe('cancelled')
  })

  it('whose input was refused has failed, and is kept as such', async () => {
    const make = () => machine<number, number>(pass<number>('A')).configure({ input: Number })
    const first = begun(make(), 'one' as unknown as number)
    expect(await rejection(first.run.result)).toMatchObject({ cause: { code: 'PAYLOAD_INVALID' } })
    const second = await restarted(first, make())
    expect(await rejection(second.run.result)).toMatchObject({ cause: { code: 'PAYLOAD_INVALID' } })
  })
})

describe('snapshots', () => {
  /** A loop of so many rounds, then a wait. */
  const loop = (rounds: number) => {
    const count = step<number, number>('Count', n => n + 1)
    count.addAdvancer(n => n < rounds, count).addAdvancer(new DelayRunnable<number>(10).configure({ name: 'Wait' }))
    return machine<number, number>(count)
  }

  it('bound what is read when a run is taken up', async () => {
    const first = begun(loop(200), 0, { snapshotEvery: 20 })
    await first.clock.advance(0)
    const snapshot = await first.store.snapshot('r')
    expect(snapshot?.seq).toBeGreaterThan(180)
    const second = await restarted(first, loop(200))
    expect(second.store.reads[0]).toBe((snapshot?.seq ?? 0) + 1)
    await second.clock.advance(10)
    expect(await second.run.result).toBe(200)
  })

  it('are not taken before it is time', async () => {
    const first = begun(loop(100), 0)
    await first.clock.advance(0)
    expect(await first.store.snapshot('r')).toBeUndefined()
    const second = await restarted(first, loop(100))
    expect(second.store.reads[0]).toBe(1)
    await second.clock.advance(10)
    expect(await second.run.result).toBe(100)
  })

  it('that cannot be saved do no harm', async () => {
    class Full extends ProbedStore {
      override async saveSnapshot(): Promise<void> {
        throw new Error('disk full')
      }
    }
    const warnings: string[] = []
    const logger = { warn: (message: string) => warnings.push(message), error: () => undefined }
    const { run, clock } = begun(loop(10), 0, { snapshotEvery: 4, logger: logger as never }, new Full())
    await clock.advance(10)
    expect(await run.result).toBe(10)
    expect(warnings[0]).toMatch('No snapshot of run r could be saved')
  })

  it.each([0, -1, 1.5, Number.NaN])('cannot be taken every %d entries', async snapshotEvery => {
    expect(() => begun(loop(1), 0, { snapshotEvery })).toThrow('snapshotEvery')
  })
})

describe('a store that fails', () => {
  it('stops the run with RECORDER_FAILED, also for those who listen; the run can be taken up', async () => {
    const invoked: string[] = []
    const first = begun(chain(invoked), '')
    first.store.around = (commit, number) => (number === 3 ? Promise.reject(new Error('disk full')) : commit())
    const error = await rejection(first.run.result)
    expect(error).toMatchObject({ code: 'RECORDER_FAILED', retryable: true, cause: { message: 'disk full' } })
    expect(error.message).toContain('r')
    expect(first.events.completed).toBe(true)
    expect(invoked).toEqual(['A', 'B'])
    // It has let go of the run: nobody has to wait for its process to end.
    first.store.around = commit => commit()
    const again = await chain(invoked).resume('r', { store: first.store })
    expect(await again.result).toBe('ABC')
    expect(invoked).toEqual(['A', 'B', 'B', 'C'])
  })

  it('at the very beginning leaves nothing behind', async () => {
    const first = begun(chain(), '')
    first.store.around = () => Promise.reject(new Error('disk full'))
    expect(await rejection(first.run.result)).toMatchObject({ code: 'RECORDER_FAILED' })
    expect(await rejection(chain().resume('r', { store: first.store }))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })

  it('at the very end stops the run too: what it says is never that it has completed', async () => {
    const first = begun(chain(), '')
    first.store.around = (commit, number) => (number === 5 ? Promise.reject(new Error('disk full')) : commit())
    let outcome: unknown = 'none'
    first.run.result.then(
      () => {
        outcome = 'completed'
      },
      thrown => {
        outcome = (thrown as OrchestrationError).code
      },
    )
    await first.clock.advance(0)
    expect([outcome, first.run.status, first.events.completed]).toEqual(['RECORDER_FAILED', 'failed', true])
    const second = await restarted(first, chain())
    expect(await second.run.result).toBe('ABC')
  })

  it('because somebody else has advanced the run stops it with RUN_CONFLICT', async () => {
    const first = begun(chain(), '')
    first.store.around = async (commit, number) => {
      if (number === 2) {
        const other = new MemoryJournalStore(first.store)
        const { seq = 0 } = (await other.get('r')) ?? {}
        await other.append('r', seq, [{ seq: seq + 1, at: 1, data: '{"facts":[]}' }], {
          status: 'running',
          states: [],
          opened: [],
          closed: [],
        })
      }
      return commit()
    }
    expect(await rejection(first.run.result)).toMatchObject({ code: 'RUN_CONFLICT', retryable: false })
  })
})

describe('recover() (S3-31)', () => {
  const make = () => machine<number, number>(new DelayRunnable<number>(10).addAdvancer(pass<number>('End')))

  it('takes up what is under way and has nobody; not what has ended, is paused, or is driven', async () => {
    const store = new ProbedStore()
    const clock = new ManualClock()
    const start = (runId: string, orchestration = make()) => orchestration.start(Number(runId), { store, clock, runId })
    start('1')
    start('2')
    const done = start('3')
    await clock.advance(10)
    await done.result
    start('4')
    start('5')
    const paused = start('6')
    await clock.advance(0)
    await paused.pause()
    start('7', make().configure({ name: 'Other' }))
    await clock.advance(0)
    await store.close()
    const next = store.reopen()
    const other = store.reopen()
    const nextClock = new ManualClock(clock.now())
    const driven = await make().configure({ clock: nextClock }).resume('4', { store: other })
    const { runs, refused } = await make().configure({ clock: nextClock }).recover({ store: next })
    expect(runs.map(run => run.id)).toEqual(['5'])
    expect(refused).toEqual([])
    await nextClock.advance(10)
    expect(await Promise.all([...runs, driven].map(run => run.result))).toEqual([5, 4])
    expect(await next.get('6')).toMatchObject({ status: 'paused' })
    expect(await next.get('7')).toMatchObject({ status: 'running' })
  })

  it('is not kept from the others by a run that is broken, and says what is wrong with it', async () => {
    const store = new ProbedStore()
    const clock = new ManualClock()
    for (const runId of ['1', '2', '3']) make().start(Number(runId), { store, clock, runId })
    await clock.advance(0)
    const record = await store.get('2')
    const change = { status: 'running' as const, states: [], opened: [], closed: [] }
    const seq = (record?.seq ?? 0) + 1
    await store.append('2', seq - 1, [{ seq, at: 5, data: '{"facts":[{"type":"exploded"}]}' }], change)
    await store.close()
    const next = store.reopen()
    const nextClock = new ManualClock(clock.now())
    const { runs, refused } = await make().configure({ clock: nextClock }).recover({ store: next })
    expect(runs.map(run => run.id)).toEqual(['1', '3'])
    expect(refused).toMatchObject([{ runId: '2', error: { code: 'JOURNAL_DAMAGED' } }])
    expect(refused[0]?.error.message).toContain(`entry ${seq}`)
    await nextClock.advance(10)
    expect(await Promise.all(runs.map(run => run.result))).toEqual([1, 3])
    // It is as it was, and free.
    expect(await next.get('2')).toMatchObject({ status: 'running', seq })
    expect(await next.claim('2')).toBe(true)
  })

  it('lets several processes share the work: each run has one', async () => {
    const store = new ProbedStore()
    const clock = new ManualClock()
    const ids = Array.from({ length: 20 }, (_, index) => String(index))
    for (const runId of ids) make().start(Number(runId), { store, clock, runId })
    await clock.advance(0)
    await store.close()
    const nextClock = new ManualClock(clock.now())
    const found = await Promise.all(
      [1, 2, 3].map(() => make().configure({ clock: nextClock }).recover({ store: store.reopen() })),
    )
    expect(found.flatMap(({ runs }) => runs.map(run => run.id)).sort((a, b) => Number(a) - Number(b))).toEqual(ids)
    expect(found.flatMap(({ refused }) => refused)).toEqual([])
    await nextClock.advance(10)
  })
})

describe('what a store knows of a run without its journal (S3-32)', () => {
  it('is where it is, what it waits for, and its labels', async () => {
    const ask = new ApprovalRunnable<number>({ message: 'May I?' }).configure({ name: 'Ask' })
    const { store, run, clock } = begun(machine(fork('Fork', ask, slow('Slow', 50))), 7, { tags: { team: 'red' } })
    await clock.advance(0)
    expect(await store.get('r')).toMatchObject({ status: 'running', states: ['Ask', 'Slow'], tags: { team: 'red' } })
    expect((await store.requests()).requests).toMatchObject([{ runId: 'r', stateName: 'Ask', message: 'May I?' }])
    await run.approve('Ask')
    await clock.advance(0)
    expect(await store.get('r')).toMatchObject({ states: ['Slow'] })
    expect((await store.requests()).requests).toEqual([])
    await clock.advance(50)
    await run.result
    expect(await store.get('r')).toMatchObject({ status: 'completed', states: [] })
  })

  it('closes every request when the run ends', async () => {
    const ask = new ApprovalRunnable<number>().configure({ name: 'Ask' })
    const { store, run, clock } = begun(machine(fork('Fork', ask, fail('Broken'))), 7)
    await clock.advance(0)
    await rejection(run.result)
    expect((await store.requests()).requests).toEqual([])
    expect(await store.list({ openRequest: true })).toMatchObject({ runs: [] })
  })
})

describe('a join', () => {
  it('is in the journal with all that arrived, so that nothing before it is done again', async () => {
    const invoked: string[] = []
    const tell = (name: string, ms: number) =>
      step<number, string>(name, async (_, context) => {
        invoked.push(name)
        await context.sleep(ms)
        return name
      }).addAdvancer('Both')
    const make = () =>
      machine<number, readonly string[]>(
        fork('Fork', tell('A', 0), tell('B', 10)),
        new CollectRunnable<string>().configure({ name: 'Both' }),
      )
    const first = begun(make(), 1)
    await first.clock.advance(5)
    const second = await restarted(first, make())
    await second.clock.advance(10)
    expect(await second.run.result).toEqual(['A', 'B'])
    expect(invoked).toEqual(['A', 'B', 'B'])
  })
})
