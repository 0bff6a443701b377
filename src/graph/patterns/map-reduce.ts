import type { JoinOptions, Orchestration } from '../../core/index.js'
import { OrchestrationBuilder } from '../orchestration-builder.js'
import { asTarget, type PatternOptions, type Work, workState } from './work.js'

/** What {@link mapReduce} is made of. */
export interface MapReduceOptions<TIn, TItem, TMapped, TOut> extends PatternOptions {
  /** Makes the items of the input. */
  readonly split: Work<TIn, readonly TItem[]>
  /** What is done with each item, side by side; `maxConcurrency` bounds how many at once. */
  readonly map: Work<TItem, TMapped>
  /** Makes the result of what was made of the items, in their order; of an empty array if there were none. */
  readonly reduce: Work<readonly TMapped[], TOut>
  /** How many items it takes, and how long they may. @default all of them */
  readonly join?: JoinOptions
}

/** The same work on each of any number of items, side by side, and a result made of all outputs (S4-31). */
export function mapReduce<TIn, TItem, TMapped, TOut>({
  split,
  map,
  reduce,
  join = {},
  ...options
}: MapReduceOptions<TIn, TItem, TMapped, TOut>): Orchestration<TIn, TOut> {
  const splitting = workState('split', split)
  const mapping = workState('map', map)
  const reducing = workState('reduce', reduce)
  // Its steps follow from the number of items; it has no loop that would have to be bounded.
  return new OrchestrationBuilder<TIn, TOut>({ name: 'MapReduce', maxSteps: Infinity, ...options })
    .entry(asTarget(splitting))
    .each(splitting, items => items, mapping, { ...join, into: asTarget(reducing) })
    .output(reducing)
    .build()
}
