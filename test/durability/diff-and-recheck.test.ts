import { IsInt } from 'class-validator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ApprovalRunnable,
  Approved,
  CollectRunnable,
  DelayRunnable,
  type Interceptor,
  type OrchestrationRunnable,
  type RunOptions,
  SignalRunnable,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { Journal, MemoryJournalStore } from '../../src/durability/index.js'
import { retry } from '../../src/resilience/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { fail, fork, Machine, pass, rejection, step } from '../core/machines.js'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'
import { build, Schedule } from '../core/reference/build.js'
import { type Parcel, programs } from '../core/reference/plan.js'
import { buildSketches, graphs, impatient } from '../core/reference/sketch.js'
import {
  add,
  approval,
  Draft,
  ended,
  everythingOf,
  fanOut,
  type Invoked,
  keep,
  linear,
  loop,
  nested,
  type Sample,
  Sum,
  timed,
  toEnd,
} from './recorded-runs.js'

type Numbers = OrchestrationRunnable<number, number>

function canRun(machine: Sample): boolean {
  try {
    return machine.graph.nodes.length > 0
  } catch {
    return false
  }
}

/** Two runs of the same store. */
async function two(a: Sample, inputA: unknown, b: Sample, inputB: unknown, optionsB: RunOptions = {}) {
  const first = await ended(a, inputA)
  const second = keep(b, inputB, { runId: 'other', ...optionsB }, first.store)
  await toEnd(second.run, second.clock)
  return first
}

