import type { OrchestrationRun } from '../core/index.js'
import type { Session, SessionState, SessionStatus } from '../durability/index.js'
import type { TopologyInput } from './ensure-topology.js'
import type { OrchestraLimits, OrchestraResumeOptions } from './orchestra-options.js'
import type { OrchestraResult } from './orchestra-result.js'
import type { OrchestraRun } from './orchestra-run.js'

/** What a session asks of its orchestra. */
export interface OrchestraSessionHost {
  start(session: Session, topology: TopologyInput, limits: OrchestraLimits): OrchestraRun
  resume(session: Session, options: OrchestraResumeOptions): Promise<OrchestraResult>
  soFar(session: Session): Promise<OrchestraResult>
}

/**
 * A task that is kept in a store, and the runs of topologies that work on it (S1-29). Each step is in the store before the next begins,
 * so there is nothing to save by hand, and any process can go on where another one stopped.
 *
 * ```ts
 * const session = await orchestra.createSession({ task: 'Long-running analysis', sessionId: 'analysis_123' })
 * const result = await session.run(topology)
 * ```
 */
export class OrchestraSession {
  readonly #session: Session
  readonly #host: OrchestraSessionHost

  /** @internal */
  constructor(session: Session, host: OrchestraSessionHost) {
    this.#session = session
    this.#host = host
  }

  get id(): string {
    return this.#session.id
  }

  /** What is to be done. */
  get task(): unknown {
    return this.#session.task
  }

  /** What all agents know besides. */
  get context(): Readonly<Record<string, unknown>> {
    return this.#session.context
  }

  /** Whether other processes can pause it. */
  get enablePause(): boolean {
    return this.#session.enablePause
  }

  /** What it is doing, whoever drives it. Rejects with SESSION_UNKNOWN when it has been deleted. */
  get status(): Promise<SessionStatus> {
    return this.#session.status
  }

  /** Where it is, as plain data (S1-49, S1-59). Rejects with RUN_UNKNOWN if it has no run yet. */
  get state(): Promise<SessionState> {
    return this.#session.state
  }

  /** What there is of the result by now; `metadata.status` says how far it is. Rejects with RUN_UNKNOWN if it has no run yet. */
  get resultSoFar(): Promise<OrchestraResult> {
    return this.#host.soFar(this.#session)
  }

  /** The run that this process drives, to answer, cancel or watch it; `undefined` if it drives none. */
  get current(): OrchestrationRun<unknown> | undefined {
    return this.#session.current
  }

  /**
   * Works on the task with a topology; resolves as {@link Orchestra.execute} does, also when the run fails. The topology is kept with
   * the run. After a pause it goes on waiting, until this process resumes the session. Rejects with SESSION_BUSY if the latest run
   * has not ended.
   */
  async run(topology: TopologyInput, limits: OrchestraLimits = {}): Promise<OrchestraResult> {
    return this.start(topology, limits).result
  }

  /** Begins what {@link OrchestraSession.run} does, and returns a handle. @throws TypeError, TOPOLOGY_INVALID, AGENT_UNKNOWN */
  start(topology: TopologyInput, limits: OrchestraLimits = {}): OrchestraRun {
    return this.#host.start(this.#session, topology, limits)
  }

  /** Starts no more steps and resolves when those at work are done. False if there is no run that could be paused. */
  pause(): Promise<boolean> {
    return this.#session.pause()
  }

  /** {@link Orchestra.resumeSession} of this one. */
  resume(options: OrchestraResumeOptions = {}): Promise<OrchestraResult> {
    return this.#host.resume(this.#session, options)
  }

  /** {@link Orchestra.createCheckpoint} of this one. */
  createCheckpoint(name: string): Promise<string> {
    return this.#session.createCheckpoint(name)
  }
}
