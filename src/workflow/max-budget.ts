import type { RunOptions } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { maxBudgetKey } from './compile/state-names.js'

/** @internal @throws OPTION_INVALID */
export function checkedBudget(maxBudget: unknown): number {
  if (typeof maxBudget === 'number' && Number.isFinite(maxBudget) && maxBudget >= 0) return maxBudget
  throw new OptionError('maxBudget', 'a number of at least 0', maxBudget)
}

/**
 * The options that start a run of a compiled workflow with a limit of its own on what it may cost (S2-24): 0 means nothing. The limit is
 * kept with the run, and holds when it is taken up later.
 *
 * ```ts
 * orchestration.start(input, { ...withMaxBudget(1), store })
 * ```
 * @throws OPTION_INVALID
 */
export function withMaxBudget(maxBudget: number): Pick<RunOptions, 'properties'> {
  return { properties: { [maxBudgetKey]: checkedBudget(maxBudget) } }
}
