import type { OptionNames } from '../errors/internal.js'
import type { BaseGraphState, KeptProperty } from './base-graph-state.js'

/**
 * Makes one value of what the members of a group have made of a property.
 *
 * @param base what it was before the group
 * @param values what those made of it who have changed it, in the order of the group
 */
export type StateReducer<T> = (base: T, values: readonly T[]) => T

/** Reducers by the name of the property. What the orchestrator keeps by itself it also merges by itself. */
export type MergeRules<S extends BaseGraphState> = {
  readonly [K in Exclude<keyof S, KeptProperty>]?: StateReducer<S[K]>
}

/** How a parallel group behaves. */
export interface ParallelGroupOptions<S extends BaseGraphState> {
  /**
   * What makes one value where a member has changed a property. Without a reducer a property may be changed by one member, or by several
   * to the same value; anything else fails the group with `STAGE_CONFLICT`. `nodeReports` and `context` are merged key by key.
   * @default none
   */
  readonly merge?: MergeRules<S>
  /**
   * What the failure of a member does: fail the run at once, or let the group go on with the others; then `nodeReports` has
   * `{ error }` for the member. A group of which all fail, fails. @default 'fail'
   */
  readonly onFailure?: 'fail' | 'proceed'
}

/** Every key of {@link ParallelGroupOptions}. */
export const groupOptionNames: OptionNames<ParallelGroupOptions<BaseGraphState>> = { merge: true, onFailure: true }

/**
 * A reducer for lists: what each member has added at the end, in the order of the group.
 * @throws RangeError if a member has done anything else to the list
 */
export function concat<T>(base: readonly T[] | undefined, values: readonly (readonly T[] | undefined)[]): T[] {
  const start = base ?? []
  const added = values.flatMap((list = []) => {
    const kept = start.every((item, at) => JSON.stringify(item) === JSON.stringify(list[at]))
    if (!kept || list.length < start.length) {
      throw new RangeError('concat() merges lists that members only add to, but one has changed what was in its list')
    }
    return list.slice(start.length)
  })
  return [...start, ...added]
}
