import type { JoinOptions, Orchestration } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { joinState, state } from '../state.js'
import { asTarget, type PatternOptions, type Work, workState } from './work.js'

/** What {@link parallel} is made of. */
export interface ParallelOptions<TIn, TItem, TOut> extends PatternOptions {
  /** What is done side by side, all on the same input. */
  readonly branches: readonly Work<TIn, TItem>[]
  /** Makes the result of what the branches return, in their order. */
  readonly combine: Work<readonly TItem[], TOut>
  /** How many branches it takes, and how long they may. @default all of them */
  readonly join?: JoinOptions
}

/** Several pieces of work side by side, whose outputs are combined (S4-31). */
export function parallel<TIn, TItem, TOut>({
  branches,
  combine,
  join = {},
  ...options
}: ParallelOptions<TIn, TItem, TOut>): Orchestration<TIn, TOut> {
  if (branches.length === 0) throw new OptionError('branches', 'at least one branch', branches)
  const start = state('start', (input: TIn) => input)
  const states = branches.map((work, index) => workState(`branch ${index + 1}`, work))
  const gather = joinState('gather', join, (items: readonly TItem[]) => items)
  const combining = workState('combine', combine)
  return new OrchestrationBuilder<TIn, TOut>({ name: 'Parallel', ...options })
    .entry(asTarget(start))
    .parallel(start, states.map(asTarget))
    .join(states, gather)
    .advance(gather, asTarget(combining))
    .output(combining)
    .build()
}
