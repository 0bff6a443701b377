import type { AdvanceCondition, OutputConverter, RunnableRef } from '../core/index.js'
import { FunctionAdvancer } from '../core/internal.js'
import { OptionError } from '../errors/index.js'

/** When a transition applies and what it hands on, whatever the types. */
export interface Way {
  /** Without a condition it is known always to apply, which one with a condition that is always true is not. */
  readonly when?: AdvanceCondition<never> | undefined
  readonly convert?: OutputConverter<never, unknown> | undefined
}

/** The condition of a way that only tells a join what might come to it, were it not for the join. */
export const neverTaken = (): boolean => false

/** A transition to one state. */
export function wayTo(target: RunnableRef<unknown>, { when, convert }: Way): FunctionAdvancer<unknown, unknown> {
  if (when !== undefined) checkFunction('when', when)
  if (convert !== undefined) checkFunction('convert', convert)
  return new FunctionAdvancer(
    target,
    when as AdvanceCondition<unknown> | undefined,
    convert as OutputConverter<unknown, unknown> | undefined,
  )
}

/** Not all who call the builder have a compiler. @throws OPTION_INVALID */
export function checkFunction(option: string, given: unknown): void {
  if (typeof given !== 'function') throw new OptionError(option, 'a function', given)
}
