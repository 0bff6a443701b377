import type { RunContext } from './context.js'

/** One attempt to invoke a state, as an {@link Interceptor} sees it. */
export interface StateCall {
  readonly context: RunContext
  readonly stateName: string
  /** The validated input; for a join, the array of its inputs. */
  readonly input: unknown
}

/**
 * The one seam for what changes how a state runs: retry, timeout, breaker, budget, tracing.
 *
 * `next()` invokes the state and validates its output. Call it at most once per attempt, return what it returns or something
 * that fits the state's output, and let its errors through or answer them; never swallow one. Interceptors nest in the order in
 * which they are given, orchestration before state.
 */
export interface Interceptor {
  around(call: StateCall, next: () => Promise<unknown>): Promise<unknown>
}
