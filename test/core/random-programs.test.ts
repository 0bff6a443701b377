import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrchestrationFailedError, RunOptions } from '../../src/core/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { propertyRuns, propertyTimeout } from './property-runs.js'
import { build, Schedule } from './reference/build.js'
import { Interpreter } from './reference/interpreter.js'
import { type Parcel, type Program, programs } from './reference/plan.js'

const input: Parcel = { text: 'in', passes: [] }

async function observe(program: Program, seed: number, options: RunOptions) {
  const clock = new ManualClock()
  const run = build(program, new Schedule(seed)).start(input, { clock, maxSteps: 100_000, ...options })
  const events = new EventRecorder(run)
  let failures: readonly string[] = []
  run.result.catch((error: OrchestrationFailedError) => {
    failures = error.errors.flatMap(({ message }) => {
      if (message.includes('ended without output')) return []
      return [
        /^Join "(.*)" did not get/.test(message) ? message.replace(/^Join "(.*?)".*/s, '$1 got too few') : message,
      ]
    })
  })
  for (let turns = 0; run.status !== 'completed' && run.status !== 'failed'; turns++) {
    if (turns > 1000) throw new Error(`The run hangs. It last said: ${JSON.stringify(events.events.slice(-5))}`)
    await clock.advance(100)
  }
  await clock.advance(0)
  expect(events.events.map(event => event.seq)).toEqual([...events.events.keys()])
  expect(clock.pendingTimers).toBe(0)
  return {
    status: run.status,
    results: run.results,
    failures: [...failures].sort(),
    tokens: events
      .ofType('state.started')
      .map(event => `${event.token} ${event.stateName}`)
      .sort(),
    events: events.events.length,
  }
}

describe('a random program of chains, choices, loops, fan-outs, joins, dead ends and failures', () => {
  it(
    'does what a recursive reference interpreter does, with the same tokens, whatever the timing and the scheduling',
    async () => {
      await fc.assert(
        fc.asyncProperty(programs, fc.integer({ min: 1 }), async (program, seed) => {
          const { results, failures, tokens } = Interpreter.predict(program, input)
          const status = failures.length > 0 || results.length === 0 ? 'failed' : 'completed'
          const collect: RunOptions = { failure: 'collect' }
          const first = await observe(program, 0, collect)
          expect(first).toMatchObject({ status, results, failures, tokens })
          expect(await observe(program, seed, collect)).toEqual(first)
          expect(await observe(program, seed + 1, { ...collect, maxConcurrency: 2 })).toEqual(first)
          expect(await observe(program, seed + 2, { ...collect, scheduling: 'lockstep' })).toEqual(first)
        }),
        { numRuns: propertyRuns(200) },
      )
    },
    propertyTimeout(200),
  )

  it(
    'fails at the first failure with failFast, and otherwise gives the same output',
    async () => {
      await fc.assert(
        fc.asyncProperty(programs, fc.integer({ min: 1 }), async (program, seed) => {
          const collected = await observe(program, 0, { failure: 'collect' })
          const fast = await observe(program, seed, {})
          const absorbed = await observe(program, 0, {})
          expect(fast.status).toBe(absorbed.status)
          if (fast.status === 'completed') expect(fast).toEqual(collected)
          else if (collected.failures.length > 0) expect(fast.failures).toHaveLength(1)
        }),
        { numRuns: propertyRuns(200) },
      )
    },
    propertyTimeout(200),
  )
})
