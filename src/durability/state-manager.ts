import { type Clock, consoleLogger, type Logger, type Orchestration, systemClock } from '../core/index.js'
import { checkStore } from '../core/internal.js'
import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { TypeRef } from '../schema/index.js'
import { Checkpoints } from './checkpoints.js'
import type { JournalStore } from './journal-store.js'
import { RunWishes, wishPollMs } from './run-wishes.js'
import { Session, type SessionHost } from './session.js'
import { type SessionCheckpoint, SessionCheckpoints } from './session-checkpoints.js'
import { entryOf, listSessions, type SessionEntry, type SessionQuery } from './session-entry.js'
import { SessionRecords } from './session-record.js'
import { noRun, type SessionResumeOptions, SessionRuns, sessionTag } from './session-runs.js'
import { type SessionState, sessionStateAt } from './session-state.js'

/** How a {@link StateManager} works. */
export interface StateManagerOptions {
  /** Classes that tasks, and values of contexts, may be instances of. @default none: plain data, dates, maps and sets */
  readonly classes?: readonly TypeRef[]
  /** How often it looks in the store, while it drives runs, whether another process wants one paused, in milliseconds. @default 250 */
  readonly pollMs?: number
  /** Where the time of sessions comes from. @default the system's clock */
  readonly clock?: Clock
  /** Where sessions are reported that cannot be read. @default the console */
  readonly logger?: Logger
}

/** What a session is made of (S1-28). */
export interface NewSession {
  /** What is to be done: the input of its runs. */
  readonly task: unknown
  /** What its states are to know besides; they find it in their run's properties. @default nothing */
  readonly context?: Readonly<Record<string, unknown>>
  /** @default the `sessionId` of the context, else its `session_id`, else a random UUID */
  readonly sessionId?: string
  /** Whether other processes can pause it; the one that drives it then looks for that in the store. @default false */
  readonly enablePause?: boolean
}

const newSessionNames: OptionNames<NewSession> = { task: true, context: true, sessionId: true, enablePause: true }

const optionNames: OptionNames<StateManagerOptions> = { classes: true, pollMs: true, clock: true, logger: true }

/** What a checkpoint gives back: where the session was, as plain data (S1-32). */
export interface RestoredState extends SessionState {
  readonly checkpointId: string
  readonly name: string
}

/**
 * Keeps sessions in a store: creates, lists, pauses, resumes and deletes them, and takes them back to checkpoints.
 *
 * ```ts
 * const stateManager = new StateManager(new FileStorageBackend('./sessions'))
 * const session = await stateManager.createSession({ task: 'AI in healthcare', sessionId: 'analysis_123' })
 * const result = session.run(new ResearchOrchestration())
 * const checkpointId = await stateManager.createCheckpoint(session.id, 'milestone_1')
 * // in another process, after a restart:
 * const report = await stateManager.resumeSession('analysis_123', new ResearchOrchestration())
 * ```
 *
 * Ids and names are texts of 1 to 200 characters without slashes and control characters, else NAME_INVALID. A session that is not
 * there is SESSION_UNKNOWN. Who makes the store closes it.
 */
export class StateManager {
  readonly #store: JournalStore
  readonly #options: Required<StateManagerOptions>
  readonly #records: SessionRecords
  readonly #checkpoints: SessionCheckpoints
  readonly #wishes: RunWishes
  readonly #runs: SessionRuns
  readonly #host: SessionHost

