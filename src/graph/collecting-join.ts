import type { JoinOptions, JoinRunnable } from '../core/index.js'
import { joinState } from './state.js'

/** Stands in for an item where there are none: somebody has to arrive at a join. */
export const nothing = Symbol('nothing')

/** What arrives at a collecting join. */
export type Collected = unknown

/** A join that hands on what arrived, in the order of the branches; an empty array if nothing was sent. */
export function collectingJoin(name: string, options: JoinOptions): JoinRunnable<Collected, readonly unknown[]> {
  return joinState(name, options, (items: readonly unknown[]) => items.filter(item => item !== nothing))
}