describe('the difference between two runs (S1-63)', () => {
  it('is none between runs that did the same, whatever they are called', async () => {
    for (const [make, input] of [
      [linear, 1],
      [fanOut, 1],
      [loop, 0],
      [approval, Draft.of('T')],
      [nested, 1],
    ] as const) {
      const { journal } = await two(make(), input, make(), input)
      expect(await journal.diff('run', 'other')).toBeUndefined()
      expect(await journal.diff('run', 'run')).toBeUndefined()
    }
  })

  it('is none between runs that differ in their timing', async () => {
    const make = (slowest: string): Sample => {
      const gather = new CollectRunnable<string>().configure({ name: 'Gather' }) as OrchestrationRunnable<
        never,
        unknown
      >
      const branches = ['A', 'B', 'C'].map(name =>
        step<unknown, string>(name, async (_, context) => {
          await context.sleep(name === slowest ? 50 : 5)
          return name
        }).addAdvancer(gather as never),
      )
      return new Machine(fork('Fork', ...(branches as never[])) as never, gather) as unknown as Sample
    }
    const { journal, store } = await two(make('A'), 1, make('C'), 1)
    const order = async (id: string) => (await store.read(id)).map(({ data }) => data)
    expect(await order('run')).not.toEqual(await order('other'))
    expect(await journal.diff('run', 'other')).toBeUndefined()
  })

  it('is none where one came too late for a join that did not need it', async () => {
    const make = (ms: number): Sample => {
      const gather = new CollectRunnable<number>({ policy: 'any' }).configure({ name: 'Gather' }) as never
      const quick = pass<number>('Quick').addAdvancer(gather)
      // It pays no heed to being stopped.
      const late = step<number, number>('Late', async (n, context) => {
        for (let i = 0; i < ms; i++) await Promise.resolve()
        if (ms > 100) await context.sleep(100).catch(() => undefined)
        return n
      }).addAdvancer(gather)
      return new Machine(fork('Fork', quick as never, late as never) as never, gather) as unknown as Sample
    }
    const { journal } = await two(make(3), 1, make(101), 1)
    expect(await journal.diff('run', 'other')).toBeUndefined()
    expect(await journal.recheck('run')).toBeUndefined()
    expect(await journal.recheck('other')).toBeUndefined()
  })

  it('is none between runs that failed in the same way, one inside another included', async () => {
    const inside = new Machine<number, unknown>(fail('Broken') as OrchestrationRunnable<number, unknown>)
    const make = (): Sample =>
      new Machine(new SubOrchestrationRunnable(inside).configure({ name: 'Sub' }) as never) as unknown as Sample
    const { journal, status } = await two(make(), 1, make(), 1)
    expect(status).toBe('failed')
    expect(await journal.diff('run', 'other')).toBeUndefined()
    expect(await journal.recheck('run')).toBeUndefined()
  })

  it('is that of their inputs, if these differ, with the path to it', async () => {
    const { journal } = await two(approval(), Draft.of('T'), approval(), Draft.of('T', 5))
    expect(await journal.diff('run', 'other')).toEqual({
      kind: 'input',
      token: 'start',
      path: 'input.v.version',
      a: 1,
      b: 5,
      message: 'The input of step start differs at input.v.version: 1 in the first run, 5 in the second.',
    })
  })

  it('is the first output that differs, in the order of decisions and not of time', async () => {
    const make = (left: number, right: number, slowLeft: boolean): Sample => {
      const sum = new Sum().configure({ name: 'Sum' }) as Numbers
      const side = (name: string, by: number, ms: number): Numbers =>
        step<number, number>(name, async (n, context) => {
          await context.sleep(ms)
          return n + by
        }).addAdvancer(sum)
      const both = pass<number>('Fork').configure({ parallelAdvances: true }) as Numbers
      both.addAdvancer(side('L', left, slowLeft ? 50 : 5)).addAdvancer(side('R', right, 20))
      return new Machine(both) as Sample
    }
    const { journal } = await two(make(1, 1, true), 0, make(2, 2, false), 0)
    expect(await journal.diff('run', 'other')).toMatchObject({
      kind: 'output',
      token: '0:0.0:0',
      path: 'output',
      a: 1,
      b: 2,
    })
  })

  it('is the decision, with the path into what was handed on', async () => {
    const make = (to: 'Yes' | 'No', title: string): Sample => {
      const yes = pass<{ title: string }[]>('Yes')
      const no = pass<{ title: string }[]>('No')
      const start = pass<string>('Start')
      start.addAdvancer(
        () => true,
        to === 'Yes' ? yes : no,
        () => [{ title: 'same' }, { title }],
      )
      return new Machine(start, yes, no).configure({ name: 'Choice' }) as unknown as Sample
    }
    const elsewhere = await two(make('Yes', 'a'), 'x', make('No', 'a'), 'x')
    expect(await elsewhere.journal.diff('run', 'other')).toMatchObject({
      kind: 'decision',
      token: '0:0',
      path: 'moves[0].to',
      a: 'Yes',
      b: 'No',
    })
    const converted = await two(make('Yes', 'a'), 'x', make('Yes', 'b'), 'x')
    expect(await converted.journal.diff('run', 'other')).toMatchObject({
      kind: 'decision',
      path: 'moves[0].input[1].title',
      a: 'a',
      b: 'b',
    })
  })

  it('is the answer of a person, and what was sent', async () => {
    const first = keep(approval(), Draft.of('T'))
    const second = keep(approval(), Draft.of('T'), { runId: 'other' }, first.store)
    await first.clock.advance(0)
    await second.clock.advance(0)
    await first.run.approve('Check', { by: 'ann' })
    await second.run.reject('Check', { by: 'ann' })
    await toEnd(first.run, first.clock)
    await toEnd(second.run, second.clock)
    expect(await first.journal.diff('run', 'other')).toMatchObject({
      kind: 'answer',
      token: '0:1',
      path: 'approval.outcome',
      a: 'approved',
      b: 'rejected',
    })
  })

  it('is that a step ended in another way', async () => {
    const make = (breaks: boolean): Sample =>
      new Machine(pass('A').addAdvancer(breaks ? fail('B') : pass('B'))) as unknown as Sample
    const { journal } = await two(make(false), 1, make(true), 1)
    expect(await journal.diff('run', 'other')).toMatchObject({
      kind: 'outcome',
      token: '0:1',
      message: 'Step 0:1 was completed in the first run, and failed with "B broke" in the second.',
    })
  })

  it('is found inside of runs inside, before what comes of it outside', async () => {
    const make = (by: number): Sample => {
      const inside = new Machine<number, number>(add('I', [], by))
      return new Machine(
        (new SubOrchestrationRunnable(inside).configure({ name: 'Sub' }) as Numbers).addAdvancer(add('End', [])),
      ) as Sample
    }
    const { journal } = await two(make(1), 0, make(2), 0)
    expect(await journal.diff('run', 'other')).toMatchObject({ kind: 'output', token: '0:0/0:0', a: 1, b: 2 })
  })

  it('is none as far as both have come', async () => {
    const first = keep(approval(), Draft.of('T'))
    const second = keep(approval(), Draft.of('T'), { runId: 'other' }, first.store)
    await second.clock.advance(0)
    await toEnd(first.run, first.clock)
    expect(await first.journal.diff('run', 'other')).toBeUndefined()
    expect(await first.journal.diff('other', 'run')).toBeUndefined()
    second.run.cancel()
    await second.clock.advance(0)
    expect(await first.journal.diff('run', 'other')).toBeUndefined()
  })

  it('keeps keys that have a meaning in JavaScript apart like any others', async () => {
    const odd = (text: string): unknown => JSON.parse(text)
    for (const [a, b, path] of [
      ['{"__proto__":{}}', '{}', 'input.__proto__'],
      ['{"constructor":1}', '{}', 'input.constructor'],
      ['{"toString":{}}', '{"toString":{"x":1}}', 'input.toString.x'],
    ] as const) {
      const { journal } = await two(new Machine(pass('A')) as never, odd(a), new Machine(pass('A')) as never, odd(b))
      expect(await journal.diff('run', 'other')).toMatchObject({ kind: 'input', path })
    }
  })

  it('is asked of runs that are there', async () => {
    const { journal } = await ended(linear(), 1)
    expect(await rejection(journal.diff('run', 'nobody'))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })
})

class Worked {
  @IsInt() hours!: number
}

/** A join that a time limit fires, without the branch that is late. */
function impatientJoin(invoked: Invoked = []): Sample {
  const gather = new CollectRunnable<number>({ timeoutMs: 100, onInsufficient: 'proceed' }).configure({
    name: 'Gather',
  }) as never
  const late = step<number, number>('Late', async (n, context) => {
    await context.sleep(500)
    invoked.push('Late')
    return n
  }).addAdvancer(gather)
  return new Machine(
    fork(
      'Fork',
      add('A', invoked).addAdvancer(gather),
      late as never,
      add('B', invoked, 10).addAdvancer(gather),
    ) as never,
    gather,
  ) as unknown as Sample
}

/** Whether a branch that was worked on for longer had its delay later is decided by time. */
function racing(): Sample {
  const first = new CollectRunnable<string>({ policy: 'any' }).configure({ name: 'First' }) as never
  const branch = (name: string, work: number, delay: number): never => {
    const wait = new DelayRunnable<string>(delay).configure({ name: `${name}Wait` }).addAdvancer(first)
    return step<unknown, string>(`${name}Work`, async (_, context) => {
      await context.sleep(work)
      return name
    }).addAdvancer(wait as never) as never
  }
  return new Machine(fork('Fork', branch('Slow', 100, 5), branch('Quick', 10, 60)) as never, first) as unknown as Sample
}

function withRetry(): Sample {
  let attempts = 0
  const flaky = step<number, number>('Flaky', n => {
    if (++attempts < 3) throw new Error('not yet')
    return n + attempts
  })
  flaky.configure({ interceptors: [retry({ maxAttempts: 5, initialDelayMs: 100 })] } as never)
  return new Machine(flaky.addAdvancer(add('End', []))) as Sample
}

/** Advancers that wait, on the run's clock and elsewhere, and that read what states have written. */
function thoughtful(): Sample {
  const a = add('A', [])
  a.addAdvancer(
    async (_, context) => {
      await context.sleep(100)
      for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve))
      return (context.properties.get('total') as number) > 0
    },
    add('B', []),
    async (n, context) => {
      await context.sleep(5)
      return n * 10
    },
  )
  return new Machine(a) as Sample
}

