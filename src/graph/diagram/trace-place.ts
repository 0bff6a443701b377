import type { RunTrace, StateTrace } from './run-trace.js'

/** What a trace has of the states inside of others, `at` these. */
export function here<T extends { readonly path: readonly string[] }>(
  at: readonly string[],
  items: readonly T[],
): readonly T[] {
  return items.filter(({ path }) => path.length === at.length && path.every((name, index) => name === at[index]))
}

/** What a trace has of the states there, by name. */
export function tracesAt(path: readonly string[], trace: RunTrace | undefined): ReadonlyMap<string, StateTrace> {
  return new Map(here(path, trace?.states ?? []).map(state => [state.stateName, state]))
}
