import type { Observable } from 'rxjs'
import { OrchestrationError } from '../errors/index.js'
import { checkDecision, type Decision } from './approval.js'
import { unknownRequest } from './engine/requests.js'
import type { RunDriver } from './engine/run-driver.js'
import { eventIterator } from './event-iterator.js'
import { type EventHandler, guarded } from './event-listeners.js'
import type { EventOfType, OrchestrationEvent, OrchestrationEventName } from './events.js'
import type { ApprovalRef, OpenRequest, RequestAnnouncement, SignalRef } from './open-request.js'
import type { PropertyEntry } from './properties.js'
import { OrchestrationRunnable } from './runnable.js'

/** What a run is doing. */
export type RunStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'

/**
 * One run of an orchestration: its result, its events, and the handle by which it is paused, cancelled and answered.
 *
 * ```ts
 * const run = orchestration.start('AI in healthcare')
 * for await (const event of run) console.log(event.type)
 * const report = await run.result
 * ```
 */
export class OrchestrationRun<TOut> implements AsyncIterable<OrchestrationEvent> {
  readonly #driver: RunDriver

  /** @internal */
  constructor(driver: RunDriver) {
    this.#driver = driver
  }

  get id(): string {
    return this.#driver.state.runId
  }

  get status(): RunStatus {
    const { phase, ending } = this.#driver.state
    if (this.#driver.halted) return 'failed'
    if (phase === 'created') return 'pending'
    if (phase === 'paused') return 'paused'
    // The end counts when it has been recorded.
    if (phase !== 'ended' || !this.#driver.hasEnded) return 'running'
    return ending?.status === 'completed' && this.#driver.failed ? 'failed' : (ending?.status ?? 'failed')
  }

  /**
   * The output, once the run has completed. Rejects with OrchestrationFailedError, whose `cause` is the original error, or with
   * OrchestrationCancelledError.
   */
  get result(): Promise<TOut> {
    return this.#driver.result as Promise<TOut>
  }

  /** The outputs of all terminal states so far (of `resultRunnable` if it is set), in token order once the run has ended. */
  get results(): readonly unknown[] {
    return this.#driver.state.results.map(output => output.value)
  }

  /** The run's properties as committed so far; a copy, whose values are shared. Those of sub-orchestrations are their own. */
  get properties(): Readonly<Record<string, unknown>> {
    const { properties = new Map<string, PropertyEntry>() } = this.#driver.state
    return Object.fromEntries(
      [...properties].flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const])),
    )
  }

  /** Events from now on; completes after the run's last one. It never errors: a failure is an event, and rejects `result`. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#driver.hub.events$
  }

  /**
   * Events from number `seq` on, also those that have happened already.
   * @throws EVENTS_NOT_RETAINED if the run keeps too few of them (see `retainEvents`)
   */
  eventsFrom(seq: number): Observable<OrchestrationEvent> {
    return this.#driver.hub.eventsFrom(seq)
  }

  /** Calls `handler` for each event of a type; what it throws goes to the logger. Returns what takes it off again. */
  on<T extends OrchestrationEventName>(type: T, handler: EventHandler<EventOfType<T>>): () => void {
    const subscription = this.events$.subscribe(event => {
      if (event.type === type) guarded(handler, event as EventOfType<T>, this.#driver.options.rules.logger)
    })
    return () => subscription.unsubscribe()
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<OrchestrationEvent> {
    return eventIterator(this.events$)
  }

  /** Starts no more states and resolves when those at work are done. Waiting for people and messages goes on. */
  pause(): Promise<void> {
    return this.#driver.pause()
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#driver.resume()
  }

  /** Ends the run: aborts what is at work, drops what it still delivers. Has no effect on a run that has ended. */
  cancel(reason = 'no reason given'): void {
    this.#driver.cancel(reason)
  }

  /** The approvals and signals that are open, those of sub-orchestrations included. */
  get requests(): readonly OpenRequest[] {
    return this.#driver.openRequests
  }

  /**
   * Approves what an approval state waits for; resolves when the answer counts. Rejects with REQUEST_UNKNOWN if it is not open (any
   * more), or if several could be meant; with OPTION_INVALID for a decision that is none, and then it still waits.
   */
  async approve(request: ApprovalRef, decision: Decision = {}): Promise<void> {
    const checked = checkDecision(decision)
    await this.#driver.decide(this.#find(request, 'approval').id, true, checked)
  }

  /** Rejects what an approval state waits for; otherwise like {@link OrchestrationRun.approve}. */
  async reject(request: ApprovalRef, decision: Decision = {}): Promise<void> {
    const checked = checkDecision(decision)
    await this.#driver.decide(this.#find(request, 'approval').id, false, checked)
  }

  /**
   * Sends the payload that a signal state waits for. Rejects with REQUEST_UNKNOWN if none is open there, or if several are; with
   * PAYLOAD_INVALID if the payload is not what the state declares, and then it still waits.
   */
  signal<TSignal>(state: SignalRef<TSignal>, payload: NoInfer<TSignal>): Promise<void>
  /** Sends a payload to one open request, or to a state by name. What it is, is checked only when it arrives. */
  signal(request: OpenRequest | string, payload: unknown): Promise<void>
  async signal(ref: unknown, payload: unknown): Promise<void> {
    await this.#driver.send(this.#find(ref, 'signal').id, payload)
  }

  #find(ref: unknown, kind: OpenRequest['kind']): OpenRequest {
    const open = this.requests.filter(request => request.kind === kind)
    const name = requestIdOf(ref) ?? (typeof ref === 'string' ? ref : this.#stateNameOf(ref, kind))
    const byId = open.find(request => request.id === name)
    if (byId !== undefined) return byId
    const [request, ...others] = open.filter(each => each.stateName === name)
    if (request === undefined) throw unknownRequest(name, this.requests)
    if (others.length === 0) return request
    const ids = [request, ...others].map(each => each.id).join(', ')
    throw new OrchestrationError(
      `State "${name}" has ${others.length + 1} open requests; say which by its id: ${ids}.`,
      {
        code: 'REQUEST_UNKNOWN',
        details: { stateName: name },
      },
    )
  }

  #stateNameOf(ref: unknown, kind: string): string {
    if (typeof ref !== 'function' && !(ref instanceof OrchestrationRunnable))
      throw unknownRequest(String(ref), this.requests)
    return this.#driver.stateNameOf(ref, `The ${kind} to be answered`)
  }
}

/** The id in a request, or in the event that announced it. */
function requestIdOf(ref: unknown): string | undefined {
  if (typeof ref !== 'object' || ref === null || ref instanceof OrchestrationRunnable) return undefined
  const { id, requestId } = ref as Partial<OpenRequest & RequestAnnouncement>
  return requestId ?? id
}
