import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  type Durability,
  type Orchestration,
  type OrchestrationEvent,
  type RunOptions,
  SubOrchestrationRunnable,
} from '../../src/core/index.js'
import { fork, Machine } from '../core/machines.js'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'
import { build, type Schedule } from '../core/reference/build.js'
import { type Parcel, programs } from '../core/reference/plan.js'
import { buildSketches, graphs, impatient } from '../core/reference/sketch.js'
import { type LivedRun, type Living, livedThrough, observed } from './lives.js'
import type { Death } from './probed-store.js'

const input: Parcel = { text: 'in', passes: [] }

/** Deaths at any commit; one that a process never comes to does not happen. */
const deaths = fc.array(fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), written: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
})

const rules: fc.Arbitrary<RunOptions> = fc.record({
  failure: fc.constant('collect' as const),
  scheduling: fc.constantFrom('lockstep' as const, 'continuous' as const),
  maxConcurrency: fc.constantFrom(1, 2, Infinity),
  snapshotEvery: fc.constantFrom(1, 3, 500),
  maxSteps: fc.constant(100_000),
})

/** Lives through a run without a crash, then with these. */
async function bothWays(living: Living, shares: readonly { readonly share: number; readonly written: boolean }[]) {
  const whole = await livedThrough(living, [])
  const crashed = await livedThrough(
    living,
    shares.map(({ share, written }): Death => ({ commit: 1 + Math.floor(share * (whole.commits - 1)), written })),
  )
  return { whole, crashed }
}

/** What does not depend on who was quicker. */
function essence({ events }: LivedRun): readonly string[] {
  return events
    .filter(event => event.type !== 'orchestration.resumed')
    .map(event => {
      const rest = { ...event, seq: 0, at: 0 }
      if (rest.type === 'join.waiting') return JSON.stringify({ ...rest, arrived: 0 })
      // Which of several failures comes first is a matter of time.
      if (rest.type === 'orchestration.failed') return rest.type
      if (rest.type === 'state.failed') return JSON.stringify({ ...rest, error: 0, errorMessage: 0 })
      return JSON.stringify(rest)
    })
    .sort()
}

function numbersAreWhole({ events }: LivedRun): void {
  expect(events.map(event => event.seq)).toEqual([...events.keys()])
}

/** What a process was told has happened, and stays so. */
function nothingWasTakenBack({ lives, events }: LivedRun): void {
  for (const life of lives) {
    expect(life.events).toEqual(events.slice(life.events[0]?.seq, (life.events.at(-1)?.seq ?? -1) + 1))
  }
}

function nothingCommittedIsDoneAgain({ lives }: LivedRun): void {
  for (const { done, committed } of lives) expect(done.filter(each => committed.has(each))).toEqual([])
}

async function reopens(living: Living, { store, status, results, events }: LivedRun): Promise<void> {
  const orchestration = living.make(undefined as never)
  const again = await orchestration.resume('run', { store: store.reopen() })
  await again.result.catch(() => undefined)
  expect({ status: again.status, results: again.results }).toEqual({ status, results })
  for (const from of [1, events.length >> 1, events.length - 1]) {
    expect(await observed(orchestration, store.reopen(), from)).toEqual(events.slice(from))
  }
}

/** The orchestration as two states that run side by side, so many times. */
function nested(make: (schedule: Schedule) => Orchestration<never, unknown>, depth: number) {
  return (schedule: Schedule): Orchestration<never, unknown> => {
    if (depth === 0) return make(schedule)
    const inner = nested(make, depth - 1)
    const [left, right] = ['Left', 'Right'].map(name =>
      new SubOrchestrationRunnable(
        inner(schedule).configure({ failure: 'collect', maxSteps: 100_000 }) as Orchestration<unknown, unknown>,
      )
        .configure({ name: `${name}${depth}` })
        .addAdvancer(`Both${depth}`),
    ) as [SubOrchestrationRunnable<unknown, unknown>, SubOrchestrationRunnable<unknown, unknown>]
    const both = new CollectRunnable<unknown>().configure({ name: `Both${depth}` })
    return new Machine<never, unknown>(fork(`Fork${depth}`, left, right), both)
  }
}

