import type { Orchestration } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import {
  type AnyWork,
  asTarget,
  type PatternOptions,
  type Work,
  type WorkInput,
  type WorkOutput,
  workState,
} from './work.js'

/** At least one piece of work. */
export type Steps = readonly [AnyWork, ...AnyWork[]]

type LastOf<W extends Steps> = W extends readonly [...unknown[], infer L] ? L : never

/** Each step with what it has to take: what the one before it returns. */
export type Chained<W extends readonly unknown[], TBefore = never> = W extends readonly [infer F, ...infer R]
  ? readonly [F extends Work<TBefore, unknown> ? F : Work<TBefore, unknown>, ...Chained<R, WorkOutput<F>>]
  : readonly []

/**
 * One step after the other, each on the output of the one before.
 *
 * ```ts
 * const report = sequence([Planning, Research, (findings: Findings) => findings.summary])
 * ```
 */
export function sequence<const W extends Steps>(
  steps: W & Chained<W>,
  options: PatternOptions = {},
): Orchestration<WorkInput<W[0]>, WorkOutput<LastOf<W>>> {
  const works: readonly AnyWork[] = steps
  const states = works.map((work, index) => workState(`step ${index + 1}`, work as Work<unknown, unknown>))
  const [first, last] = [states[0], states.at(-1)]
  if (first === undefined || last === undefined) throw new OptionError('steps', 'at least one step', works)
  const builder = new OrchestrationBuilder<unknown, unknown>({ name: 'Sequence', ...options }).entry(asTarget(first))
  for (const [index, next] of states.entries()) {
    const before = states[index - 1]
    if (before !== undefined) builder.advance(before, asTarget(next))
  }
  return builder.output(last).build() as Orchestration<WorkInput<W[0]>, WorkOutput<LastOf<W>>>
}
