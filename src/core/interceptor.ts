import type { RunContext } from './context.js'
import type { Usage } from './usage.js'

/** One call of a state, as an {@link Interceptor} sees it. */
export interface StateCall {
  /** The context of this call: what the state will see, unless `next` is given another attempt. */
  readonly context: RunContext
  readonly stateName: string
  /** The validated input; for a join, the array of its inputs. */
  readonly input: unknown
}

/** How an attempt differs from the call it belongs to. */
export interface Attempt {
  /** What `context.attempt` says. @default as in the call */
  readonly number?: number
  /** Aborts this attempt, besides what aborts the call. @default none */
  readonly signal?: AbortSignal
}

/** Goes on with the call: the next interceptor, and in the end the state, whose output is validated. */
export type NextCall = (attempt?: Attempt) => Promise<unknown>

/**
 * The one seam for what changes how a state runs: retry, timeout, breaker, budget, tracing.
 *
 * `next()` invokes the state and validates its output. Call it at most once per attempt, return what it returns or something
 * that fits the state's output, and let its errors through or answer them; never swallow one. Properties that an attempt writes
 * are committed only if that attempt succeeds.
 *
 * Interceptors nest: those of the orchestration, then those declared for the state's class, then those of the state itself, each
 * in the order in which they are given. States that
 * wait (approval, signal, delay) and sub-orchestrations are not invoked, and so not intercepted; the states inside the latter are.
 */
export interface Interceptor {
  around(call: StateCall, next: NextCall): Promise<unknown>
  /** Hears of every `context.usage()` of the call, at once; what it throws, `usage()` throws. */
  onUsage?(call: StateCall, usage: Usage): void
}
