import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrchestrationFailedError, type RunOptions, WiringError } from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { propertyRuns, propertyTimeout } from './property-runs.js'
import { Schedule } from './reference/build.js'
import { buildSketches, graphs, impatient, type Sketch } from './reference/sketch.js'

/** Whether the definition can be seen to fail before it runs. */
function isRefused(sketches: readonly Sketch[]): boolean {
  try {
    return buildSketches(sketches, new Schedule(0), false).graph === undefined
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WiringError)
    return true
  }
}

async function observe(sketches: readonly Sketch[], seed: number, options: RunOptions, vague = false) {
  const clock = new ManualClock()
  const run = buildSketches(sketches, new Schedule(seed), vague).start(1, { clock, maxSteps: 150, ...options })
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
