import { Observable } from 'rxjs'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import type { TypeRef } from '../schema/index.js'
import { afterOthers, systemClock } from './clock.js'
import { compileGraph } from './compile-graph.js'
import type { InputOf, OutputOf } from './declared-payload.js'
import { EventHub, type EventSink } from './engine/event-hub.js'
import { type InheritedInterceptor, nothingInherited } from './engine/inherited-interceptors.js'
import { RunDriver } from './engine/run-driver.js'
import { type EventHandler, EventListeners } from './event-listeners.js'
import type { EventOfType, OrchestrationEvent, OrchestrationEventName } from './events.js'
import type { OrchestrationGraph } from './graph.js'
import type { Interceptor } from './interceptor.js'
import { consoleLogger } from './logger.js'
import { orchestrationDeclaration } from './orchestration-decorator.js'
import {
  checkOrchestrationDeclaration,
  checkResumeOptionNames,
  checkRunOptionNames,
  type OrchestrationConfiguration,
  type OrchestrationDeclaration,
  type ResolvedRules,
  type ResumeOptions,
  type RunOptions,
  randomId,
  resolveRules,
  resolveRunOptions,
} from './orchestration-options.js'
import { type Recovery, recoverRuns } from './recovery.js'
import { OrchestrationRun } from './run.js'
import type { RunLedger } from './run-ledger.js'
import { checkStore, type DurableDefinition, type RunStore } from './run-store.js'
import { type AnyRunnable, OrchestrationRunnable } from './runnable.js'

/** What is around a run. */
interface Surroundings {
  /** Where its events go besides. */
  readonly sinks: readonly EventSink[]
  /** What wraps the attempts of its states, besides what its own orchestration has for them. */
  readonly attempts: readonly Interceptor[]
  readonly inherited: readonly InheritedInterceptor[]
  /** Whether listeners and interceptors of the orchestration hear nothing of it: it only repeats what has happened. */
  readonly unheard?: boolean
}

/** A listener that does not listen. */
const nobody: EventSink = { observed: false, next: () => undefined, skip: () => undefined }

/** A run that is part of no other, and that nobody instruments. */
const alone: Surroundings = { sinks: [], attempts: [], inherited: nothingInherited }

/** What belongs to an instance, out of the reach of a subclass's fields. */
interface Internals {
  readonly registered: AnyRunnable[]
  readonly listeners: EventListeners
  declaration: OrchestrationDeclaration
  graph: OrchestrationGraph | undefined
  /** An orchestration that comes to itself while it is compiled contains itself. */
  compiling: boolean
  /** What runs go by that are given no rules of their own. */
  rules: ResolvedRules | undefined
  attemptInterceptors: readonly Interceptor[]
}

/**
 * A state machine that takes a `TIn` and returns a `TOut`. Subclass it, wire the states in the constructor, run it:
 *
 * ```ts
 * class Research extends Orchestration<string, Report> {
 *   constructor() {
 *     super()
 *     this.initialRunnable = new Planning().addAdvancer(plan => plan.items.length > 0, Reporting)
 *     this.register(new Reporting())
 *   }
 * }
 * const report = await new Research().run('AI in healthcare')
 * ```
 *
 * The first run checks the definition and freezes it. One instance runs any number of runs at once; they share nothing.
 */
export abstract class Orchestration<TIn, TOut> {
  /** Where a run starts. Must be set before the first run. */
  declare initialRunnable?: OrchestrationRunnable<TIn, unknown>

  /** The state whose output is the result. @default the terminal state that comes last in token order */
  declare resultRunnable?: OrchestrationRunnable<never, TOut>

  readonly #internals: Internals = {
    registered: [],
    listeners: new EventListeners(() => this.#declaration.logger ?? consoleLogger),
    declaration: {},
    graph: undefined,
    compiling: false,
    rules: undefined,
    attemptInterceptors: alone.attempts,
  }

  /** Makes states known that no advancer names by instance. Those that one does need not be registered. */
  register(...runnables: readonly AnyRunnable[]): this {
    for (const runnable of runnables) {
      if (!(runnable instanceof OrchestrationRunnable))
        throw new OptionError('runnables', 'instances of runnables', runnable)
    }
    const { registered } = this.#open('register()')
    // One by one: a call with too many arguments at once fails.
    for (const runnable of runnables) registered.push(runnable)
    return this
  }

