import { defer, type Observable, switchMap } from 'rxjs'
import {
  consoleLogger,
  type Logger,
  type Orchestration,
  type OrchestrationEvent,
  type OrchestrationRun,
  type RunOptions,
} from '../core/index.js'
import { checkStore } from '../core/internal.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { didYouMean } from '../errors/internal.js'
import { Journal } from './journal.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { runUnknown } from './store-error.js'

/** An orchestration of whatever types: who starts it by name cannot know them. */
export type HostedOrchestration = Orchestration<any, any> // any: input and output are checked at run time by what it declares

/** What a {@link RunHost} is made of. */
export interface RunHostOptions {
  /** Where the runs are. */
  readonly store: JournalStore
  /** @default none */
  readonly orchestrations?: readonly HostedOrchestration[]
  /**
   * Finds the definition of a run whose orchestration was not added, for definitions that are kept somewhere else; `undefined` if
   * there is none. @default there are no others
   */
  readonly resolve?: (run: RunRecord) => HostedOrchestration | undefined | Promise<HostedOrchestration | undefined>
  /** @default the console */
  readonly logger?: Logger
}

/** How a run is started. */
export type HostedRunOptions = Omit<RunOptions, 'store' | 'recorder'>

/** What {@link RunHost.recover} has found. */
export interface HostRecovery {
  /** The ids of the runs that were taken up. */
  readonly runIds: readonly string[]
  /** Runs that could not be taken up, and why; they are as they were. */
  readonly refused: readonly { readonly runId: string; readonly error: Error }[]
}

/**
 * The runs of several orchestrations in one store, by their ids, as a server has to do with them: starts and takes them up, and pauses,
 * cancels and observes those that it drives.
 *
 * ```ts
 * const host = new RunHost({ store, orchestrations: [new Research(), new Triage()] })
 * await host.recover()
 * const run = await host.start('Research', 'AI in healthcare')
 * host.observe(run.id, 0).subscribe(event => console.log(event.type))
 * ```
 */
export class RunHost {
  readonly store: JournalStore
  readonly #orchestrations = new Map<string, HostedOrchestration>()
  readonly #resolve: NonNullable<RunHostOptions['resolve']>
  readonly #logger: Logger
  readonly #driven = new Map<string, OrchestrationRun<unknown>>()
  /** What takes up a run at the moment, so that two who want to at once get the same one. */
  readonly #takingUp = new Map<string, Promise<OrchestrationRun<unknown>>>()
  /** Runs that could not be taken up, which is told once of each. */
  readonly #refused = new Set<string>()
  #closed = false

  /** @throws OPTION_INVALID if two orchestrations have one name */
  constructor({ store, orchestrations = [], resolve = () => undefined, logger = consoleLogger }: RunHostOptions) {
    this.store = checkStore(store)
    this.#resolve = resolve
    this.#logger = logger
    for (const each of orchestrations) this.add(each)
  }

