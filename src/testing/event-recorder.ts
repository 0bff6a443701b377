import type { Observable, Subscription } from 'rxjs'
import type { EventOfType, OrchestrationEvent, OrchestrationEventName } from '../core/index.js'

/** What {@link EventRecorder.expectInOrder} looks for: the type of an event, or some of its fields. */
export type ExpectedEvent =
  | OrchestrationEventName
  | { readonly type: OrchestrationEventName; readonly [field: string]: unknown }

/** A run, an orchestration, or a stream of events itself. */
export type EventSource = Observable<OrchestrationEvent> | { readonly events$: Observable<OrchestrationEvent> }

/**
 * Keeps the events of a run or an orchestration from the moment it is made.
 *
 * ```ts
 * const run = orchestration.start(input)
 * const events = new EventRecorder(run)
 * await run.result
 * events.expectInOrder(['state.started', { type: 'state.completed', stateName: 'Planning' }])
 * ```
 */
export class EventRecorder {
  readonly #events: OrchestrationEvent[] = []
  readonly #subscription: Subscription
  #completed = false

  constructor(source: EventSource) {
    const events$ = 'events$' in source ? source.events$ : source
    this.#subscription = events$.subscribe({
      next: event => this.#events.push(event),
      complete: () => {
        this.#completed = true
      },
    })
  }

  /** What has happened so far, oldest first. */
  get events(): readonly OrchestrationEvent[] {
    return this.#events
  }

  /** The types of {@link EventRecorder.events}. */
  get types(): readonly OrchestrationEventName[] {
    return this.#events.map(event => event.type)
  }

  /** The names of the states that were started, in that order; those inside sub-orchestrations are left out. */
  get states(): readonly string[] {
    return this.ofType('state.started').flatMap(event => (event.path === undefined ? [event.stateName] : []))
  }

  /** Whether the stream has completed. */
  get completed(): boolean {
    return this.#completed
  }

  /** The events of one type. */
  ofType<T extends OrchestrationEventName>(type: T): readonly EventOfType<T>[] {
    return this.#events.filter(event => event.type === type) as unknown as readonly EventOfType<T>[]
  }

  /**
   * Checks that these events happened in this order; others may have happened between them. An object matches an event that has
   * all of its fields.
   * @throws an Error that shows all events, which of them matched, and which expectation was not met
   */
  expectInOrder(expected: readonly ExpectedEvent[]): void {
    const found = new Map<number, number>()
    let from = 0
    for (const [index, wanted] of expected.entries()) {
      const at = this.#events.findIndex((event, position) => position >= from && matches(event, wanted))
      if (at < 0) throw new Error(this.#mismatch(expected, index, found))
      found.set(at, index)
      from = at + 1
    }
  }

  /** Keeps no more events. */
  stop(): void {
    this.#subscription.unsubscribe()
  }

  #mismatch(expected: readonly ExpectedEvent[], missing: number, found: ReadonlyMap<number, number>): string {
    const wanted = expected[missing] as ExpectedEvent
    const after = missing === 0 ? 'at all' : `after expectation ${missing}, ${printed(expected[missing - 1])}`
    const elsewhere = this.#events.findIndex(event => matches(event, wanted))
    const hint = elsewhere < 0 ? '' : ` It did happen before that, as event ${elsewhere}.`
    const lines = this.#events.map((event, index) => {
      const match = found.get(index)
      return `${match === undefined ? '    ' : `${match + 1} ✓ `.padStart(4)}${index}: ${summary(event)}`
    })
    return (
      `Expectation ${missing + 1} of ${expected.length}, ${printed(wanted)}, did not happen ${after}.${hint}\n` +
      `${lines.length === 0 ? 'There were no events.' : `Events:\n${lines.join('\n')}`}`
    )
  }
}

function matches(event: OrchestrationEvent, wanted: ExpectedEvent): boolean {
  if (typeof wanted === 'string') return event.type === wanted
  const fields = event as unknown as Readonly<Record<string, unknown>>
  return Object.entries(wanted).every(([field, value]) => isSame(fields[field], value))
}

function isSame(actual: unknown, wanted: unknown): boolean {
  if (Object.is(actual, wanted)) return true
  if (typeof actual !== 'object' || typeof wanted !== 'object' || actual === null || wanted === null) return false
  const actualKeys = Object.keys(actual)
  return (
    Array.isArray(actual) === Array.isArray(wanted) &&
    actualKeys.length === Object.keys(wanted).length &&
    actualKeys.every(key => isSame((actual as Record<string, unknown>)[key], (wanted as Record<string, unknown>)[key]))
  )
}

function printed(wanted: ExpectedEvent | undefined): string {
  return typeof wanted === 'string' ? wanted : (JSON.stringify(wanted) ?? 'nothing')
}

const named = ['stateName', 'fromState', 'toState', 'token', 'branch', 'outcome', 'reason', 'errorMessage'] as const

function summary(event: OrchestrationEvent): string {
  const fields = event as unknown as Readonly<Record<string, unknown>>
  const details = named.flatMap(name => (fields[name] === undefined ? [] : `${name}=${JSON.stringify(fields[name])}`))
  return [event.type, ...details].join(' ')
}