  /** Sets options of this instance; what is not given stays as the class declares it. */
  configure<I extends TypeRef | undefined = undefined, O extends TypeRef | undefined = undefined>(
    this: Orchestration<InputOf<I>, OutputOf<O>>,
    options: OrchestrationConfiguration<I, O>,
  ): this {
    const internals = this.#open('configure()')
    const declaration = { ...internals.declaration, ...(options as OrchestrationDeclaration) }
    checkOrchestrationDeclaration(declaration)
    if (declaration.store !== undefined) checkStore(declaration.store)
    internals.declaration = declaration
    return this as this
  }

  /** What events and errors call this orchestration. */
  get name(): string {
    return this.#declaration.name ?? this.constructor.name
  }

  /**
   * The definition as plain data. Asking for it checks and freezes the definition, as the first run does.
   * @throws WiringError
   */
  get graph(): OrchestrationGraph {
    const internals = this.#internals
    const { graph } = internals
    if (graph !== undefined) {
      if (graph.entry.runnable !== this.initialRunnable) this.#open('Setting initialRunnable')
      if (graph.result?.runnable !== this.resultRunnable) this.#open('Setting resultRunnable')
      return graph
    }
    if (internals.compiling) {
      throw new OrchestrationError(`orchestration "${this.name}" contains itself, so it would never end.`, {
        code: 'WIRING_INVALID',
        details: { orchestration: this.name },
      })
    }
    internals.compiling = true
    try {
      internals.graph = this.#compile(internals)
    } finally {
      internals.compiling = false
    }
    return internals.graph
  }

