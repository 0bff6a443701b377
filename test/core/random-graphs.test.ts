import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  type JoinOptions,
  OrchestrationAdvancer,
  OrchestrationFailedError,
  type OrchestrationRunnable,
  type RunOptions,
  WiringError,
} from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { Machine, pass, step } from './machines.js'
import { propertyRuns, propertyTimeout } from './property-runs.js'
import { Schedule } from './reference/build.js'
import { numberOf } from './reference/plan.js'

type State = OrchestrationRunnable<unknown, unknown>

interface Sketch {
  readonly join: JoinOptions | undefined
  readonly parallel: boolean
  readonly fails: boolean
  readonly edges: readonly { readonly to: number; readonly always: boolean }[]
}

const impatient: fc.Arbitrary<JoinOptions> = fc.record({
  policy: fc.constantFrom('all' as const, 'any' as const, { quorum: 2 }),
  onInsufficient: fc.constantFrom('fail' as const, 'proceed' as const),
  cancelRest: fc.boolean(),
  timeoutMs: fc.constantFrom(5, 50),
})

/** Graphs without any structure: edges lead anywhere, joins too, also back. */
function graphs(joins: fc.Arbitrary<JoinOptions>, failing = true): fc.Arbitrary<readonly Sketch[]> {
  return fc.integer({ min: 2, max: 9 }).chain(size =>
    fc.array(
      fc.record({
        join: fc.option(joins, { nil: undefined, freq: 3 }),
        parallel: fc.boolean(),
        fails: failing ? fc.integer({ min: 0, max: 5 }).map(n => n === 0) : fc.constant(false),
        edges: fc.array(fc.record({ to: fc.nat(size - 1), always: fc.boolean() }), { maxLength: 3 }),
      }),
      { minLength: size, maxLength: size },
    ),
  )
}

/** Never applies and does not say where it would lead, so that nothing can be known for certain of the graph before a run. */
class Perhaps extends OrchestrationAdvancer<unknown> {
  override shouldAdvance(): boolean {
    return false
  }
  getNextRunnable(): null {
    return null
  }
}

/** @param vague whether to keep the definition from being refused, whatever is wrong with it */
function build(sketches: readonly Sketch[], schedule: Schedule, vague: boolean): Machine<unknown, unknown> {
  const states = sketches.map(({ join, fails }, index): State => {
    const name = `${join === undefined ? 'S' : 'J'}${index}`
    if (join !== undefined) return new CollectRunnable<unknown>(join).configure({ name }) as unknown as State
    return step<unknown, unknown>(name, (_, context) =>
      schedule.after('work', context, () => {
        if (fails && numberOf(`fail ${context.token}`) % 4 === 0) throw new Error(`${name} failed`)
        return context.token
      }),
    )
  })
  for (const [index, { parallel, edges }] of sketches.entries()) {
    const state = states[index] as State
    state.configure({ parallelAdvances: parallel, allowDeadEnd: true })
    for (const [way, { to, always }] of edges.entries()) {
      const target = states[to] as State
      state.addAdvancer(
        (_, context) =>
          schedule.after(`way ${way}`, context, () => always || numberOf(`${context.token} ${way}`) % 2 === 0),
        target,
      )
    }
  }
  const first = states[0] as State
  return new Machine(vague ? pass('Vague').addAdvancer(new Perhaps()).addAdvancer(first) : first, ...states)
}

/** Whether the definition can be seen to fail before it runs. */
function isRefused(sketches: readonly Sketch[]): boolean {
  try {
    return build(sketches, new Schedule(0), false).graph === undefined
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WiringError)
    return true
  }
}

async function observe(sketches: readonly Sketch[], seed: number, options: RunOptions, vague = false) {
  const clock = new ManualClock()
  const run = build(sketches, new Schedule(seed), vague).start(1, { clock, maxSteps: 150, ...options })
  const events = new EventRecorder(run)
  let error: unknown
  run.result.catch(thrown => {
    error = thrown
  })
  for (let turns = 0; run.status !== 'completed' && run.status !== 'failed'; turns++) {
    if (turns > 300) throw new Error(`The run hangs. It last said: ${JSON.stringify(events.events.slice(-5))}`)
    await clock.advance(50)
  }
  await clock.advance(0)
  // Anything else would be a fault of the engine.
  if (run.status === 'failed') expect(error).toBeInstanceOf(OrchestrationFailedError)
  expect(events.events.map(event => event.seq)).toEqual([...events.events.keys()])
  expect(clock.pendingTimers).toBe(0)
  const tokens = events.ofType('state.started').map(event => `${event.token} ${event.stateName}`)
  expect(new Set(tokens).size).toBe(tokens.length)
  const over = events.ofType('branch.completed').map(event => event.branch)
  expect(new Set(over).size).toBe(over.length)
  const endless =
    error instanceof OrchestrationFailedError && error.errors.some(each => each.message.includes('never completes'))
  return { endless, results: run.results, tokens: tokens.sort(), status: run.status }
}

describe('a random graph without any structure', () => {
  it(
    'ends, also if it would be refused; numbers its events without gaps, and gives no token twice, whatever its joins do',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          graphs(impatient),
          fc.nat(),
          fc.record({
            failure: fc.constantFrom('failFast' as const, 'collect' as const),
            scheduling: fc.constantFrom('lockstep' as const, 'continuous' as const),
            maxConcurrency: fc.constantFrom(1, 2, Infinity),
          }),
          async (sketches, seed, options) => {
            // What is refused may still complete on a way that avoids the fault; it has to end all the same.
            await observe(sketches, seed, options, isRefused(sketches))
          },
        ),
        { numRuns: propertyRuns(300) },
      )
    },
    propertyTimeout(300),
  )

  it(
    'gives the same tokens and results whatever the timing, if its joins wait for all',
    async () => {
      await fc.assert(
        fc.asyncProperty(graphs(fc.constant({}), false), fc.integer({ min: 1 }), async (sketches, seed) => {
          const first = await observe(sketches, 0, { failure: 'collect' })
          fc.pre(!first.endless)
          expect(await observe(sketches, seed, { failure: 'collect' })).toEqual(first)
          expect(await observe(sketches, seed + 1, { failure: 'collect', scheduling: 'lockstep' })).toEqual(first)
        }),
        { numRuns: propertyRuns(200) },
      )
    },
    propertyTimeout(200),
  )
})
