import type { Observable } from 'rxjs'
import type { Orchestration, OrchestrationEvent, OrchestrationRun } from '../core/index.js'
import type { SessionEntry, SessionStatus } from './session-entry.js'
import type { SessionRecord } from './session-record.js'
import type { SessionResumeOptions, SessionRunOptions } from './session-runs.js'
import type { SessionState } from './session-state.js'
import type { StateManager } from './state-manager.js'

/** What a session asks of those who keep it. */
export interface SessionHost extends Pick<StateManager, 'pauseSession' | 'resumeSession' | 'createCheckpoint'> {
  run<TIn, TOut>(
    sessionId: string,
    orchestration: Orchestration<TIn, TOut>,
    input: TIn | undefined,
    options: SessionRunOptions,
  ): Promise<TOut>
  entry(sessionId: string): Promise<SessionEntry>
  state(sessionId: string): Promise<SessionState>
  runIds(sessionId: string): Promise<readonly string[]>
  driven(sessionId: string): OrchestrationRun<unknown> | undefined
  eventsOf(sessionId: string): Observable<OrchestrationEvent>
}

/**
 * A piece of work that is kept in a store: a task, what surrounds it, and the runs that have worked on it (S1-29). Each step is in the
 * store before the next begins, so there is nothing to save by hand, and any process can go on where another one stopped.
 *
 * ```ts
 * const session = await stateManager.createSession({ task: 'AI in healthcare', context: { style: 'brief' } })
 * const report = await session.run(new ResearchOrchestration())
 * ```
 */
export class Session {
  readonly id: string
  /** What is to be done; the input of its runs, unless they are given another. */
  readonly task: unknown
  /** What states find in their run's properties, besides `sessionId`. */
  readonly context: Readonly<Record<string, unknown>>
  /** Whether other processes can pause it. */
  readonly enablePause: boolean
  readonly #host: SessionHost

  /** @internal */
  constructor({ sessionId, task, context, enablePause }: SessionRecord, host: SessionHost) {
    this.id = sessionId
    this.task = task
    this.context = context
    this.enablePause = enablePause
    this.#host = host
  }

  /** What it is doing, whoever drives it. Rejects with SESSION_UNKNOWN when it has been deleted. */
  get status(): Promise<SessionStatus> {
    return this.#host.entry(this.id).then(({ status }) => status)
  }

  /** Its latest run; `undefined` if it has none. */
  get runId(): Promise<string | undefined> {
    return this.#host.entry(this.id).then(({ runId }) => runId)
  }

  /** All of its runs, the oldest first. */
  get runIds(): Promise<readonly string[]> {
    return this.#host.runIds(this.id)
  }

  /** Where it is, as plain data (S1-59). Rejects with RUN_UNKNOWN if it has no run yet. */
  get state(): Promise<SessionState> {
    return this.#host.state(this.id)
  }

  /** The run that this process drives, to answer, cancel or watch it; `undefined` if it drives none. */
  get current(): OrchestrationRun<unknown> | undefined {
    return this.#host.driven(this.id)
  }

  /** The events of the runs that this process drives, from now on; never completes. For those of others there is `observe()`. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#host.eventsOf(this.id)
  }

  /**
   * Runs an orchestration to its end and returns the output. The run is kept in the session's store, has the context as properties,
   * and carries the label `session`. Rejects as `orchestration.run()` does, and with SESSION_BUSY if the latest run has not ended.
   * After a pause it goes on waiting, until this process resumes the session.
   * @param input instead of the task
   */
  run<TIn, TOut>(orchestration: Orchestration<TIn, TOut>, input?: TIn, options: SessionRunOptions = {}): Promise<TOut> {
    return this.#host.run(this.id, orchestration, input, options)
  }

  /** {@link StateManager.pauseSession} of this one. */
  pause(): Promise<boolean> {
    return this.#host.pauseSession(this.id)
  }

  /** {@link StateManager.resumeSession} of this one. */
  resume<TIn, TOut>(orchestration: Orchestration<TIn, TOut>, options: SessionResumeOptions = {}): Promise<TOut> {
    return this.#host.resumeSession(this.id, orchestration, options)
  }

  /** {@link StateManager.createCheckpoint} of this one. */
  createCheckpoint(name: string): Promise<string> {
    return this.#host.createCheckpoint(this.id, name)
  }
}
