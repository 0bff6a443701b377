import { type Observable, Subject } from 'rxjs'
import { ensureError } from '../errors/index.js'
import type { EventSink } from './engine/event-hub.js'
import type { EventOfType, OrchestrationEvent, OrchestrationEventName } from './events.js'
import type { Logger } from './logger.js'

/** A callback for events; what it throws, or rejects with, goes to the logger and harms nothing. */
export type EventHandler<TEvent = OrchestrationEvent> = (event: TEvent) => unknown

/** The stream of all runs of one orchestration, and its callbacks. */
export class EventListeners implements EventSink {
  readonly #subject = new Subject<OrchestrationEvent>()
  readonly #handlers = new Set<{ readonly type: OrchestrationEventName | '*'; readonly handle: EventHandler }>()
  readonly #logger: () => Logger
  callback: EventHandler | undefined

  constructor(logger: () => Logger) {
    this.#logger = logger
  }

  get observed(): boolean {
    return this.callback !== undefined || this.#handlers.size > 0 || this.#subject.observed
  }

  get events$(): Observable<OrchestrationEvent> {
    return this.#subject
  }

  /** Calls `handle` for every event of a type, `'*'` for all. Returns what takes it off again. */
  on<T extends OrchestrationEventName>(type: T, handle: EventHandler<EventOfType<T>>): () => void
  on(type: '*', handle: EventHandler): () => void
  on(type: OrchestrationEventName | '*', handle: EventHandler<never>): () => void {
    const entry = { type, handle: handle as EventHandler }
    this.#handlers.add(entry)
    return () => this.#handlers.delete(entry)
  }

  next(event: OrchestrationEvent): void {
    if (this.callback !== undefined) guarded(this.callback, event, this.#logger())
    for (const { type, handle } of this.#handlers) {
      if (type === '*' || type === event.type) guarded(handle, event, this.#logger())
    }
    this.#subject.next(event)
  }

  skip(): void {
    // Numbers belong to runs; the stream of all runs has none of its own.
  }
}

/** Calls a listener so that nothing it does can harm the run. */
export function guarded<TEvent extends OrchestrationEvent>(
  handle: EventHandler<TEvent>,
  event: TEvent,
  logger: Logger,
): void {
  const report = (thrown: unknown): void => logger.warn(`a listener of "${event.type}" failed`, ensureError(thrown))
  try {
    const pending = handle(event)
    if (pending instanceof Promise) pending.catch(report)
  } catch (thrown) {
    report(thrown)
  }
}
