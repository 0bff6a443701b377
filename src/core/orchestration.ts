import { Observable } from 'rxjs'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import type { TypeRef } from '../schema/index.js'
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
  type OrchestrationConfiguration,
  type OrchestrationDeclaration,
  type ResolvedRules,
  type RunOptions,
  resolveRules,
  resolveRunOptions,
} from './orchestration-options.js'
import { OrchestrationRun } from './run.js'
import { type AnyRunnable, OrchestrationRunnable } from './runnable.js'

/** Where the events of a run go that is part of no other. */
const noSinks: readonly EventSink[] = []

/** What wraps the attempts of a run that nobody instruments. */
const noInterceptors: readonly Interceptor[] = []

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
    attemptInterceptors: noInterceptors,
  }

  /** Makes states known that no advancer names by instance. Those that one does need not be registered. */
  register(...runnables: readonly AnyRunnable[]): this {
    for (const runnable of runnables) {
      if (!(runnable instanceof OrchestrationRunnable))
        throw new OptionError('runnables', 'instances of runnables', runnable)
    }
    this.#open('register()').registered.push(...runnables)
    return this
  }

  /** Sets options of this instance; what is not given stays as the class declares it. */
  configure<I extends TypeRef | undefined = undefined, O extends TypeRef | undefined = undefined>(
    this: Orchestration<InputOf<I>, OutputOf<O>>,
    options: OrchestrationConfiguration<I, O>,
  ): this {
    const internals = this.#open('configure()')
    const declaration = { ...internals.declaration, ...(options as OrchestrationDeclaration) }
    resolveRules(declaration)
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
      return this.drive(input, options).result as Promise<TOut>
    } catch (thrown) {
      return Promise.reject(ensureError(thrown))
    }
  }

  /** Starts a run and returns its handle. Nothing has happened yet when it returns, so a subscriber misses no event. */
  start(input: TIn, options: RunOptions = {}): OrchestrationRun<TOut> {
    const driver = this.drive(input, options)
    // A failure is an event too; whoever listens to that only must not bring the process down.
    driver.result.catch(() => undefined)
    return new OrchestrationRun<TOut>(driver)
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

  /** Starts a run as part of another one. @internal */
  drive(
    input: TIn,
    options: RunOptions,
    sinks: readonly EventSink[] = noSinks,
    outerAttempts: readonly Interceptor[] = noInterceptors,
    inherited: readonly InheritedInterceptor[] = nothingInherited,
  ): RunDriver {
    const { graph } = this
    const internals = this.#internals
    const declared = this.#declaration
    internals.rules ??= resolveRules(declared)
    const own = internals.attemptInterceptors
    const attempts = outerAttempts.length === 0 ? own : [...new Set([...outerAttempts, ...own])]
    const resolved = resolveRunOptions(declared, internals.rules, options, attempts, inherited)
    const hub = new EventHub(internals.listeners, sinks, resolved.rules.retainEvents)
    const driver = new RunDriver(graph, resolved, hub)
    driver.begin(input)
    return driver
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
