import { defer, type Observable, switchMap } from 'rxjs'
import {
  consoleLogger,
  type Logger,
  type OrchestrationEvent,
  type OrchestrationRun,
  type RunOptions,
} from '../core/index.js'
import { checkStore } from '../core/internal.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { DrivenRuns, type HostedRun } from './driven-runs.js'
import { type DefinitionLookup, HostedDefinitions, type HostedOrchestration } from './hosted-definitions.js'
import { Journal } from './journal.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { PutAsideRuns } from './put-aside-runs.js'
import { isDriven, type RunWish, RunWishes, wishPollMs } from './run-wishes.js'
import { runUnknown } from './store-error.js'

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
  readonly resolve?: DefinitionLookup
  /**
   * How often it looks in the store, while it drives runs, whether another process wants one of them paused or cancelled, in
   * milliseconds. @default 250
   */
  readonly pollMs?: number
  /** @default the console */
  readonly logger?: Logger
}

/** How a run is started. */
export type HostedRunOptions = Omit<RunOptions, 'store' | 'recorder'>

/** How somebody waits for a process that drives a run. */
export interface SteeringOptions {
  /** How long for another process, in milliseconds. @default 10 000 */
  readonly patienceMs?: number
}

/** What {@link RunHost.recover} has found. */
export interface HostRecovery {
  /** The ids of the runs that were taken up. */
  readonly runIds: readonly string[]
  /** Runs that could not be taken up, and why; they are as they were. */
  readonly refused: readonly { readonly runId: string; readonly error: Error }[]
}

