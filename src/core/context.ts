import type { ApprovalOutcome, ApprovalQuestion } from './approval.js'
import type { EmittedEvent } from './events.js'
import type { RunProperties } from './properties.js'
import type { OrchestrationRunnable } from './runnable.js'
import type { RunnableClass } from './target.js'
import type { Usage } from './usage.js'

/** A class of states that return a `TOut`. */
type ClassReturning<TOut> = abstract new (
  ...args: any[] // any: a constructor's parameters play no part in what a state returns
) => OrchestrationRunnable<never, TOut>

/** What a state, an advancer or a hook knows of the run it works for. A new one for each invocation. */
export interface RunContext {
  readonly runId: string
  /** The name of the state that is invoked, or whose output is being routed. */
  readonly stateName: string
  /**
   * The identity of this step, `branch:step`, for example `0:7` or `0:7.2:1`. It depends on decisions only, never on timing,
   * is the same in every retry, and does not grow in a loop.
   */
  readonly token: string
  /** `runId/token`: the same whenever this step is tried again, so that a server can recognise a repeated call. */
  readonly idempotencyKey: string
  /** 1 for the first attempt; where retries are nested, that of the innermost. */
  readonly attempt: number
  /** Tells the attempts of this step apart: `1`, `2`; where retries are nested `1.1`, `1.2`, `2.1`. */
  readonly attemptId: string
  /** Aborts when the run is cancelled, fails, times out, or no longer needs this branch. Pass it to whatever can be stopped. */
  readonly signal: AbortSignal
  /** Values shared by the states of this run. */
  readonly properties: RunProperties
  /**
   * The last output of another state of this run, `undefined` if it has not completed yet. Of a state that several branches pass
   * through side by side, it is that of whichever was done last.
   * @throws UNKNOWN_TARGET if the orchestration has no such state
   */
  outputOf<TOut>(state: OrchestrationRunnable<never, TOut> | ClassReturning<TOut>): TOut | undefined
  outputOf(state: string | RunnableClass<never>): unknown
  /**
   * Puts an event of your own into the run's stream; nothing is built when nobody listens.
   * @throws OPTION_INVALID for the types of events that only the engine may say
   */
  emit(event: EmittedEvent): void
  /**
   * Reports what this step has used up: an event, and what budgets go by. Throws if a budget is exceeded by it.
   * @throws OPTION_INVALID for amounts that are no numbers of at least 0; they are reported to nobody
   */
  usage(usage: Usage): void
  /**
   * Does something that this step must not do twice: the first time `work` is called and its result is kept under `name`; after a
   * retry, or in another process after a crash, the kept result is returned instead. What is kept has been recorded when the
   * promise resolves. A crash in the middle of `work` leaves nothing behind, so `work` runs again then: pass on
   * {@link RunContext.idempotencyKey} where that matters. In a `cleanup` hook nothing is kept, and `work` simply runs.
   *
   * Whoever asks for a name while its work is going on gets the result of that work. So `work` must not ask for its own name: it
   * would wait for itself. Await the promise before the state returns, or a result that comes later is not kept.
   * @throws PAYLOAD_NOT_SERIALIZABLE in a durable run, if the result cannot be stored
   */
  once<T>(name: string, work: () => T | PromiseLike<T>): Promise<T>
  /**
   * Asks a person in the middle of the work, and waits for the decision; `run.approve()` and `run.reject()` give it, and it is listed
   * with the other requests, as `token#name`. Asked once: after a retry, or in another process after a crash, the same question is
   * still open, or its answer is there. Where the work can be cut in two, an `ApprovalRunnable` between them is better: the
   * state is at work as long as it waits, and holds its slot of `maxConcurrency`.
   * @throws OPTION_INVALID for a name that is empty or has `/` or `#` in it
   */
  requestApproval<T>(name: string, question: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>>
  /** Milliseconds since 1970 on the run's clock. */
  now(): number
  /** Waits on the run's clock; rejects at once when {@link RunContext.signal} aborts, or `signal` if it is given. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
