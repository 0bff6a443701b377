import { Observable, type Subscriber } from 'rxjs'
import { type Clock, consoleLogger, type Logger, systemClock } from '../core/index.js'
import { ensureError } from '../errors/index.js'
import type { Alert, AlertFinding, AlertRule, AlertScope } from './alert.js'
import { type EventSource, eventsOf, observe } from './event-source.js'

/** How {@link alerts} watches. */
export interface AlertOptions {
  /** What windows and silences are measured on. @default the system's clock */
  readonly clock?: Clock
  /** Where a rule that throws is reported; the others go on. @default the console */
  readonly logger?: Logger
}

/**
 * Watches a stream of events by rules (S3-40).
 *
 * ```ts
 * alerts(orchestration, [failureRate({ above: 0.2, windowMs: 60_000 }), stuckRun({ afterMs: 30_000 })])
 *   .subscribe(alert => page(alert.message))
 * ```
 *
 * Watching begins with the subscription and ends, timers included, when it is taken back or the stream completes. Each subscriber
 * has rules of its own. The stream never errors.
 */
export function alerts(
  source: EventSource,
  rules: readonly AlertRule[],
  { clock = systemClock, logger = consoleLogger }: AlertOptions = {},
): Observable<Alert> {
  return new Observable(subscriber => {
    const watches = rules.map(rule => {
      const watch = rule.watch(new RuleScope(rule, clock, subscriber))
      return { watch, stop: observe(source, event => watch.next(event), logger) }
    })
    const completion = eventsOf(source).subscribe({ complete: () => subscriber.complete() })
    return () => {
      completion.unsubscribe()
      for (const { watch, stop } of watches) {
        stop()
        try {
          watch.stop?.()
        } catch (thrown) {
          logger.warn('a rule of alerts could not be stopped', ensureError(thrown))
        }
      }
    }
  })
}

/** Knows what a rule is firing for, so that only changes are told. */
class RuleScope implements AlertScope {
  readonly clock: Clock
  readonly #rule: AlertRule
  readonly #subscriber: Subscriber<Alert>
  readonly #firing = new Map<string, AlertFinding>()

  constructor(rule: AlertRule, clock: Clock, subscriber: Subscriber<Alert>) {
    this.#rule = rule
    this.clock = clock
    this.#subscriber = subscriber
  }

  fire(subject: string, finding: AlertFinding): void {
    if (this.#firing.has(subject)) return
    this.#firing.set(subject, finding)
    this.#tell('firing', finding)
  }

  resolve(subject: string, finding?: AlertFinding): void {
    const fired = this.#firing.get(subject)
    if (fired === undefined) return
    this.#firing.delete(subject)
    this.#tell('resolved', finding ?? fired)
  }

  #tell(status: Alert['status'], finding: AlertFinding): void {
    const { name: rule, severity } = this.#rule
    this.#subscriber.next({ rule, severity, status, at: this.clock.now(), ...finding })
  }
}
