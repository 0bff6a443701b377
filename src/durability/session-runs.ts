import { filter, map, type Observable, Subject } from 'rxjs'
import type { Orchestration, OrchestrationEvent, OrchestrationRun, ResumeOptions, RunOptions } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'
import { Journal } from './journal.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { recordOf } from './record-of.js'
import { isDriven, type RunWishes, wishPollMs } from './run-wishes.js'
import type { RestoredPlace, SessionRecord, SessionRecords } from './session-record.js'

/** The label of a run that says which session it belongs to. */
export const sessionTag = 'session'

/** How a run of a session is started, besides what the session itself gives it. */
export type SessionRunOptions = Omit<RunOptions, 'store' | 'runId' | 'recorder'>

/** How a session goes on. */
export type SessionResumeOptions = Omit<ResumeOptions, 'store'>

interface DrivenRun {
  readonly run: OrchestrationRun<unknown>
  readonly orchestration: Orchestration<never, unknown>
  /** Resolves when the store has the run. */
  readonly stored: Promise<unknown>
  leave(): void
}

/** Starts, pauses and takes up the runs of sessions, and knows those that this process drives. */
export class SessionRuns {
  readonly #store: JournalStore
  readonly #records: SessionRecords
  readonly #wishes: RunWishes
  readonly #driven = new Map<string, DrivenRun>()
  /** What begins or takes up a run of a session at the moment; others wait for it. */
  readonly #starting = new Map<string, Promise<unknown>>()
  readonly #events = new Subject<{ readonly sessionId: string; readonly event: OrchestrationEvent }>()

  constructor(store: JournalStore, records: SessionRecords, wishes: RunWishes) {
    this.#store = store
    this.#records = records
    this.#wishes = wishes
  }

  /** The run of a session that this process drives. */
  driven(sessionId: string): OrchestrationRun<unknown> | undefined {
    return this.#driven.get(sessionId)?.run
  }

