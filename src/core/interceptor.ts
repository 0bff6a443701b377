import type { RunContext } from './context.js'
import type { EmittedEvent } from './events.js'
import type { RecordedUsage } from './recorded-usage.js'
import type { Usage } from './usage.js'

/** One call of a state, as an {@link Interceptor} sees it. */
export interface StateCall {
  /** The context of this call: what the state will see, unless `next` is given another attempt. */
  readonly context: RunContext
  readonly stateName: string
  /** The validated input; for a join, the array of its inputs. */
  readonly input: unknown
  /**
   * The run that the interceptor was given for. `context.runId` is another one only inside a sub-orchestration, for an
   * interceptor that is {@link Interceptor.nested}.
   */
  readonly runId: string
  /** The names of the states around this one in that run, the outermost first; empty outside sub-orchestrations. */
  readonly path: readonly string[]
}

/** How an attempt differs from the call it belongs to. */
export interface Attempt {
  /** What `context.attempt` says. @default as in the call */
  readonly number?: number
  /** Aborts this attempt, besides what aborts the call. @default none */
  readonly signal?: AbortSignal
}

/** What a run had done when it was taken up from its journal. */
export interface ResumedRun {
  /** The run that the interceptor was given for. */
  readonly runId: string
  /** The names of the states around this run in that one; empty for that one itself. */
  readonly path: readonly string[]
  /** What its states had reported; those of runs inside it that are over are named `Outer/Inner`. */
  readonly usage: readonly RecordedUsage[]
  /** How often each state had been started. */
  readonly steps: Readonly<Record<string, number>>
  /** When it was started, in milliseconds since 1970. */
  readonly startedAt: number
}

/** Goes on with the call: the next interceptor, and in the end the state, whose output is validated. */
export type NextCall = (attempt?: Attempt) => Promise<unknown>

/**
 * The one seam for what changes how a state runs: retry, timeout, breaker, budget, tracing.
 *
 * `next()` invokes the state and validates its output. Call it at most once per attempt, return what it returns or
 * something that fits the state's output, and let its errors through or answer them; never swallow one. Properties that
 * an attempt writes are committed only if that attempt succeeds.
 *
 * Interceptors nest: those of the orchestration, then those declared for the state's class, then those of the state
 * itself, each in the order in which they are given. Between levels, places decide where both sides have one: the
 * default retry of an orchestration stands inside a state's own fallback. One with a `kind` is a default, which a
 * nearer one of that kind replaces. States that wait (approval, signal, delay) and sub-orchestrations are not invoked,
 * and so not intercepted: one that is given to such a state is a fault of the definition. The states inside a sub-orchestration
 * are, by what their own orchestration has, and by what is {@link Interceptor.nested} around it.
 */
export interface Interceptor {
  /**
   * Whether it also wraps the states inside sub-orchestrations: those of its orchestration, or, given to a
   * sub-orchestration's state, those of that one. Where it is given twice it wraps once, the outermost time.
   * @default false
   */
  readonly nested?: boolean
  /** What it does, if a nearer interceptor that does the same is to replace it. @default nothing replaces it */
  readonly kind?: string
  /** Where it stands among those of other levels: a lower place is outside a higher one. @default as its level says */
  readonly place?: number
  around(call: StateCall, next: NextCall): Promise<unknown>
  /**
   * Hears of every attempt inside the call, however many interceptors are between, just before the state is invoked;
   * what it throws, the attempt throws instead.
   */
  onAttempt?(call: StateCall, attempt: number): void
  /** Hears of every `context.usage()` of the call, at once; what it throws, `usage()` throws when all have heard. */
  onUsage?(call: StateCall, usage: Usage): void
  /**
   * Hears of every `context.emit()` of the call, also when nobody listens to the run; what it throws, `emit()` throws
   * likewise.
   */
  onEmit?(call: StateCall, event: EmittedEvent): void
  /**
   * Hears of a run that goes on from its journal, before anything of it is invoked, and of each run inside it: what it kept of the
   * run in memory is gone, and this is what the journal has.
   */
  onRunResume?(run: ResumedRun): void
  /**
   * Hears once of the end of each run it was given for, however it ended: the place to drop what was kept for the run.
   */
  onRunEnd?(runId: string): void
}