describe('a run whose process dies at any of its commits, again and again (S3-30, S3-31, S1-59, S2-15)', () => {
  it(
    'ends as one that nothing happened to, with the same events; what was committed is not done again',
    async () => {
      await fc.assert(
        fc.asyncProperty(programs, fc.nat(), rules, deaths, async (program, seed, options, shares) => {
          const living: Living = { make: schedule => build(program, schedule), input, seed, options }
          const { whole, crashed } = await bothWays(living, shares)
          const { status, results, failures } = whole
          expect(crashed).toMatchObject({ status, results, failures })
          expect(essence(crashed)).toEqual(essence(whole))
          numbersAreWhole(crashed)
          nothingWasTakenBack(crashed)
          nothingCommittedIsDoneAgain(crashed)
          await reopens(living, crashed)
        }),
        { numRuns: propertyRuns(150) },
      )
    },
    propertyTimeout(150),
  )

  it(
    'does so too with runs inside it, at each level of them',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          programs,
          fc.integer({ min: 1, max: 2 }),
          fc.nat(),
          rules,
          deaths,
          async (program, depth, seed, options, shares) => {
            const make = nested(schedule => build(program, schedule), depth)
            const living: Living = { make, input, seed, options }
            const { whole, crashed } = await bothWays(living, shares)
            const { status, results, failures } = whole
            expect(crashed).toMatchObject({ status, results })
            // The error of a run inside names the first failure in it.
            expect(crashed.failures).toHaveLength(failures.length)
            expect(essence(crashed)).toEqual(essence(whole))
            numbersAreWhole(crashed)
            nothingWasTakenBack(crashed)
            nothingCommittedIsDoneAgain(crashed)
            await reopens(living, crashed)
          },
        ),
        { numRuns: propertyRuns(60) },
      )
    },
    propertyTimeout(60),
  )

  it(
    'does so too where commits may come late, except that what was lost is told anew',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          programs,
          fc.nat(2),
          fc.nat(),
          rules,
          fc.constantFrom<Durability>('async', 'exit'),
          deaths,
          async (program, depth, seed, options, durability, shares) => {
            const living: Living = {
              make: nested(schedule => build(program, schedule), depth),
              input,
              seed,
              options: { ...options, durability },
            }
            const { whole, crashed } = await bothWays(living, shares)
            const { status, results, failures } = whole
            expect(crashed).toMatchObject({ status, results })
            expect(crashed.failures).toHaveLength(failures.length)
            expect(essence(crashed)).toEqual(essence(whole))
            numbersAreWhole(crashed)
            // Only those who live on are told what stays.
            nothingWasTakenBack(whole)
            nothingWasTakenBack({ ...crashed, lives: crashed.lives.slice(-1) })
            nothingCommittedIsDoneAgain(crashed)
          },
        ),
        { numRuns: propertyRuns(60) },
      )
    },
    propertyTimeout(60),
  )

  it(
    'ends, with a whole and consistent journal, whatever its graph and its joins are, and whether it fails or not',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          graphs(impatient),
          fc.nat(),
          fc.record({
            failure: fc.constantFrom('failFast' as const, 'collect' as const),
            scheduling: fc.constantFrom('lockstep' as const, 'continuous' as const),
            maxConcurrency: fc.constantFrom(1, 2, Infinity),
            snapshotEvery: fc.constantFrom(1, 3, 500),
            maxSteps: fc.constant(100),
          }),
          deaths,
          async (sketches, seed, options, shares) => {
            const make = (schedule: Schedule) =>
              buildSketches(sketches, schedule, true) as Orchestration<never, unknown>
            const living: Living = { make, input: 1, seed, options }
            const { crashed } = await bothWays(living, shares)
            numbersAreWhole(crashed)
            nothingWasTakenBack(crashed)
            nothingCommittedIsDoneAgain(crashed)
            const started = crashed.events.flatMap((event: OrchestrationEvent) =>
              event.type === 'state.started' ? event.token : [],
            )
            expect(new Set(started).size).toBe(started.length)
            await reopens(living, crashed)
          },
        ),
        { numRuns: propertyRuns(150) },
      )
    },
    propertyTimeout(150),
  )
})
