import type { Observable } from 'rxjs'
import { consoleLogger, type Logger, type OrchestrationEvent } from '../core/index.js'
import { ensureError } from '../errors/index.js'

/** An orchestration (all of its runs), one run, or a stream of events itself. */
export type EventSource = Observable<OrchestrationEvent> | { readonly events$: Observable<OrchestrationEvent> }

/** The stream of a source. */
export function eventsOf(source: EventSource): Observable<OrchestrationEvent> {
  return 'events$' in source ? source.events$ : source
}

/** Calls `handle` for every event; what it throws goes to the logger and harms neither the run nor the others who listen. */
export function observe(
  source: EventSource,
  handle: (event: OrchestrationEvent) => void,
  logger: Logger = consoleLogger,
): () => void {
  const subscription = eventsOf(source).subscribe(event => {
    try {
      handle(event)
    } catch (thrown) {
      logger.warn(`an observer of "${event.type}" failed`, ensureError(thrown))
    }
  })
  return () => subscription.unsubscribe()
}
