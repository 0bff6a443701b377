import type { Clock, OrchestrationEvent } from '../core/index.js'

/** How much an alert matters. */
export type AlertSeverity = 'info' | 'warning' | 'critical'

/** What a rule has found. */
export interface AlertFinding {
  /** What was measured: a share, milliseconds … */
  readonly value: number
  /** What it was measured against, in the same unit. */
  readonly threshold: number
  readonly message: string
  /** The run it is about, if it is about one. */
  readonly runId?: string
  readonly orchestration?: string
}

/** A condition has come true (`firing`), or is no longer true (`resolved`). */
export interface Alert extends AlertFinding {
  /** The name of the rule. */
  readonly rule: string
  readonly severity: AlertSeverity
  readonly status: 'firing' | 'resolved'
  /** Milliseconds since 1970 on the clock of the alerts. */
  readonly at: number
}

/** What a rule works with while it watches. */
export interface AlertScope {
  readonly clock: Clock
  /** The condition is true for `subject`. An alert only if it was not true for it before. */
  fire(subject: string, finding: AlertFinding): void
  /** The condition is not true for `subject`. An alert only if it was. Without a finding it repeats that of the firing. */
  resolve(subject: string, finding?: AlertFinding): void
}

/** A rule that watches a stream of events. */
export interface AlertWatch {
  next(event: OrchestrationEvent): void
  /** Gives back its timers. */
  stop?(): void
}

/** A condition to be told of. The rules of this package are made by functions; any object with `watch` is one too. */
export interface AlertRule {
  /** What its alerts call it. */
  readonly name: string
  readonly severity: AlertSeverity
  /** Begins to watch, for one subscriber. */
  watch(scope: AlertScope): AlertWatch
}

/** What every rule can be given. */
export interface AlertRuleOptions {
  /** @default what the rule watches for */
  readonly name?: string
  /** @default 'warning' */
  readonly severity?: AlertSeverity
}
