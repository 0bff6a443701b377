import type { ReadPlan } from './plan-reader.js'

/** The ids of the steps that have one, each once. */
export function stepIdsOf({ steps }: ReadPlan): readonly string[] {
  return [...new Set(steps.flatMap(({ stepId }) => (stepId === undefined ? [] : [stepId])))]
}

/** Whether the steps run in the order in which they are listed, rather than in that of their dependencies. */
export function runsInListedOrder({ strategy }: ReadPlan): boolean {
  return strategy === 'sequential' || strategy === 'loop'
}

/** By the id of a step that only stands in where others fail: the id of one of those. It does not run by itself. */
export function standInsOf({ steps }: ReadPlan): ReadonlyMap<string, string> {
  const ids = new Set(steps.map(({ stepId }) => stepId))
  const found = new Map<string, string>()
  for (const { stepId, fallback } of steps) {
    const stands = fallback !== undefined && fallback !== stepId && ids.has(fallback)
    if (stands && stepId !== undefined && !found.has(fallback)) found.set(fallback, stepId)
  }
  return found
}