/** A recorded run that is to be run again. */
type Recorded = readonly [
  name: string,
  make: (invoked?: Invoked) => Sample,
  input: unknown,
  options?: RunOptions,
  how?: 'approve' | 'silent',
]

const unchanged: readonly Recorded[] = [
  ['a line', linear, 1],
  ['a fan-out', fanOut, 1],
  ['a fan-out in layers', fanOut, 1, { scheduling: 'lockstep' }],
  ['a fan-out, one at a time', fanOut, 1, { maxConcurrency: 1 }],
  ['a loop', loop, 0],
  ['a loop that comes to its limit', loop, 0, { maxSteps: 3 }],
  ['approvals', approval, Draft.of('T')],
  ['runs inside', nested, 1],
  ['waits that nobody ends', timed, 5, {}, 'silent'],
  ['a join with a time limit', impatientJoin, 5, {}, 'silent'],
  ['delays that race', racing, 5],
  ['retries', withRetry, 5],
  ['advancers that take their time', thoughtful, 5],
  ['properties', linear, 1, { properties: { total: 40, list: [1, { a: new Date(0) }] } }],
  ['a time limit that was not reached', linear, 1, { timeoutMs: 5 }],
  ['an input that is refused', approval, { title: 1 } as never],
]

describe('running a recorded run through the present code (S1-63)', () => {
  it.each(unchanged.map(each => [each[0], each] as const))(
    'says nothing if nothing has changed: %s',
    async (_name, each) => {
      const [, make, input, options, how] = each
      const { journal, store } = await ended(make(), input, options, how)
      const before = await everythingOf(store)
      const invoked: Invoked = []
      const again = make(invoked).configure({ clock: new ManualClock() })
      expect(await new Journal(again, { store }).recheck('run')).toBeUndefined()
      expect(await journal.recheck('run')).toBeUndefined()
      expect(invoked).toEqual([])
      expect(await everythingOf(store)).toEqual(before)
      expect((await store.list()).runs).toHaveLength(1)
    },
  )

  it('says nothing of runs that were rejected, failed, timed out, were cancelled or are under way', async () => {
    const failing = (): Sample => new Machine(pass('A').addAdvancer(fail('B'))) as unknown as Sample
    const stuck = (): Sample => new Machine(pass('A').addAdvancer(() => false, pass('B'))) as unknown as Sample
    const throwing = (): Sample =>
      new Machine(
        pass('A').addAdvancer(() => {
          throw new Error('no idea')
        }, pass('B')),
      ) as unknown as Sample
    for (const make of [failing, stuck, throwing]) {
      const { journal, status } = await ended(make(), 1)
      expect(status).toBe('failed')
      expect(await journal.recheck('run')).toBeUndefined()
    }
    const outOfTime = keep(approval(), Draft.of('T'), { timeoutMs: 100 })
    await outOfTime.clock.advance(200)
    expect(outOfTime.run.status).toBe('failed')
    expect(await outOfTime.journal.recheck('run')).toBeUndefined()
    for (const cancelled of [false, true]) {
      for (const [make, input] of [
        [approval, Draft.of('T')],
        [nested, 1],
        [timed, 1],
        [racing, 1],
      ] as const) {
        const { journal, run, clock } = keep(make(), input)
        await clock.advance(20)
        expect(await journal.recheck('run')).toBeUndefined()
        if (cancelled) run.cancel('enough')
        await clock.advance(20)
        expect(await journal.recheck('run')).toBeUndefined()
      }
    }
  })

  it('says nothing of runs inside that ran out of time', async () => {
    const make = (): Sample => {
      const inside = new Machine<number, number>(
        new ApprovalRunnable<number>().configure({ name: 'Ask' }).addAdvancer(
          outcome => outcome instanceof Approved,
          add('I', []),
          ({ subject }) => subject,
        ) as never,
      ).configure({ timeoutMs: 50 }) as Machine<number, number>
      const sub = new SubOrchestrationRunnable(inside).configure({ name: 'Sub' }) as Numbers
      sub.onError(
        () => true,
        add('Instead', []),
        () => 1000,
      )
      return new Machine(sub.addAdvancer(add('End', []))) as Sample
    }
    const { journal, output } = await ended(make(), 1, {}, 'silent')
    expect(output).toBe(1001)
    expect(await journal.recheck('run')).toBeUndefined()
  })

  it('says nothing of a message that was the same as what the state was given', async () => {
    const make = (): Sample =>
      new Machine(
        (new SignalRunnable<number, number>().configure({ name: 'Ask' }) as Numbers).addAdvancer(add('End', [])),
      ) as Sample
    const { journal, run, clock } = keep(make(), 7)
    await clock.advance(0)
    await run.signal('Ask', 7)
    expect(await toEnd(run, clock)).toMatchObject({ output: 8 })
    expect(await journal.recheck('run')).toBeUndefined()
  })

  it(
    'says nothing of any run, whatever its timing was, and neither does the difference between two timings',
    async () => {
      const rules: fc.Arbitrary<RunOptions> = fc.record({
        failure: fc.constant('collect' as const),
        scheduling: fc.constantFrom('lockstep' as const, 'continuous' as const),
        maxConcurrency: fc.constantFrom(1, 3, Infinity),
        maxSteps: fc.constant(100_000),
      })
      const input: Parcel = { text: 'in', passes: [] }
      await fc.assert(
        fc.asyncProperty(programs, fc.nat(), rules, async (program, seed, options) => {
          const make = (schedule: number): Sample => build(program, new Schedule(schedule)) as unknown as Sample
          const { journal } = await two(make(seed), input, make(seed + 1), input, options)
          expect(await journal.diff('run', 'other')).toBeUndefined()
          expect(await journal.recheck('run')).toBeUndefined()
          expect(await journal.recheck('other')).toBeUndefined()
        }),
        { numRuns: propertyRuns(60) },
      )
      await fc.assert(
        fc.asyncProperty(graphs(impatient), fc.nat(), rules, async (graph, seed, options) => {
          const make = (): Sample => buildSketches(graph, new Schedule(seed), false) as unknown as Sample
          // One that cannot run is not what this is about.
          fc.pre(canRun(make()))
          const { journal } = await ended(make(), 1, { ...options, maxSteps: 40 })
          expect(await journal.recheck('run')).toBeUndefined()
        }),
        { numRuns: propertyRuns(60) },
      )
    },
    propertyTimeout(120),
  )

  /** Records a run with one definition, and runs it through another. */
  async function rechecked(recorded: Sample, input: unknown, present: Sample) {
    const { store, clock } = await ended(recorded.configure({ name: 'Changing' }), input)
    return new Journal(present.configure({ name: 'Changing', clock }), { store }).recheck('run')
  }

  it('names the step where an advancer decides differently, or converts differently', async () => {
    const choosing = (least: number, factor: number): Sample => {
      const a = add('A', [])
      const c = add('C', [])
      a.addAdvancer(
        n => n >= least,
        add('B', []),
        n => n * factor,
      ).addAdvancer(c)
      return new Machine(a) as Sample
    }
    expect(await rechecked(choosing(1, 1), 5, choosing(100, 1))).toMatchObject({
      kind: 'decision',
      token: '0:0',
      path: 'moves[0].to',
      a: 'B',
      b: 'C',
    })
    expect(await rechecked(choosing(1, 1), 5, choosing(1, 3))).toMatchObject({
      kind: 'decision',
      token: '0:0',
      path: 'moves[0].input',
      a: 6,
      b: 18,
    })
    expect(await rechecked(choosing(1, 1), 5, choosing(1, 1))).toBeUndefined()
  })

  it('names the step in one of many branches, also of a run that is still under way', async () => {
    const make = (least: number): Sample => {
      const waiting = new SignalRunnable<number, number>().configure({ name: 'Hold' }) as Numbers
      const choose = add('Choose', [])
      choose.addAdvancer(n => n >= least, add('Yes', [])).addAdvancer(add('No', []))
      return new Machine(fork('Fork', waiting as never, add('A', []).addAdvancer(choose) as never) as never).configure({
        name: 'Changing',
      }) as unknown as Sample
    }
    const { store, clock } = keep(make(1), 1)
    await clock.advance(0)
    const present = new Journal(make(100).configure({ clock }), { store })
    expect(await present.recheck('run')).toMatchObject({ kind: 'decision', token: '0:0.1:1', a: 'Yes', b: 'No' })
  })

  it('names the step from which a state has come in, has gone, or is called otherwise', async () => {
    const line = (...names: string[]): Sample => {
      const states = names.map(name => add(name, []))
      states.forEach((state, index) => {
        const next = states[index + 1]
        if (next !== undefined) state.addAdvancer(next)
      })
      return new Machine(states[0] as Numbers) as Sample
    }
    const cases = [
      [line('A', 'B', 'C'), line('A', 'B', 'New', 'C'), '0:1'],
      [line('A', 'B', 'C'), line('A', 'C'), '0:0'],
      [line('A', 'B', 'C'), line('A', 'B', 'Renamed'), '0:1'],
      [line('A', 'B', 'C'), line('A', 'B', 'C', 'D'), undefined],
    ] as const
    for (const [recorded, present, token] of cases) {
      const found = await rechecked(recorded, 1, present)
      // What comes after the last that was recorded cannot be told.
      if (token === undefined) expect(found?.token ?? '0:2').toBe('0:2')
      else expect(found).toMatchObject({ kind: 'decision', token })
    }
  })

  it('names the step whose value is of a class that is gone', async () => {
    const make = (type: (new () => object) | undefined): Sample => {
      const work = step<number, object>('Work', hours => Object.assign(new (type ?? Object)(), { hours }))
      if (type !== undefined) work.configure({ output: type } as never)
      return new Machine(pass<number>('A').addAdvancer(work as never)) as Sample
    }
    class Renamed {
      @IsInt() hours!: number
    }
    expect(await rechecked(make(Worked), 1, make(Worked))).toBeUndefined()
    expect(await rechecked(make(Worked), 1, make(Renamed))).toMatchObject({
      kind: 'outcome',
      token: '0:1',
      message: expect.stringContaining('Worked'),
    })
    const takes = (type: new () => object): Sample =>
      new Machine(pass('A').configure({ input: type, output: type } as never)) as unknown as Sample
    expect(await rechecked(takes(Worked), Object.assign(new Worked(), { hours: 1 }), takes(Renamed))).toMatchObject({
      kind: 'input',
      token: 'start',
      message: expect.stringContaining('Worked'),
    })
  })

  it('names what a person is asked now, and a result that is refused now', async () => {
    const ask = (message: string): Sample =>
      new Machine(
        new ApprovalRunnable<number>({ message }).configure({ name: 'Ask' }).addAdvancer(
          () => true,
          add('End', []),
          ({ subject }) => subject,
        ) as never,
      ) as Sample
    expect(await rechecked(ask('May I?'), 1, ask('Shall I?'))).toMatchObject({
      kind: 'input',
      token: '0:0',
      path: 'message',
    })
    const works = (output?: new () => object): Sample => {
      const machine = new Machine(step<number, object>('Work', hours => ({ hours })))
      return (output === undefined ? machine : machine.configure({ output } as never)) as unknown as Sample
    }
    class Strict {
      @IsInt() days!: number
    }
    expect(await rechecked(works(), 1, works(Strict))).toMatchObject({ kind: 'outcome', token: 'end' })
  })

  it('names the step inside of a run inside', async () => {
    const make = (by: number): Sample => {
      const first = add('I1', [])
      first.addAdvancer(
        () => true,
        add('I2', []),
        n => n + by,
      )
      const sub = new SubOrchestrationRunnable(new Machine<number, number>(first)).configure({ name: 'Sub' }) as Numbers
      return new Machine(add('A', []).addAdvancer(sub.addAdvancer(add('End', [])))) as Sample
    }
    expect(await rechecked(make(1), 1, make(2))).toMatchObject({ kind: 'decision', token: '0:1/0:0', a: 4, b: 5 })
  })

  it('asks nobody and takes no time: a delay of a year and an approval are over at once', async () => {
    const year = 365 * 86_400_000
    const make = (): Sample => {
      const ask = new ApprovalRunnable<number>({ timeoutMs: year }).configure({ name: 'Ask' }).addAdvancer(
        () => true,
        add('End', []),
        ({ subject }) => subject,
      )
      return new Machine(
        new DelayRunnable<number>(year).configure({ name: 'Wait' }).addAdvancer(ask as never) as Numbers,
      ) as Sample
    }
    const { store, run, clock } = keep(make(), 1)
    await clock.advance(0)
    await clock.advance(year)
    await clock.advance(year)
    expect(run.status).toBe('completed')
    const journal = new Journal(make(), { store })
    expect(await journal.recheck('run')).toBeUndefined()
    expect((await store.requests()).requests).toEqual([])
  })

  it('always ends: also where the present code waits for ever, goes round for ever, or has hooks that hang', async () => {
    const recorded = (): Sample => new Machine(add('A', []).addAdvancer(add('B', []))) as Sample
    const waiting = (): Sample => {
      const a = add('A', [])
      a.addAdvancer(add('B', []))
      return new Machine(a, new SignalRunnable<number, number>().configure({ name: 'Hold' }) as never) as Sample
    }
    const circling = (): Sample => {
      const a = add('A', [])
      const wait = new DelayRunnable<number>(1).configure({ name: 'Wait' }) as Numbers
      const more = new DelayRunnable<number>(1).configure({ name: 'More' }) as Numbers
      a.addAdvancer(wait)
      wait.addAdvancer(() => true, more)
      more.addAdvancer(() => true, wait).addAdvancer(() => false, add('B', []))
      return new Machine(a).configure({ maxSteps: Infinity }) as Sample
    }
    const hooked = (): Sample => {
      class Hooked extends Machine<number, number> {}
      const a = add('A', [])
      Object.assign(a, { cleanup: () => new Promise(() => undefined) })
      const logger = { warn() {} }
      return new Hooked(a.addAdvancer(add('B', []))).configure({ logger }) as Sample
    }
    expect(await rechecked(recorded(), 1, waiting())).toBeUndefined()
    expect(await rechecked(recorded(), 1, circling())).toMatchObject({ kind: 'decision', token: '0:0' })
    expect(await rechecked(recorded(), 1, hooked())).toBeUndefined()
  })

  it('does not touch a run that is being driven, and does not need it to be driven', async () => {
    const { store, run, clock, events } = keep(approval(), Draft.of('T'))
    await clock.advance(0)
    const heard = events.events.length
    expect(await new Journal(approval(), { store: store.reopen() }).recheck('run')).toBeUndefined()
    expect(events.events).toHaveLength(heard)
    expect(await toEnd(run, clock)).toMatchObject({ status: 'completed' })
  })

  it('is heard by nobody: neither listeners nor interceptors of the orchestration take it for a run', async () => {
    const { store, run, clock } = keep(linear(), Draft.of('T'))
    await toEnd(run, clock)
    const heard: string[] = []
    const interceptor: Interceptor = { around: (_call, next) => next(), onRunEnd: runId => void heard.push(runId) }
    const orchestration = linear().configure({ interceptors: [interceptor] })
    orchestration.events$.subscribe(event => heard.push(event.type))
    expect(await new Journal(orchestration, { store }).recheck('run')).toBeUndefined()
    expect(heard).toEqual([])
  })

  it('is asked of a run that is there', async () => {
    const journal = new Journal(linear(), { store: new MemoryJournalStore() })
    expect(await rejection(journal.recheck('nobody'))).toMatchObject({ code: 'RUN_UNKNOWN' })
  })
})