  /** Makes an orchestration known by its name. @throws OPTION_INVALID if another one has it */
  add(orchestration: HostedOrchestration): this {
    const { name } = orchestration
    if (this.#orchestrations.has(name))
      throw new OptionError('orchestrations', 'orchestrations of different names', name)
    this.#orchestrations.set(name, orchestration)
    return this
  }

  /** Those that were added. */
  get orchestrations(): readonly HostedOrchestration[] {
    return [...this.#orchestrations.values()]
  }

  /** @throws ORCHESTRATION_UNKNOWN, with the names that come nearest */
  orchestration(name: string): HostedOrchestration {
    const found = this.#orchestrations.get(name)
    if (found !== undefined) return found
    const hint = didYouMean(name, [...this.#orchestrations.keys()], 'There are none.')
    throw new OrchestrationError(`There is no orchestration "${name}". ${hint}`, {
      code: 'ORCHESTRATION_UNKNOWN',
      details: { orchestration: name },
    })
  }

  /**
   * Starts a run, of an orchestration that was added or of any other; resolves when it is in the store.
   * @throws ORCHESTRATION_UNKNOWN, RUN_EXISTS, PAYLOAD_INVALID
   */
  async start(
    orchestration: HostedOrchestration | string,
    input: unknown,
    options: HostedRunOptions = {},
  ): Promise<OrchestrationRun<unknown>> {
    this.#checkOpen()
    const definition = typeof orchestration === 'string' ? this.orchestration(orchestration) : orchestration
    const run: OrchestrationRun<unknown> = definition.start(input, { ...options, store: this.store })
    this.#drive(run)
    // Whoever starts one that has not been begun has to hear why.
    if (!(await stored(run))) await run.result
    return run
  }

  /** The run that this host drives; `undefined` if it drives none of that id. */
  driven(runId: string): OrchestrationRun<unknown> | undefined {
    return this.#driven.get(runId)
  }

  /** How many runs it drives. */
  get active(): number {
    return this.#driven.size
  }

  /** What the store knows of a run. @throws RUN_UNKNOWN */
  async record(runId: string): Promise<RunRecord> {
    const record = await this.store.get(runId)
    if (record === undefined) throw runUnknown(runId)
    return record
  }

  /** The definition of a run. @throws RUN_UNKNOWN, ORCHESTRATION_UNKNOWN */
  async definitionOf(runId: string): Promise<HostedOrchestration> {
    const record = await this.record(runId)
    const known = this.#orchestrations.get(record.orchestration) ?? (await this.#resolve(record))
    return known ?? this.orchestration(record.orchestration)
  }

  /** For looking into a run, for answering what it waits for, for forks and the like. @throws RUN_UNKNOWN, ORCHESTRATION_UNKNOWN */
  async journalOf(runId: string): Promise<Journal<unknown, unknown>> {
    return new Journal(await this.definitionOf(runId), { store: this.store })
  }

  /** The events of a run from number `from` on, whoever drives it, as {@link Orchestration.observe} has them. */
  observe(runId: string, from = 0): Observable<OrchestrationEvent> {
    return defer(() => this.definitionOf(runId)).pipe(
      switchMap(definition => definition.observe(runId, { from, store: this.store })),
    )
  }

  /**
   * Goes on with a run: one that is paused, that was forked, or whose process has died. One that this host drives already is only
   * woken up. Rejects as {@link Orchestration.resume} does.
   */
  async resume(runId: string): Promise<OrchestrationRun<unknown>> {
    this.#checkOpen()
    const here = this.#driven.get(runId)
    if (here !== undefined) {
      here.resume()
      return here
    }
    let taking = this.#takingUp.get(runId)
    if (taking === undefined) {
      taking = this.#takeUp(runId).finally(() => this.#takingUp.delete(runId))
      this.#takingUp.set(runId, taking)
    }
    return taking
  }

  /**
   * Starts no more states of a run and resolves when those at work are done.
   * @returns whether it is paused now; not if it has ended
   * @throws RUN_UNKNOWN; RUN_BUSY if another process drives it
   */
  async pause(runId: string): Promise<boolean> {
    const run = this.#driven.get(runId)
    if (run === undefined) {
      const { status } = await this.record(runId)
      if (status === 'paused') await this.#forgetPutAside(runId)
      if (status !== 'running') return status === 'paused'
    }
    // Of one that nobody drives it has to be written down that it is paused.
    const driven = run ?? (await this.resume(runId))
    await driven.pause()
    await this.#forgetPutAside(runId)
    return driven.status === 'paused'
  }

  /**
   * Ends a run, also one that is paused; resolves when that is in the store. No effect on one that has ended.
   * @throws RUN_UNKNOWN; RUN_BUSY if another process drives it
   */
  async cancel(runId: string, reason?: string): Promise<void> {
    const { status } = await this.record(runId)
    if (status !== 'running' && status !== 'paused') return
    const run = this.#driven.get(runId) ?? (await this.#takenUp(runId))
    run.cancel(reason)
    await run.result.catch(() => undefined)
  }

  /**
   * Takes up every run that is under way and has nobody who drives it, and those that {@link RunHost.close} has put aside. Runs that
   * somebody has paused stay paused.
   */
  async recover(): Promise<HostRecovery> {
    const runIds: string[] = []
    const refused: HostRecovery['refused'][number][] = []
    for (const runId of [...(await this.#underWay()), ...(await this.#putAside())]) {
      if (this.#driven.has(runId)) continue
      try {
        const run = await this.resume(runId)
        await this.#forgetPutAside(runId)
        this.#refused.delete(runId)
        runIds.push(run.id)
      } catch (thrown) {
        // Another process may recover the same store, and have been quicker.
        if (OrchestrationError.isInstance(thrown) && takenCodes.has(thrown.code)) continue
        if (!this.#refused.has(runId)) this.#logger.warn(`Run ${runId} cannot be taken up`, ensureError(thrown))
        this.#refused.add(runId)
        refused.push({ runId, error: ensureError(thrown) })
      }
    }
    return { runIds, refused }
  }

  /**
   * Lets the states at work finish, for at most `graceMs` milliseconds, and starts no more: the runs are paused, and {@link recover} of
   * the next host of the store goes on with them. What still works then is done once more. The store is not closed.
   */
  async close(graceMs = 10_000): Promise<void> {
    this.#closed = true
    const runs = [...this.#driven.values()].filter(({ status }) => status === 'running')
    const { store } = this
    await store.write(runs.map(({ id }) => ({ collection: putAside, id, data: '{}' })))
    let timer: ReturnType<typeof setTimeout> | undefined
    const enough = new Promise<void>(resolve => {
      timer = setTimeout(resolve, graceMs)
    })
    await Promise.race([Promise.allSettled(runs.map(run => run.pause())), enough])
    clearTimeout(timer)
  }

  #takenUp(runId: string): Promise<OrchestrationRun<unknown>> {
    return this.#takingUp.get(runId) ?? this.resume(runId)
  }

  async #takeUp(runId: string): Promise<OrchestrationRun<unknown>> {
    const definition = await this.definitionOf(runId)
    const run: OrchestrationRun<unknown> = await definition.resume(runId, { store: this.store })
    this.#drive(run)
    return run
  }

  #drive(run: OrchestrationRun<unknown>): void {
    this.#driven.set(run.id, run)
    const leave = (): void => {
      if (this.#driven.get(run.id) === run) this.#driven.delete(run.id)
    }
    run.result.then(leave, leave)
  }

  async #underWay(): Promise<readonly string[]> {
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await this.store.list({ status: ['running'], ...(cursor === undefined ? {} : { cursor }) })
      found.push(...page.runs.map(({ runId }) => runId))
      cursor = page.next
    } while (cursor !== undefined)
    // The oldest has waited longest.
    return found.reverse()
  }

  /** Those that were paused only because their host was closed. */
  async #putAside(): Promise<readonly string[]> {
    const found: string[] = []
    for (const { id } of await this.store.documents(putAside)) {
      const status = (await this.store.get(id))?.status
      if (status === 'paused') found.push(id)
      // One that is still running is just being put aside by a host that closes.
      else if (status !== 'running') await this.#forgetPutAside(id)
    }
    return found
  }

  #forgetPutAside(id: string): Promise<void> {
    return this.store.write([{ collection: putAside, id, data: undefined }])
  }

  #checkOpen(): void {
    if (!this.#closed) return
    throw new OrchestrationError('This host of runs has been closed and starts nothing more.', { code: 'STORE_CLOSED' })
  }
}

const putAside = 'run-host/put-aside'

const takenCodes: ReadonlySet<string> = new Set(['RUN_BUSY', 'RUN_CONFLICT', 'RUN_UNKNOWN'])

/** Whether a run has come into the store: its first event is told when it has, and none if it has not. */
function stored(run: OrchestrationRun<unknown>): Promise<boolean> {
  return new Promise(resolve => {
    run.events$.subscribe({ next: () => resolve(true), complete: () => resolve(false) })
  })
}
