import { type Observable, Subject } from 'rxjs'
import { OrchestrationError } from '../../errors/index.js'
import type { OrchestrationEvent } from '../events.js'

/** Somewhere events go. Nothing is built for a sink that does not observe. */
export interface EventSink {
  readonly observed: boolean
  next(event: OrchestrationEvent): void
  /** So many events happened that nobody wanted. */
  skip(events: number): void
}

/**
 * The one stream of a run: numbers events, keeps as many as it was told to, and hands them to the run's own subscribers and to
 * the sinks around it (its orchestration's, and the run it is part of).
 */
export class EventHub {
  readonly #sinks: readonly EventSink[]
  readonly #retain: number
  #seq = 0
  #subject: Subject<OrchestrationEvent> | undefined
  #retained: OrchestrationEvent[] | undefined
  #closed = false

  constructor(sinks: readonly EventSink[], retain: number) {
    this.#sinks = sinks
    this.#retain = retain
  }

  /** Whether anybody wants the next event. */
  get observed(): boolean {
    if (this.#retain > 0 || this.#subject?.observed === true) return true
    for (const sink of this.#sinks) if (sink.observed) return true
    return false
  }

  /** Live from now on; completes after the run's last event. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#ownSubject()
  }

  /** The retained events from number `seq` on; those that follow are for {@link EventHub.events$}. */
  retainedFrom(seq: number): readonly OrchestrationEvent[] {
    const retained = this.#retained ?? []
    const first = retained[0]?.seq ?? this.#seq
    if (seq < first) {
      throw new OrchestrationError(
        `Events from number ${seq} on are not kept: the first one still there is ${first}. ` +
          'Start the run with `retainEvents: true`, or with the number of events to keep.',
        { code: 'EVENTS_NOT_RETAINED', details: { seq, first } },
      )
    }
    return retained.filter(event => event.seq >= seq)
  }

  /** Numbers an event and hands it out. After the run's end nothing is handed out any more. */
  deliver(event: OrchestrationEvent): void {
    if (this.#closed) return
    ;(event as { seq: number }).seq = this.#seq++
    if (this.#retain > 0) this.#keep(event)
    this.#subject?.next(event)
    for (const sink of this.#sinks) if (sink.observed) sink.next(event)
  }

  /** Counts events that nobody wanted, so that numbers do not depend on who listens. */
  skip(events: number): void {
    this.#seq += events
    for (const sink of this.#sinks) sink.skip(events)
  }

  /** Nothing comes after this. */
  close(): void {
    this.#closed = true
    this.#subject?.complete()
  }

  #ownSubject(): Subject<OrchestrationEvent> {
    if (this.#subject === undefined) {
      this.#subject = new Subject()
      if (this.#closed) this.#subject.complete()
    }
    return this.#subject
  }

  #keep(event: OrchestrationEvent): void {
    const retained = (this.#retained ??= [])
    retained.push(event)
    // Trimming in pieces: dropping one at a time would move the whole array for every event.
    if (retained.length >= 2 * this.#retain) retained.splice(0, retained.length - this.#retain)
  }
}