/**
 * The runs of several orchestrations in one store, by their ids, as a server has to do with them: starts and takes them up, and pauses,
 * cancels and observes them. What is asked of a run that the host of another process drives is left in the store as a wish, which that
 * host fulfils within half a second; if it has died, whoever takes the run up does.
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
  readonly #definitions: HostedDefinitions
  readonly #logger: Logger
  readonly #wishes: RunWishes
  readonly #pollMs: number
  readonly #driven: DrivenRuns
  readonly #putAside: PutAsideRuns
  /** What takes up a run at the moment, so that two who want to at once get the same one. */
  readonly #takingUp = new Map<string, Promise<OrchestrationRun<unknown>>>()
  /** Runs that could not be taken up, which is told once of each. */
  readonly #refused = new Set<string>()
  #closed = false

  /** @throws OPTION_INVALID, also if two orchestrations have one name */
  constructor(options: RunHostOptions) {
    const {
      store,
      orchestrations = [],
      resolve = () => undefined,
      pollMs = wishPollMs,
      logger = consoleLogger,
    } = options
    if (!(pollMs > 0)) throw new OptionError('pollMs', 'a number of milliseconds above 0', pollMs)
    this.store = checkStore(store)
    this.#definitions = new HostedDefinitions(resolve)
    this.#wishes = new RunWishes(store, pollMs)
    this.#pollMs = pollMs
    this.#driven = new DrivenRuns(store, this.#wishes)
    this.#putAside = new PutAsideRuns(store)
    this.#logger = logger
    for (const each of orchestrations) this.add(each)
  }

  /** Makes an orchestration known by its name. @throws OPTION_INVALID if another one has it */
  add(orchestration: HostedOrchestration): this {
    this.#definitions.add(orchestration)
    return this
  }

  /** Those that were added. */
  get orchestrations(): readonly HostedOrchestration[] {
    return this.#definitions.all
  }

  /** @throws ORCHESTRATION_UNKNOWN, with the names that come nearest */
  orchestration(name: string): HostedOrchestration {
    return this.#definitions.named(name)
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
    this.#driven.add({ run, orchestration: definition.name, tags: options.tags ?? {} })
    // Whoever starts one that has not been begun has to hear why.
    if (!(await stored(run))) await run.result
    return run
  }

  /** The run that this host drives; `undefined` if it drives none of that id. */
  driven(runId: string): OrchestrationRun<unknown> | undefined {
    return this.#driven.get(runId)
  }

  /** Whether this host or anybody else drives a run at the moment; nobody does one that has ended, or is paused elsewhere. */
  async isDriven(runId: string): Promise<boolean> {
    return (await this.#driven.look(runId)) !== undefined || isDriven(this.store, runId)
  }

  /** Each run that it begins to drive, as it does: one that is started, and one that is taken up. Never completes. */
  get runs$(): Observable<HostedRun> {
    return this.#driven.begun$
  }

  /** How many runs it drives; those that are paused are not counted. */
  get active(): number {
    return this.activeOf(() => true)
  }

  /** Those of {@link RunHost.active} whose labels are such. */
  activeOf(matches: (tags: Readonly<Record<string, string>>) => boolean): number {
    return this.#driven.count(matches)
  }

  /** What the store knows of a run. @throws RUN_UNKNOWN */
  async record(runId: string): Promise<RunRecord> {
    const record = await this.store.get(runId)
    if (record === undefined) throw runUnknown(runId)
    return record
  }

  /** The definition of a run. @throws RUN_UNKNOWN, ORCHESTRATION_UNKNOWN */
  async definitionOf(runId: string): Promise<HostedOrchestration> {
    return this.#definitions.of(await this.record(runId))
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
    const here = await this.#driven.look(runId)
    // That somebody wanted it paused before is no reason to pause it again.
    if (here !== undefined || !(await isDriven(this.store, runId))) await this.#wishes.withdraw(runId, 'pause')
    if (here === undefined) return this.#takenUp(runId)
    here.resume()
    return here
  }

  /**
   * Starts no more states of a run and resolves when those at work are done, whoever drives it.
   * @returns whether it is paused now. It is not if it has ended, and if another process, which drives it, has not paused it within
   * `patienceMs`: that does so when it gets to it.
   * @throws RUN_UNKNOWN
   */
  async pause(runId: string, options: SteeringOptions = {}): Promise<boolean> {
    // At once if it can be: what comes in between would still be started.
    const here = this.#driven.get(runId)
    if (here?.status === 'running') return this.#pauseHere(here)
    const { status } = await this.record(runId)
    if (status === 'paused') await this.#putAside.forget(runId)
    if (status !== 'running') return status === 'paused'
    const run = await this.#steered(runId, { wish: 'pause' }, options)
    // Of one that nobody drives it has to be written down that it is paused.
    if (run !== undefined) return this.#pauseHere(run)
    await this.#putAside.forget(runId)
    return (await this.record(runId)).status === 'paused'
  }

  /**
   * Ends a run, also one that is paused, whoever drives it; resolves when that is in the store. No effect on one that has ended.
   * @returns whether it has ended. It has not if another process, which drives it, has not ended it within `patienceMs`: that does so
   * when it gets to it.
   * @throws RUN_UNKNOWN
   */
  async cancel(runId: string, reason?: string, options: SteeringOptions = {}): Promise<boolean> {
    const wish: RunWish = { wish: 'cancel', ...(reason === undefined ? {} : { reason }) }
    for (let attempt = 1; isUnderWay(await this.record(runId)); attempt++) {
      const run = attempt > steeringAttempts ? undefined : await this.#steered(runId, wish, options)
      if (run === undefined) return !isUnderWay(await this.record(runId))
      run.cancel(reason)
      // What this handle cannot end, because another process has been quicker to take it up, that one is asked to.
      await run.result.catch(() => undefined)
    }
    return true
  }

  /**
   * Takes up every run that is under way and has nobody who drives it, and those that {@link RunHost.close} has put aside. Runs that
   * somebody has paused stay paused.
   */
  async recover(): Promise<HostRecovery> {
    const runIds: string[] = []
    const refused: HostRecovery['refused'][number][] = []
    await this.#sweepWishes()
    for (const runId of [...(await this.#underWay()), ...(await this.#putAside.list())]) {
      if (this.#closed) break
      if ((await this.#driven.look(runId)) !== undefined) continue
      try {
        const run = await this.#takenUp(runId)
        if (!this.#closed) await this.#putAside.forget(runId)
        this.#refused.delete(runId)
        runIds.push(run.id)
      } catch (thrown) {
        // Another process may recover the same store, and have been quicker.
        if (OrchestrationError.isInstance(thrown) && takenCodes.has(thrown.code)) continue
        this.#cannot(runId, thrown)
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
    let timer: ReturnType<typeof setTimeout> | undefined
    const enough = new Promise<void>(resolve => {
      timer = setTimeout(resolve, graceMs)
    })
    try {
      const runs = this.#driven.running.map(({ run }) => run)
      await this.#putAside.add(runs.map(({ id }) => id))
      const resting = [...runs.map(run => run.pause()), ...this.#takingUp.values()]
      await Promise.race([Promise.allSettled(resting), enough])
    } finally {
      clearTimeout(timer)
      this.#driven.ignoreAll()
    }
  }

  async #pauseHere(run: OrchestrationRun<unknown>): Promise<boolean> {
    await run.pause()
    await this.#putAside.forget(run.id)
    return run.status === 'paused'
  }

  /** The run, driven from here; `undefined` if it is as is wished, or another process drives it, which has been asked. */
  async #steered(
    runId: string,
    wish: RunWish,
    { patienceMs = 10_000 }: SteeringOptions,
  ): Promise<OrchestrationRun<unknown> | undefined> {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const here = await this.#driven.look(runId)
      if (here !== undefined) return here
      const msLeft = Math.max(0, deadline - Date.now())
      if ((await this.#wishes.ask(runId, wish, msLeft)) !== 'undriven') return undefined
      try {
        return await this.#takenUp(runId)
      } catch (thrown) {
        if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'RUN_BUSY') throw thrown
      }
      // Somebody has it of whom the store does not say so yet: who has just taken up one that was paused.
      if (msLeft === 0) return undefined
      await new Promise(resolve => setTimeout(resolve, Math.min(this.#pollMs, msLeft)))
    }
  }

  #takenUp(runId: string): Promise<OrchestrationRun<unknown>> {
    this.#checkOpen()
    let taking = this.#takingUp.get(runId)
    if (taking === undefined) {
      taking = this.#takeUp(runId).finally(() => this.#takingUp.delete(runId))
      this.#takingUp.set(runId, taking)
    }
    return taking
  }

  async #takeUp(runId: string): Promise<OrchestrationRun<unknown>> {
    const record = await this.record(runId)
    const definition = await this.#definitions.of(record)
    // What was wished of one whose process has died is done before it goes on.
    const wish = await this.#wishes.of(runId)
    const run: OrchestrationRun<unknown> = await definition.resume(runId, { store: this.store })
    this.#driven.add({ run, orchestration: record.orchestration, tags: record.tags }, wish)
    // close() knows nothing yet of what was just being taken up.
    if (this.#closed) {
      await this.#putAside.add([runId])
      await run.pause()
    }
    return run
  }

  /** What was wished of runs that nobody drives any more, and that nobody is going to take up. */
  async #sweepWishes(): Promise<void> {
    for (const { runId, wish, reason } of await this.#wishes.all()) {
      const status = (await this.store.get(runId))?.status
      if (status === 'running') continue
      if (status === 'paused' && wish === 'cancel') {
        await this.cancel(runId, reason).catch((thrown: unknown) => this.#cannot(runId, thrown))
        continue
      }
      if (status === 'paused') await this.#putAside.forget(runId)
      await this.#wishes.withdraw(runId, wish)
    }
  }

  #cannot(runId: string, thrown: unknown): void {
    if (!this.#refused.has(runId)) this.#logger.warn(`Run ${runId} cannot be taken up`, ensureError(thrown))
    this.#refused.add(runId)
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

  #checkOpen(): void {
    if (!this.#closed) return
    throw new OrchestrationError('This host of runs has been closed and starts nothing more.', { code: 'STORE_CLOSED' })
  }
}

/** How often a run is taken up in order to end it, when others take it up at the same time. */
const steeringAttempts = 5

function isUnderWay({ status }: RunRecord): boolean {
  return status === 'running' || status === 'paused'
}

const takenCodes: ReadonlySet<string> = new Set(['RUN_BUSY', 'RUN_CONFLICT', 'RUN_UNKNOWN'])

/** Whether a run has come into the store: its first event is told when it has, and none if it has not. */
function stored(run: OrchestrationRun<unknown>): Promise<boolean> {
  return new Promise(resolve => {
    run.events$.subscribe({ next: () => resolve(true), complete: () => resolve(false) })
  })
}
