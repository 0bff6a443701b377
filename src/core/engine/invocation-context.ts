import { OptionError } from '../../errors/index.js'
import type { ApprovalOutcome, ApprovalQuestion } from '../approval.js'
import { sleep } from '../clock.js'
import type { RunContext } from '../context.js'
import { type AgentUsageEvent, type EmittedEvent, emittedTypes } from '../events.js'
import type { GraphNode } from '../graph.js'
import type { Attempt, Interceptor, StateCall } from '../interceptor.js'
import type { PropertyWrites, RunProperties } from '../properties.js'
import type { Usage } from '../usage.js'
import type { StepEvent } from './fact.js'
import type { RunHost } from './run-host.js'

/** What an attempt is part of. */
interface OuterCall {
  readonly context: InvocationContext
  readonly attempt: Attempt
  readonly call: StateCall
  readonly interceptor: Interceptor
}

/** The {@link RunContext} of one step. Everything that not every state needs is made when it is asked for. */
export class InvocationContext implements RunContext {
  readonly #host: RunHost
  readonly #node: GraphNode
  readonly #branch: string
  readonly #step: number
  #properties: StepProperties | undefined
  #attempt: OuterCall | undefined
  #signal: AbortSignal | undefined

  constructor(host: RunHost, node: GraphNode, branch: string, step: number) {
    this.#host = host
    this.#node = node
    this.#branch = branch
    this.#step = step
  }

  get runId(): string {
    return this.#host.state.runId
  }

  get stateName(): string {
    return this.#node.name
  }

  get token(): string {
    return `${this.#branch}:${this.#step}`
  }

  get idempotencyKey(): string {
    return `${this.runId}/${this.token}`
  }

  get attempt(): number {
    return this.#attempt?.attempt.number ?? this.#attempt?.context.attempt ?? 1
  }

  get attemptId(): string {
    const { context, attempt } = this.#attempt ?? {}
    if (context === undefined) return '1'
    // A policy that does not count attempts adds nothing.
    if (attempt?.number === undefined) return context.attemptId
    return context.#isCounted ? `${context.attemptId}.${attempt.number}` : String(attempt.number)
  }

  /** Whether this context is of an attempt that is counted, or inside of one. */
  get #isCounted(): boolean {
    return (
      this.#attempt !== undefined && (this.#attempt.attempt.number !== undefined || this.#attempt.context.#isCounted)
    )
  }

  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal
    const outer = this.#attempt?.context.signal ?? this.#host.signalOf(this.#branch, this.#step)
    const own = this.#attempt?.attempt.signal
    // One for all who ask: each of them would stay with the outer signal for as long as that lives.
    return own === undefined ? outer : (this.#signal = AbortSignal.any([outer, own]))
  }

  get properties(): StepProperties {
    const outer = this.#attempt?.context.properties
    this.#properties ??= new StepProperties(key =>
      outer === undefined ? this.#host.state.properties?.get(key)?.value : outer.get(key),
    )
    return this.#properties
  }

  /** The context of one attempt inside this one. What happens in it is told to its interceptor, then to those outside. */
  forAttempt(attempt: Attempt, call: StateCall, interceptor: Interceptor): InvocationContext {
    const inner = new InvocationContext(this.#host, this.#node, this.#branch, this.#step)
    inner.#attempt = { context: this, attempt, call, interceptor }
    return inner
  }

  /** Tells the interceptors that the state is about to be invoked with this context. */
  begin(): void {
    this.#tell(({ interceptor, call }) => interceptor.onAttempt?.(call, this.attempt))
  }

  /** Takes over what a successful attempt wrote. */
  adopt(attempt: InvocationContext): void {
    for (const [key, value] of attempt.writes ?? []) this.properties.set(key, value)
  }

  /** What was written so far, to be committed with the step. */
  get writes(): PropertyWrites | undefined {
    return this.#properties?.writes
  }

  outputOf(ref: unknown): undefined {
    const { node } = this.#host.directory.resolve(ref, `outputOf() in state "${this.stateName}"`)
    return this.#host.state.outputs[node.index] as undefined
  }

  usage(usage: Usage): void {
    const { agent = this.stateName, model, inputTokens = 0, outputTokens = 0, cost } = usage
    // Before anybody adds it up: a sum that is no number stays none.
    checkAmounts({ inputTokens, outputTokens, cost })
    const spent = cost === undefined ? {} : { cost }
    this.#publish({ type: 'agent.usage', agent, model, inputTokens, outputTokens, ...spent })
    this.#tell(({ interceptor, call }) => interceptor.onUsage?.(call, usage))
  }

  emit(event: EmittedEvent): void {
    if (!emittedTypes.has(event.type)) {
      throw new OptionError('event.type', `one of ${[...emittedTypes].join(', ')}`, event.type)
    }
    this.#publish(event)
    this.#tell(({ interceptor, call }) => interceptor.onEmit?.(call, event))
  }

  /** Tells all interceptors around this context, also when one throws: what one refuses, the others have to know of. */
  #tell(what: (outer: OuterCall) => void): void {
    let refused: { readonly thrown: unknown } | undefined
    for (let outer = this.#attempt; outer !== undefined; outer = outer.context.#attempt) {
      try {
        what(outer)
      } catch (thrown) {
        refused ??= { thrown }
      }
    }
    if (refused !== undefined) throw refused.thrown
  }

  #publish(event: EmittedEvent | Omit<AgentUsageEvent, 'runId' | 'seq' | 'at' | 'stateName' | 'token'>): void {
    const { hub, options } = this.#host
    if (!hub.observed && options.recorder === undefined) {
      hub.skip(1)
      return
    }
    const { stateName, token } = this
    this.#host.emit({ ...event, stateName, token } as StepEvent)
  }

  once<T>(name: string, work: () => T | PromiseLike<T>): Promise<T> {
    return handled(this.#host.once(this.#branch, this.#step, name, work) as Promise<T>)
  }

  requestApproval<T>(name: string, question: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>> {
    return handled(this.#host.ask(this.#branch, this.#step, name, question) as Promise<ApprovalOutcome<T>>)
  }

  now(): number {
    return this.#host.options.rules.clock.now()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleep(this.#host.options.rules.clock, ms, this.signal, signal)
  }
}

/** A promise that a state may leave behind: that nobody awaits it must not end the process. Whoever does gets what it rejects with. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** @throws OPTION_INVALID */
function checkAmounts(amounts: Readonly<Record<string, number | undefined>>): void {
  for (const [field, amount] of Object.entries(amounts)) {
    if (amount === undefined || (Number.isFinite(amount) && amount >= 0)) continue
    throw new OptionError(`usage.${field}`, 'a number of at least 0', amount)
  }
}

/** A step's view of the run's properties: its own writes over what is committed. */
class StepProperties implements RunProperties {
  readonly #committed: (key: string) => unknown
  readonly #writes = new Map<string, unknown>()

  constructor(committed: (key: string) => unknown) {
    this.#committed = committed
  }

  get writes(): PropertyWrites | undefined {
    // A copy: work that a step has left behind may go on writing.
    return this.#writes.size === 0 ? undefined : new Map(this.#writes)
  }

  get<T>(key: string): T | undefined {
    return (this.#writes.has(key) ? this.#writes.get(key) : this.#committed(key)) as T | undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  set(key: string, value: unknown): void {
    this.#writes.set(key, value)
  }

  delete(key: string): void {
    this.#writes.set(key, undefined)
  }
}
