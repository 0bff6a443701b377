import type { OrchestrationRunnable } from '../../core/index.js'
import { OptionError } from '../../errors/index.js'
import type { RoutedState } from '../outcomes.js'
import type { RoundOptions } from './loop-until.js'
import { asTarget } from './work.js'

/** Where the loop of a pattern leads when its rounds are used up. @throws OPTION_INVALID */
export function exhaustion<T>(
  onExhausted: NonNullable<RoundOptions['onExhausted']>,
  end: OrchestrationRunnable<T, unknown>,
): { readonly exhausted?: RoutedState<T> } {
  if (onExhausted === 'proceed') return { exhausted: asTarget(end) }
  if (onExhausted !== 'fail') throw new OptionError('onExhausted', "'fail' or 'proceed'", onExhausted)
  return {}
}

/** What a run may take unless it is told otherwise, as everywhere. */
const usualSteps = 1000

/** Room for as many steps as all rounds of a pattern take: the bound that ends it is the one it was given. */
export function roomFor(steps: number): { readonly maxSteps: number } {
  return { maxSteps: Math.max(usualSteps, steps) }
}