  /** @throws OPTION_INVALID */
  constructor(store: JournalStore, options: StateManagerOptions = {}) {
    checkOptionNames('a state manager', options, optionNames)
    const { classes = [], pollMs = wishPollMs, clock = systemClock, logger = consoleLogger } = options
    if (!(pollMs > 0)) throw new OptionError('pollMs', 'a number of milliseconds above 0', pollMs)
    this.#store = checkStore(store)
    this.#options = { classes, pollMs, clock, logger }
    this.#records = new SessionRecords(store, classes)
    this.#checkpoints = new SessionCheckpoints(store)
    this.#wishes = new RunWishes(store, pollMs)
    const runs = new SessionRuns(store, this.#records, this.#wishes)
    this.#runs = runs
    this.#host = {
      run: async (id, orchestration, input, options) => (await runs.start(id, orchestration, input, options)).result,
      entry: async id => entryOf(store, await this.#records.get(id)),
      state: id => this.#stateOf(id),
      runIds: id => this.#runIdsOf(id),
      driven: id => runs.driven(id),
      eventsOf: id => runs.eventsOf(id),
      pauseSession: id => this.pauseSession(id),
      resumeSession: (id, orchestration, options) => this.resumeSession(id, orchestration, options),
      createCheckpoint: (id, name) => this.createCheckpoint(id, name),
    }
  }

  /** Creates a session. What it is given is copied. @throws SESSION_EXISTS, NAME_INVALID, PAYLOAD_NOT_SERIALIZABLE */
  async createSession(session: NewSession): Promise<Session> {
    checkOptionNames('a session', session, newSessionNames)
    const { task, context = {}, enablePause = false } = session
    if (typeof context !== 'object' || context === null || Array.isArray(context))
      throw new OptionError('context', 'an object', context)
    const given = session.sessionId ?? context['sessionId'] ?? context['session_id'] ?? globalThis.crypto.randomUUID()
    const now = this.#options.clock.now()
    const times = { createdAt: now, updatedAt: now }
    // Anything but a text is refused with the names that are none.
    const created = { sessionId: given as string, task, context, enablePause, ...times }
    return new Session(await this.#records.create(created), this.#host)
  }

  /** A session that is there. */
  async openSession(sessionId: string): Promise<Session> {
    return new Session(await this.#records.get(sessionId), this.#host)
  }

  /** Sessions, in the order of their ids: all of them, or those that are asked for (S1-33, S3-32). @throws OPTION_INVALID */
  listSessions(query: SessionQuery = {}): Promise<readonly SessionEntry[]> {
    return listSessions(this.#store, this.#records, query, this.#options.logger)
  }

  /**
   * Pauses a session: no more states are started, and it is paused when those at work are done (S1-35). A run of another process is
   * paused by that, if the session was created with `enablePause`.
   * @returns whether it is paused now. It is not if it has no run, if its run has ended, and if nobody pauses it: its process has
   * died, or does not react within `timeoutMs`.
   */
  pauseSession(sessionId: string, options: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    return this.#runs.pause(sessionId, options.timeoutMs ?? 10_000)
  }

  /**
   * Goes on with a session that was paused, that was taken back to a checkpoint, or whose process has died, and returns the output
   * (S1-36). Of one whose latest run has ended it returns the outcome of that. Rejects as `orchestration.resume()` and its result do.
   * With `allowModified` and another orchestration, a run that this process has paused goes on under that one too (S1-60); whoever
   * waits for the run as it was then waits for ever.
   */
  async resumeSession<TIn, TOut>(
    sessionId: string,
    orchestration: Orchestration<TIn, TOut>,
    options: SessionResumeOptions = {},
  ): Promise<TOut> {
    const run = await this.#runs.resume(sessionId, orchestration, options)
    return run.result
  }

  /** Gives the place where a session is a name, also while it runs, and returns an id to come back by (S1-31). @throws RUN_UNKNOWN if it has no run yet */
  async createCheckpoint(sessionId: string, name: string): Promise<string> {
    const run = await this.#runs.latest(sessionId)
    if (run === undefined) throw noRun(sessionId)
    const { restored } = await this.#records.get(sessionId)
    const { runId, seq } = restored ?? run
    const createdAt = this.#options.clock.now()
    return (await this.#checkpoints.create({ sessionId, name, runId, seq, createdAt })).checkpointId
  }

  /** The checkpoints of a session, the oldest first. */
  async listCheckpoints(sessionId: string): Promise<readonly SessionCheckpoint[]> {
    await this.#records.get(sessionId)
    return this.#checkpoints.list(sessionId)
  }

  /**
   * Takes a session back to a checkpoint and returns where it was then (S1-32). {@link StateManager.resumeSession} goes on from there,
   * in a copy of the run; what followed in the original stays to be read, but nobody goes on with that: if this process drives it, it
   * is cancelled.
   * @throws CHECKPOINT_UNKNOWN; RUN_BUSY if another process drives the session: pause it first
   */
  async restoreCheckpoint(checkpointId: string): Promise<RestoredState> {
    const { sessionId, name, runId, seq } = await this.#checkpoints.get(checkpointId)
    const session = await this.#records.get(sessionId)
    const state = await sessionStateAt(this.#store, session, runId, seq)
    if (await this.#runs.isDrivenElsewhere(session)) throw drivenElsewhere(sessionId)
    await this.#runs.cancel(sessionId, `session "${sessionId}" goes back to checkpoint "${name}"`)
    const { orchestration, branches } = state
    const states = [...new Set(branches.map(branch => branch.stateName))]
    const forkId = globalThis.crypto.randomUUID()
    const updatedAt = this.#options.clock.now()
    await this.#records.update(sessionId, present => {
      const replaces = present.runId === undefined ? {} : { replaces: present.runId }
      return { ...present, updatedAt, restored: { runId, seq, orchestration, states, forkId, ...replaces } }
    })
    return { ...state, checkpointId, name }
  }

  /**
   * Deletes a session with its runs and checkpoints, for good (S1-34); false if there is none. A run that this process drives is
   * cancelled; that of another one stops at its next step, with RUN_UNKNOWN.
   */
  async deleteSession(sessionId: string): Promise<boolean> {
    try {
      await this.#records.get(sessionId)
    } catch (thrown) {
      if (OrchestrationError.isInstance(thrown) && thrown.code === 'SESSION_UNKNOWN') return false
      // What cannot be read can be deleted all the same.
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'PAYLOAD_NOT_SERIALIZABLE') throw thrown
    }
    await this.#runs.cancel(sessionId, `session "${sessionId}" is deleted`)
    for (const runId of await this.#runIdsOf(sessionId)) {
      await new Checkpoints(this.#store).clear(runId)
      await this.#wishes.withdraw(runId)
      await this.#store.delete(runId)
    }
    await this.#checkpoints.clear(sessionId)
    // Last, so that it can be repeated if something fails before.
    await this.#records.delete(sessionId)
    return true
  }

  async #stateOf(sessionId: string): Promise<SessionState> {
    const run = await this.#runs.latest(sessionId)
    const session = await this.#records.get(sessionId)
    const { restored } = session
    if (restored !== undefined) return sessionStateAt(this.#store, session, restored.runId, restored.seq)
    if (run === undefined) throw noRun(sessionId)
    return sessionStateAt(this.#store, session, run.runId)
  }

  async #runIdsOf(sessionId: string): Promise<readonly string[]> {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await this.#store.list({
        tags: { [sessionTag]: sessionId },
        ...(cursor === undefined ? {} : { cursor }),
      })
      found.push(...page.runs.map(({ runId }) => runId))
      cursor = page.next
    } while (cursor !== undefined)
    return found.reverse()
  }
}

function drivenElsewhere(sessionId: string): OrchestrationError {
  return new OrchestrationError(
    `Session "${sessionId}" is being driven by another process. Pause it with pauseSession() first.`,
    { code: 'RUN_BUSY', retryable: true, details: { sessionId } },
  )
}