  #compile(internals: Internals): OrchestrationGraph {
    return compileGraph({
      name: this.name,
      declaration: this.#declaration,
      initial: this.initialRunnable as AnyRunnable | undefined,
      result: this.resultRunnable,
      registered: internals.registered,
    })
  }

  /**
   * Runs to the end and returns the output. Rejects with WiringError if the definition is wrong, with OrchestrationFailedError
   * if the run fails (`cause` is the original error), with OrchestrationCancelledError if it is cancelled.
   */
  run(input: TIn, options: RunOptions = {}): Promise<TOut> {
    try {
      return this.#begin(input, options).result as Promise<TOut>
    } catch (thrown) {
      return Promise.reject(ensureError(thrown))
    }
  }

  /** Starts a run and returns its handle. Nothing has happened yet when it returns, so a subscriber misses no event. */
  start(input: TIn, options: RunOptions = {}): OrchestrationRun<TOut> {
    const driver = this.#begin(input, options)
    // A failure is an event too; whoever listens to that only must not bring the process down.
    driver.result.catch(() => undefined)
    return new OrchestrationRun<TOut>(driver)
  }

  /**
   * Takes up a run that is in a store and goes on where its journal ends: what had completed stays, what was under way begins again.
   * Of a run that has ended the handle has the outcome. Rejects with RUN_UNKNOWN; RUN_BUSY if somebody else is driving it;
   * DEFINITION_CHANGED; JOURNAL_DAMAGED.
   */
  async resume(runId: string, options: ResumeOptions = {}): Promise<OrchestrationRun<TOut>> {
    checkResumeOptionNames(options)
    const { signal, clock, logger } = options
    const own = { ...(clock && { clock }), ...(logger && { logger }) }
    const definition = { ...this.durable, ...own }
    const ledger = await this.#storeFor(options, 'resume()').takeUp(definition, runId, options)
    const driver = this.drive({ runId, signal, ...own }, alone, ledger)
    // Not before the caller has the handle, so that a subscriber misses no event.
    afterOthers(() => driver.takeUp())
    driver.result.catch(() => undefined)
    return new OrchestrationRun<TOut>(driver)
  }

  /**
   * Takes up every run of this orchestration that is in a store, is under way and has nobody who drives it, for example after a
   * crash. Paused runs stay paused. A run that cannot be taken up does not keep the others from it.
   */
  recover(options: ResumeOptions = {}): Promise<Recovery<TOut>> {
    const store = this.#storeFor(options, 'recover()')
    return recoverRuns(store, this.durable, runId => this.resume(runId, options))
  }

  /**
   * The events of a run that is in a store, from number `from` on, whoever drives it: those that have happened, then those that
   * follow, without gaps and without duplicates. Completes after the run's last event; errors with RUN_UNKNOWN and the like.
   * @throws OPTION_INVALID, STORE_MISSING at once
   */
  observe(
    runId: string,
    options: { readonly from?: number; readonly store?: RunStore } = {},
  ): Observable<OrchestrationEvent> {
    const { from = 0 } = options
    if (!Number.isInteger(from) || from < 0) throw new OptionError('from', 'a whole number from 0 on', from)
    return this.#storeFor(options, 'observe()').observe(this.durable, runId, from)
  }

  /** The events of a run that starts when somebody subscribes and is cancelled when they unsubscribe before its end. */
  stream(input: TIn, options: RunOptions = {}): Observable<OrchestrationEvent> {
    return new Observable(subscriber => {
      const run = this.start(input, options)
      const subscription = run.events$.subscribe(subscriber)
      return () => {
        subscription.unsubscribe()
        run.cancel('the subscriber has left')
      }
    })
  }

  /** The events of all runs of this instance. Never completes, never errors. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#internals.listeners.events$
  }

  /** Calls `handler` for each event of a type, of all runs; what it throws goes to the logger. Returns what takes it off. */
  on<T extends OrchestrationEventName>(type: T, handler: EventHandler<EventOfType<T>>): () => void {
    return this.#internals.listeners.on(type, handler)
  }

  /** A callback for every event of all runs, also asynchronous (S4-25); what it throws goes to the logger. */
  get onOrchestrationEvent(): EventHandler | undefined {
    return this.#internals.listeners.callback
  }

  set onOrchestrationEvent(handler: EventHandler | undefined) {
    this.#internals.listeners.callback = handler
  }

  /**
   * Puts an interceptor around each attempt of every state, inside of all others, for runs that start from now on and the runs
   * inside them. It changes nothing of the definition, so it may come after the first run. Returns what takes it off again.
   * @internal
   */
  wrapAttempts(interceptor: Interceptor): () => void {
    const internals = this.#internals
    internals.attemptInterceptors = [...internals.attemptInterceptors, interceptor]
    return () => {
      internals.attemptInterceptors = internals.attemptInterceptors.filter(each => each !== interceptor)
    }
  }

  /** The driver of a run, which may be part of another one; it is still to be told to begin. @internal */
  drive(options: RunOptions, around: Surroundings, ledger: RunLedger | undefined): RunDriver {
    const { graph } = this
    const internals = this.#internals
    const declared = this.#declaration
    internals.rules ??= resolveRules(declared)
    const own = internals.attemptInterceptors
    const attempts = around.attempts.length === 0 ? own : [...new Set([...around.attempts, ...own])]
    const resolved = resolveRunOptions(declared, internals.rules, options, attempts, around, ledger)
    const owner = around.unheard === true ? nobody : internals.listeners
    const hub = new EventHub(owner, around.sinks, resolved.rules.retainEvents, ledger?.restored?.events)
    return new RunDriver(graph, resolved, hub)
  }

  /** What a store has to know of this orchestration. @internal */
  get durable(): DurableDefinition {
    const { version = 1, migrations = {}, clock = systemClock, logger = consoleLogger } = this.#declaration
    return { name: this.name, graph: this.graph, version, migrations, clock, logger }
  }

  #begin(input: TIn, options: RunOptions): RunDriver {
    checkRunOptionNames(options)
    const { recorder, runId = randomId(), clock, logger } = options
    const { store = this.#declaration.store } = options
    if (store === undefined) {
      const driver = this.drive(options, alone, undefined)
      driver.begin(input)
      return driver
    }
    if (recorder !== undefined)
      throw new OptionError('recorder', 'left out for a run that is kept in a store', recorder)
    const definition = { ...this.durable, ...(clock && { clock }), ...(logger && { logger }) }
    const driver = this.drive({ ...options, runId }, alone, checkStore(store).begin(definition, runId, options))
    driver.begin(input)
    return driver
  }

  #storeFor({ store = this.#declaration.store }: { readonly store?: RunStore }, what: string): RunStore {
    if (store !== undefined) return checkStore(store)
    throw new OrchestrationError(
      `${what} needs a store: pass \`{ store }\`, or give orchestration "${this.name}" one with configure({ store }).`,
      { code: 'STORE_MISSING', details: { orchestration: this.name } },
    )
  }

  get #declaration(): OrchestrationDeclaration {
    return { ...orchestrationDeclaration(this.constructor as new () => unknown), ...this.#internals.declaration }
  }

  #open(change: string): Internals {
    if (this.#internals.graph === undefined) return this.#internals
    throw new OrchestrationError(
      `${change} on orchestration "${this.name}" came too late: it has already run. Wire everything in the constructor.`,
      { code: 'DEFINITION_FROZEN', details: { orchestration: this.name } },
    )
  }
}
