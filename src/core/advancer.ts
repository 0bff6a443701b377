import type { RunContext } from './context.js'
import type { NextRunnable } from './target.js'

declare const routes: unique symbol

/**
 * A transition: whether to advance from a state's output, what the next state gets, and which state that is.
 *
 * Advancers of a state are asked in the order in which they were added; each method is called at most once per output, and may
 * be asynchronous. What one of them throws fails the state, and the error names the advancer.
 *
 * ```ts
 * class PlanningAdvancer extends OrchestrationAdvancer<SearchPlan> {
 *   override shouldAdvance(plan: SearchPlan) { return plan.items.length > 0 }
 *   getNextRunnable() { return Research }
 * }
 * ```
 *
 * @typeParam TOutput what the state before it returns
 * @typeParam TNext what the next state takes; differs from `TOutput` if `convertOutput` bridges them (S4-04)
 */
export abstract class OrchestrationAdvancer<TOutput, TNext = TOutput> {
  /** Exists in the type system only: makes an advancer of another output type a compile error. */
  declare readonly [routes]: (output: TOutput) => TNext

  /** Whether this transition applies. @default always (S4-11) */
  shouldAdvance(_output: TOutput, _context: RunContext): boolean | Promise<boolean> {
    return true
  }

  /** What the next state gets. Not asked for `sendTo` items, which carry their own. @default the output itself (S4-11) */
  convertOutput(output: TOutput, _context: RunContext): TNext | Promise<TNext> {
    // Without a conversion the two types are the same; a subclass that widens TNext has to override this.
    return output as unknown as TNext
  }

  /** The next state, several of them (a fan-out), or `null` to end this branch. */
  abstract getNextRunnable(output: TOutput, context: RunContext): NextRunnable<TNext> | Promise<NextRunnable<TNext>>
}

/** What an advancer routes. */
export type RoutedOutput<TAdvancer> = TAdvancer extends { readonly [routes]: (output: infer TOutput) => unknown }
  ? TOutput
  : never

/** Whether this advancer changes the value on its way; if not, a value that was validated stays validated. */
export function convertsOutput(advancer: OrchestrationAdvancer<never, unknown>): boolean {
  return advancer.convertOutput !== OrchestrationAdvancer.prototype.convertOutput
}