  /** The events of the runs of a session that this process drives. */
  eventsOf(sessionId: string): Observable<OrchestrationEvent> {
    return this.#events.pipe(
      filter(each => each.sessionId === sessionId),
      map(({ event }) => event),
    )
  }

  /** What the store knows of the latest run of a session; of one that is just beginning, as soon as it knows it. */
  async latest(sessionId: string): Promise<RunRecord | undefined> {
    await this.#starting.get(sessionId)?.catch(() => undefined)
    await this.#driven.get(sessionId)?.stored
    const { runId } = await this.#records.get(sessionId)
    return runId === undefined ? undefined : this.#store.get(runId)
  }

  /** Starts a run. @throws SESSION_UNKNOWN, SESSION_BUSY */
  start<TIn, TOut>(
    sessionId: string,
    orchestration: Orchestration<TIn, TOut>,
    input: TIn | undefined,
    options: SessionRunOptions,
  ): Promise<OrchestrationRun<TOut>> {
    return this.#oneAtATime(sessionId, async () => {
      const session = await this.#records.get(sessionId)
      if (this.#driven.has(sessionId) || session.restored !== undefined || (await this.#isUnfinished(session))) {
        throw sessionBusy(session)
      }
      const runId = await this.#nextRunId(session)
      const { task, context } = session
      const run = orchestration.start((input === undefined ? task : input) as TIn, {
        ...options,
        store: this.#store,
        runId,
        tags: { ...options.tags, [sessionTag]: sessionId },
        properties: { ...contextOf(sessionId, context), ...options.properties },
      })
      this.#drive(session, run, orchestration)
      return run
    })
  }

  /** Goes on with the run of a session, or from the checkpoint that it was taken back to. @throws SESSION_UNKNOWN, RUN_UNKNOWN */
  resume<TIn, TOut>(
    sessionId: string,
    orchestration: Orchestration<TIn, TOut>,
    options: SessionResumeOptions,
  ): Promise<OrchestrationRun<TOut>> {
    return this.#oneAtATime(sessionId, async () => {
      let session = await this.#records.get(sessionId)
      if (session.restored !== undefined) session = await this.#goBack(session, session.restored, orchestration)
      const { runId } = session
      if (runId === undefined) throw noRun(sessionId)
      const { status } = await recordOf(this.#store, orchestration.durable, runId)
      await this.#wishes.withdraw(runId, 'pause')
      const here = this.#driven.get(sessionId)
      if (here !== undefined && (status === 'paused' || here.run.status !== 'paused')) {
        const isModified = options.allowModified === true && here.orchestration !== orchestration
        if (!isModified || here.run.status !== 'paused') {
          here.run.resume()
          return here.run as OrchestrationRun<TOut>
        }
      }
      // Another process has gone on with what was paused here, or it is to go on under another definition.
      here?.leave()
      const run = await orchestration.resume(runId, { ...options, store: this.#store })
      this.#drive(session, run, orchestration)
      return run
    })
  }

  /** Pauses the run of a session. False if there is none that is under way, or nobody who would pause it. */
  async pause(sessionId: string, timeoutMs: number): Promise<boolean> {
    // At once if it can be: what comes in between would still be started. But what is taking the run up now would undo the pause.
    const starting = this.#starting.get(sessionId)
    if (starting !== undefined) await starting.catch(() => undefined)
    const here = this.#driven.get(sessionId)
    if (here !== undefined) {
      await here.run.pause()
      return here.run.status === 'paused'
    }
    const record = await this.latest(sessionId)
    if (record?.status !== 'running') return record?.status === 'paused'
    const { enablePause } = await this.#records.get(sessionId)
    return enablePause && this.#ask(record.runId, timeoutMs)
  }

  /** Asks the process that drives a run to pause it; whether it is paused then. */
  async #ask(runId: string, timeoutMs: number): Promise<boolean> {
    for (let patienceMs = timeoutMs; ; patienceMs = Math.max(timeoutMs, wishPollMs)) {
      const outcome = await this.#wishes.ask(runId, { wish: 'pause' }, patienceMs)
      // States at work may take as long as they like.
      if (outcome === 'accepted') continue
      await this.#wishes.withdraw(runId, 'pause')
      return (await this.#store.get(runId))?.status === 'paused'
    }
  }

  /** Ends the run that this process drives, if there is one. */
  async cancel(sessionId: string, reason: string): Promise<void> {
    await this.#starting.get(sessionId)?.catch(() => undefined)
    const here = this.#driven.get(sessionId)
    if (here === undefined) return
    here.run.cancel(reason)
    await here.run.result.catch(() => undefined)
    here.leave()
  }

  #oneAtATime<T>(sessionId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#starting.get(sessionId) ?? Promise.resolve()
    const started = before.catch(() => undefined).then(work)
    this.#starting.set(sessionId, started)
    const forget = (): void => {
      if (this.#starting.get(sessionId) === started) this.#starting.delete(sessionId)
    }
    started.then(forget, forget)
    return started
  }

  #drive(
    { sessionId, enablePause }: SessionRecord,
    run: OrchestrationRun<unknown>,
    orchestration: Orchestration<never, unknown>,
  ): void {
    const ended = run.result.then(
      () => undefined,
      () => undefined,
    )
    // The first event is told when the store has the turn that it follows from.
    const stored = new Promise<void>(resolve => {
      run.events$.subscribe(event => {
        resolve()
        this.#events.next({ sessionId, event })
      })
      void ended.then(resolve)
    })
    const unwatch = enablePause ? this.#wishes.attend(run) : () => undefined
    const driven: DrivenRun = {
      run,
      orchestration,
      stored,
      leave: () => {
        unwatch()
        if (this.#driven.get(sessionId) === driven) this.#driven.delete(sessionId)
      },
    }
    this.#driven.set(sessionId, driven)
    void ended.then(driven.leave)
  }

  /** Makes the run from a checkpoint on that of the session. */
  async #goBack<TIn, TOut>(
    { sessionId }: SessionRecord,
    restored: RestoredPlace,
    orchestration: Orchestration<TIn, TOut>,
  ): Promise<SessionRecord> {
    const { runId, seq, forkId, replaces } = restored
    try {
      await new Journal(orchestration, { store: this.#store }).fork(runId, { at: seq, runId: forkId })
    } catch (thrown) {
      // Whoever tried before, or tries at the same time, has come as far as this.
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'RUN_EXISTS') throw thrown
    }
    if (replaces !== undefined) await this.#end(orchestration, replaces)
    return this.#records.update(sessionId, session => {
      const { restored: place, ...rest } = session
      return place?.forkId === forkId ? { ...rest, runId: forkId } : session
    })
  }

  /** Ends a run that the session has left, so that nobody takes it up and nobody is asked what it waits for. */
  async #end(orchestration: Orchestration<never, unknown>, runId: string): Promise<void> {
    const status = (await this.#store.get(runId))?.status
    if (status !== 'running' && status !== 'paused') return
    try {
      const run = await orchestration.resume(runId, { store: this.#store })
      run.cancel('its session has gone back to a checkpoint')
      await run.result
    } catch {
      // It has been cancelled; or it cannot be taken up, and then nobody else can either.
    }
  }

  async #nextRunId(session: SessionRecord): Promise<string> {
    const { sessionId, runId } = session
    // The id of a run that never came to its first turn is used again, so that of two who start at once only one gets a run.
    if (runId !== undefined && (await this.#store.get(runId)) === undefined) return runId
    const next = globalThis.crypto.randomUUID()
    const changed = await this.#records.update(sessionId, present =>
      present.runId === runId && present.restored === undefined ? { ...present, runId: next } : present,
    )
    if (changed.runId !== next) throw sessionBusy(changed)
    return next
  }

  async #isUnfinished({ runId }: SessionRecord): Promise<boolean> {
    const status = runId === undefined ? undefined : (await this.#store.get(runId))?.status
    return status === 'running' || status === 'paused'
  }

  /** Whether somebody else drives the run of a session. */
  async isDrivenElsewhere({ sessionId, runId }: SessionRecord): Promise<boolean> {
    return !this.#driven.has(sessionId) && runId !== undefined && isDriven(this.#store, runId)
  }
}

/** What the states of a run find in its properties. */
function contextOf(sessionId: string, context: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...context, ...(Object.hasOwn(context, 'session_id') ? { session_id: sessionId } : {}), sessionId }
}

function sessionBusy({ sessionId, runId }: SessionRecord): OrchestrationError {
  return new OrchestrationError(
    `Session "${sessionId}" has a run that has not ended. Go on with it by resume(), or cancel it, before another is started.`,
    { code: 'SESSION_BUSY', details: { sessionId, runId } },
  )
}

/** A session that was never run has nothing to go on with. */
export function noRun(sessionId: string): OrchestrationError {
  return new OrchestrationError(`Session "${sessionId}" has no run yet. Start one with run().`, {
    code: 'RUN_UNKNOWN',
    details: { sessionId },
  })
}
