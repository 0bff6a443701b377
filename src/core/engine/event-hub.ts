import { filter, Observable, Subject } from 'rxjs'
import { OrchestrationError } from '../../errors/index.js'
import { isTerminalEvent, type OrchestrationEvent } from '../events.js'

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
  readonly #owner: EventSink
  readonly #outer: readonly EventSink[]
  readonly #retain: number
  #seq: number
  #subject: Subject<OrchestrationEvent> | undefined
  #retained: OrchestrationEvent[] | undefined
  #closed = false
  #delivering = false
  #next: OrchestrationEvent[] | undefined

  /**
   * @param owner where the events of all runs of the orchestration go
   * @param outer where they go besides, if the run is part of another one
   * @param retain how many events are kept
   * @param seq the number of the first event: that of a run that was restored has had others before
   */
  constructor(owner: EventSink, outer: readonly EventSink[], retain: number, seq = 0) {
    this.#seq = seq
    this.#owner = owner
    this.#outer = outer
    this.#retain = retain
  }

  /** Whether anybody wants the next event. */
  get observed(): boolean {
    if (this.#retain > 0 || this.#subject?.observed === true || this.#owner.observed) return true
    for (const sink of this.#outer) if (sink.observed) return true
    return false
  }

  /** Live from now on; completes after the run's last event. */
  get events$(): Observable<OrchestrationEvent> {
    return this.#ownSubject()
  }

  /**
   * Events from number `seq` on: the retained ones, then those that follow.
   * @throws EVENTS_NOT_RETAINED; a subscriber that comes so late that events are missing by then gets it as an error
   */
  eventsFrom(seq: number): Observable<OrchestrationEvent> {
    this.#checkRetained(seq)
    return new Observable(subscriber => {
      this.#checkRetained(seq)
      let wanted = seq
      // A subscriber may cause events while it reads old ones; they are retained too, and read in turn.
      for (let event = this.#retainedAt(wanted); event !== undefined; event = this.#retainedAt(wanted)) {
        wanted++
        subscriber.next(event)
        if (subscriber.closed) return
      }
      return this.events$.pipe(filter(event => event.seq >= wanted)).subscribe(subscriber)
    })
  }

  /** Numbers an event and hands it out. After the run's end nothing is handed out any more. */
  deliver(event: OrchestrationEvent): void {
    if (this.#closed) return
    ;(event as { seq: number }).seq = this.#seq++
    if (this.#delivering) {
      // Caused by a listener: first everybody gets the event that caused it.
      ;(this.#next ??= []).push(event)
      return
    }
    this.#delivering = true
    try {
      for (let next: OrchestrationEvent | undefined = event; next !== undefined; next = this.#next?.shift()) {
        this.#handOut(next)
      }
    } finally {
      this.#delivering = false
    }
  }

  /** Counts events that nobody wanted, so that numbers do not depend on who listens. */
  skip(events: number): void {
    this.#seq += events
    this.#owner.skip(events)
    for (const sink of this.#outer) sink.skip(events)
  }

  #handOut(event: OrchestrationEvent): void {
    if (this.#closed) return
    if (this.#retain > 0) this.#keep(event)
    this.#subject?.next(event)
    tell(this.#owner, event)
    for (const sink of this.#outer) tell(sink, event)
    // Whatever a listener of the last event causes comes too late.
    if (isTerminalEvent(event)) this.#closed = true
  }

  #checkRetained(seq: number): void {
    const first = this.#retained?.[0]?.seq ?? this.#seq
    if (seq >= first) return
    throw new OrchestrationError(
      `Events from number ${seq} on are not kept: the first one still there is ${first}. ` +
        'Start the run with `retainEvents: true`, or with the number of events to keep.',
      { code: 'EVENTS_NOT_RETAINED', details: { seq, first } },
    )
  }

  #retainedAt(seq: number): OrchestrationEvent | undefined {
    const retained = this.#retained
    return retained?.[seq - (retained[0]?.seq ?? 0)]
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

function tell(sink: EventSink, event: OrchestrationEvent): void {
  if (sink.observed) sink.next(event)
  else sink.skip(1)
}
