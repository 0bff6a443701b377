import { Orchestration, type OrchestrationBehaviour, OrchestrationRunnable } from '../../core/index.js'
import type { RoutedState } from '../outcomes.js'
import { type StateFunction, state } from '../state.js'
import { isStateClass, type StateInput, type StateOutput, type StateRef } from '../state-ref.js'

/**
 * What a pattern lets do a part of the work: a state (an agent, say) or its class, an orchestration, which runs inside, or a
 * function. A state belongs to one pattern and keeps its name; the others are called after their part.
 */
export type Work<TIn, TOut> = StateRef<TIn, TOut> | Orchestration<TIn, TOut> | StateFunction<TIn, TOut>

/** Any work, whatever it takes and returns. */
export type AnyWork = Work<never, unknown>

/** What a piece of work takes. */
export type WorkInput<W> =
  W extends StateRef<never, unknown>
    ? StateInput<W>
    : W extends Orchestration<infer TIn, unknown>
      ? TIn
      : W extends StateFunction<infer TIn, unknown>
        ? TIn
        : never

/** What a piece of work returns. */
export type WorkOutput<W> =
  W extends StateRef<never, unknown>
    ? StateOutput<W>
    : W extends Orchestration<never, infer TOut>
      ? TOut
      : W extends (...args: never[]) => infer TOut
        ? Awaited<TOut>
        : never

/** What every pattern takes: how the orchestration is called, and the rules of its runs. */
export type PatternOptions = OrchestrationBehaviour

/** The state for a piece of work; `part` is its name if it has none of its own. */
export function workState<TIn, TOut>(part: string, work: Work<TIn, TOut>): OrchestrationRunnable<TIn, TOut> {
  if (work instanceof OrchestrationRunnable) return work
  if (work instanceof Orchestration) return state(part, work)
  if (isStateClass(work)) return new work() as OrchestrationRunnable<TIn, TOut>
  return state(part, work)
}

/** A name for a part of a pattern that none of the parts has to which the user gave names. */
export function freeName(part: string, taken: readonly string[]): string {
  let name = part
  for (let i = 2; taken.includes(name); i++) name = `${part} (${i})`
  return name
}

/**
 * A state as a target. Whether it has several outcomes cannot be told while its type is a parameter, and does not matter: a pattern
 * treats the outputs of its parts as values.
 */
export function asTarget<TIn>(part: OrchestrationRunnable<TIn, unknown>): RoutedState<TIn> {
  return part as unknown as RoutedState<TIn>
}
