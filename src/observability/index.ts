export type {
  Alert,
  AlertFinding,
  AlertRule,
  AlertRuleOptions,
  AlertScope,
  AlertSeverity,
  AlertWatch,
} from './alert.js'
export { type AlertOptions, alerts } from './alerts.js'
export { type BudgetShareOptions, budgetShare } from './budget-share.js'
export { type EventLogger, type EventLogOptions, type LogLevel, type LogRecord, logEvents } from './event-log.js'
export type { EventSource } from './event-source.js'
export { type FailureRateOptions, failureRate } from './failure-rate.js'
export { JsonLinesLogger } from './json-lines-logger.js'
export { type LatencyOptions, latency } from './latency.js'
export { type OpenTelemetry, type OpenTelemetryOptions, openTelemetry } from './open-telemetry.js'
export { PlanAttribute, planTracing, type TracedPlan } from './plan-tracing.js'
export { PrometheusMetrics, type PrometheusOptions } from './prometheus-metrics.js'
export { GenAi, GenAiOperation, SpanAttribute } from './span-attributes.js'
export { type StuckRunOptions, stuckRun } from './stuck-run.js'
export type { TracedRun, TracingOptions } from './tracing-options.js'
