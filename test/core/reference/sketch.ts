import fc from 'fast-check'
import {
  type JoinOptions,
  JoinRunnable,
  OrchestrationAdvancer,
  type OrchestrationRunnable,
} from '../../../src/core/index.js'
import { Machine, pass, step } from '../machines.js'
import type { Schedule } from './build.js'
import { numberOf } from './plan.js'

type State = OrchestrationRunnable<unknown, unknown>

/** One state of a graph without any structure. */
export interface Sketch {
  readonly join: JoinOptions | undefined
  readonly parallel: boolean
  readonly fails: boolean
  readonly edges: readonly { readonly to: number; readonly always: boolean }[]
}

/** Joins that may give up, or go on without waiting for all. */
export const impatient: fc.Arbitrary<JoinOptions> = fc.record({
  policy: fc.constantFrom('all' as const, 'any' as const, { quorum: 2 }),
  onInsufficient: fc.constantFrom('fail' as const, 'proceed' as const),
  cancelRest: fc.boolean(),
  timeoutMs: fc.constantFrom(5, 50),
})

/** Graphs without any structure: edges lead anywhere, joins too, also back. */
export function graphs(joins: fc.Arbitrary<JoinOptions>, failing = true): fc.Arbitrary<readonly Sketch[]> {
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

/** What it returns does not grow in a loop, however often it takes in what it has returned. */
class Gather extends JoinRunnable<unknown, unknown> {
  readonly #options: JoinOptions

  constructor(options: JoinOptions) {
    super()
    this.#options = options
  }

  override get joinOptions(): JoinOptions {
    return this.#options
  }

  join(items: readonly unknown[]): string {
    return `${items.length} of ${numberOf(items.join())}`
  }
}

/**
 * The sketches as an orchestration.
 *
 * @param vague whether to keep the definition from being refused, whatever is wrong with it
 */
export function buildSketches(
  sketches: readonly Sketch[],
  schedule: Schedule,
  vague: boolean,
): Machine<unknown, unknown> {
  const states = sketches.map(({ join, fails }, index): State => {
    const name = `${join === undefined ? 'S' : 'J'}${index}`
    if (join !== undefined) return new Gather(join).configure({ name }) as State
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
