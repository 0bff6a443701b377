import type { AdvanceCondition, OutputConverter, RunnableRef } from '../core/index.js'
import { FunctionAdvancer } from '../core/internal.js'

/** When a transition applies and what it hands on, whatever the types. */
export interface Way {
  /** Without a condition it is known always to apply, which one with a condition that is always true is not. */
  readonly when?: AdvanceCondition<never> | undefined
  readonly convert?: OutputConverter<never, unknown> | undefined
}

/** A transition to one state. */
export function wayTo(target: RunnableRef<unknown>, { when, convert }: Way): FunctionAdvancer<unknown, unknown> {
  return new FunctionAdvancer(
    target,
    when as AdvanceCondition<unknown> | undefined,
    convert as OutputConverter<unknown, unknown> | undefined,
  )
}
