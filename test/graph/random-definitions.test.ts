import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CollectRunnable,
  type JoinOptions,
  OrchestrationAdvancer,
  type OrchestrationRunnable,
  WiringError,
} from '../../src/core/index.js'
import { type VerificationReport, verify } from '../../src/graph/index.js'
import { EventRecorder, ManualClock } from '../../src/testing/index.js'
import { Machine, pass, step } from '../core/machines.js'
import { propertyRuns, propertyTimeout } from '../core/property-runs.js'
import { numberOf } from '../core/reference/plan.js'

type State = OrchestrationRunnable<unknown, unknown>

interface Sketch {
  readonly join: JoinOptions | undefined
  readonly parallel: boolean
  readonly deadEnd: boolean
  readonly fails: boolean
  readonly edges: readonly { readonly to: number; readonly always: boolean }[]
  readonly rescue: number | undefined
}

interface Definition {
  readonly sketches: readonly Sketch[]
  readonly result: number | undefined
}

const joins: fc.Arbitrary<JoinOptions> = fc.record({
  policy: fc.constantFrom('all' as const, 'any' as const, { quorum: 2 }, { quorum: 3 }),
  onInsufficient: fc.constantFrom('fail' as const, 'proceed' as const),
  cancelRest: fc.boolean(),
})

/** Definitions as somebody might get them wrong: ways without conditions, states that nothing leads to, joins anywhere. */
const definitions: fc.Arbitrary<Definition> = fc.integer({ min: 2, max: 7 }).chain(size =>
  fc.record({
    sketches: fc.array(
      fc.record({
        join: fc.option(joins, { nil: undefined, freq: 3 }),
        parallel: fc.boolean(),
        deadEnd: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
        fails: fc.integer({ min: 0, max: 7 }).map(n => n === 0),
        edges: fc.array(fc.record({ to: fc.nat(size - 1), always: fc.boolean() }), { maxLength: 3 }),
        rescue: fc.option(fc.nat(size - 1), { nil: undefined, freq: 4 }),
      }),
      { minLength: size, maxLength: size },
    ),
    result: fc.option(fc.nat(size - 1), { nil: undefined, freq: 3 }),
  }),
)

/** Never applies and does not say where it would lead, so that nothing can be known for certain of the graph before a run. */
class Perhaps extends OrchestrationAdvancer<unknown> {
  override shouldAdvance(): boolean {
    return false
  }
  getNextRunnable(): null {
    return null
  }
}

function build({ sketches, result }: Definition, vague: boolean): Machine<unknown, unknown> {
  const states = sketches.map(({ join, fails }, index): State => {
    const name = `S${index}`
    if (join !== undefined) return new CollectRunnable<unknown>(join).configure({ name }) as unknown as State
    return step<unknown, unknown>(name, (_, { token }) => {
      if (fails && numberOf(`fail ${token}`) % 3 === 0) throw new Error(`${name} failed`)
      return token
    })
  })
  for (const [index, { join, parallel, deadEnd, edges, rescue }] of sketches.entries()) {
    const state = states[index] as State
    state.configure({ parallelAdvances: parallel, allowDeadEnd: deadEnd })
    for (const [way, { to, always }] of edges.entries()) {
      const target = states[to] as State
      if (always && vague) state.addAdvancer(() => true, target)
      else if (always) state.addAdvancer(target)
      else state.addAdvancer((_, { token }) => numberOf(`${token} ${way}`) % 2 === 0, target)
    }
    if (rescue !== undefined && join === undefined) state.onError(states[rescue] as State)
  }
  const first = states[0] as State
  // Another end that nothing leads to, for otherwise a graph without any would still be refused.
  const others = vague ? [...states, pass('Spare')] : states
  const machine = new Machine(vague ? pass('Vague').addAdvancer(new Perhaps()).addAdvancer(first) : first, ...others)
  if (result !== undefined) machine.resultRunnable = states[result] as State
  return machine
}

/** What a run comes to that is not stopped by what can be known before it. */
async function observe(definition: Definition, failure: 'failFast' | 'collect') {
  const run = build(definition, true).start(1, { clock: new ManualClock(), maxSteps: 60, failure })
  const events = new EventRecorder(run)
  await run.result.catch(() => undefined)
  return { status: run.status, states: new Set(events.states), fired: events.ofType('join.fired') }
}

function named(report: VerificationReport, code: string): readonly (string | undefined)[] {
  return report.findings.filter(finding => finding.code === code).map(({ stateName }) => stateName)
}

describe('what verify() finds in a random definition', () => {
  it(
    'holds in its runs: nothing refused completes, nothing unreachable starts, nothing starving fires with enough',
    async () => {
      let refused = 0
      let completed = 0
      await fc.assert(
        fc.asyncProperty(
          definitions,
          fc.constantFrom('failFast' as const, 'collect' as const),
          async (definition, failure) => {
            const report = verify(build(definition, false))
            const { status, states, fired } = await observe(definition, failure)
            if (status === 'completed') completed++
            if (!report.ok) {
              refused++
              expect(report.errors.map(({ code }) => code)).not.toContain('TYPE_MISMATCH')
              expect(() => build(definition, false).graph).toThrow(WiringError)
              // An error is about every run that comes to the state it names, or about every run.
              const about = report.errors.filter(
                ({ code, stateName = '' }) => code === 'NO_PATH_TO_RESULT' || states.has(stateName),
              )
              if (about.length > 0) expect(status).toBe('failed')
            }
            for (const name of named(report, 'UNREACHABLE_STATE')) expect(states).not.toContain(name)
            for (const name of named(report, 'DEAD_END')) if (states.has(name as string)) expect(status).toBe('failed')
            if (named(report, 'NO_PATH_TO_RESULT').length > 0) expect(status).toBe('failed')
            for (const name of named(report, 'JOIN_OF_ONE')) {
              for (const { stateName, branches } of fired) if (stateName === name) expect(branches).toHaveLength(1)
            }
            for (const name of named(report, 'JOIN_STARVES')) {
              const quorum = definition.sketches[Number(name?.slice(1))]?.join?.policy as { readonly quorum: number }
              for (const { stateName, branches } of fired) {
                if (stateName === name) expect(branches.length).toBeLessThan(quorum.quorum)
              }
            }
          },
        ),
        { numRuns: propertyRuns(500) },
      )
      expect(refused).toBeGreaterThan(20)
      expect(completed).toBeGreaterThan(20)
    },
    propertyTimeout(500),
  )
})
