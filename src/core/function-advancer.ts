import { OrchestrationAdvancer } from './advancer.js'
import type { RunContext } from './context.js'
import type { RunnableRef } from './target.js'

/** Decides from an output whether a transition applies. */
export type AdvanceCondition<TOutput> = (output: TOutput, context: RunContext) => boolean | Promise<boolean>

/** Makes the next state's input of an output. */
export type OutputConverter<TOutput, TNext> = (output: TOutput, context: RunContext) => TNext | Promise<TNext>

/** An advancer made of functions, with one fixed target. Users write `runnable.addAdvancer(condition, target, convert)`. */
export class FunctionAdvancer<TOutput, TNext> extends OrchestrationAdvancer<TOutput, TNext> {
  readonly #target: RunnableRef<TNext>

  constructor(
    target: RunnableRef<TNext>,
    condition?: AdvanceCondition<TOutput>,
    convert?: OutputConverter<TOutput, TNext>,
  ) {
    super()
    this.#target = target
    if (condition !== undefined) this.shouldAdvance = condition
    if (convert !== undefined) this.convertOutput = convert
  }

  /** The only state this advancer leads to. */
  get target(): RunnableRef<TNext> {
    return this.#target
  }

  getNextRunnable(): RunnableRef<TNext> {
    return this.#target
  }
}
