import { consoleLogger, type Logger, type OrchestrationEvent, type OrchestrationEventName } from '../core/index.js'
import { type EventSource, observe } from './event-source.js'

/** How much a record matters; `trace` least. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** One event as a log keeps it: plain fields, named as in the event. */
export interface LogRecord {
  readonly level: LogLevel
  /** When it happened, ISO 8601 in UTC. */
  readonly time: string
  /** One line for people. */
  readonly message: string
  /** The type of the event. */
  readonly event: OrchestrationEventName
  readonly runId: string
  readonly seq: number
  readonly [field: string]: unknown
}

/** Where records go: an adapter of a few lines for whatever an application logs with. */
export interface EventLogger {
  log(record: LogRecord): void
}

/** What {@link logEvents} writes. */
export interface EventLogOptions {
  /**
   * Under which level events of a type are logged, `off` for not at all.
   * @default `error` for failures, `warn` for retries, cancelling, breakers and budgets, `debug` for routing and branches, `trace`
   * for the text of streaming agents, `info` for the rest
   */
  readonly levels?: Readonly<Partial<Record<OrchestrationEventName, LogLevel | 'off'>>>
  /** The least level that is logged. @default 'info' */
  readonly from?: LogLevel
  /** Whether records hold inputs, outputs and other payloads. They may be large, personal, or secret. @default false */
  readonly payloads?: boolean
  /** Where a logger that throws is reported. @default the console */
  readonly logger?: Logger
}

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

const defaultLevels: Readonly<Partial<Record<OrchestrationEventName, LogLevel>>> = {
  'orchestration.failed': 'error',
  'orchestration.cancelled': 'warn',
  'state.failed': 'error',
  'state.skipped': 'debug',
  'state.retrying': 'warn',
  'state.rerun': 'debug',
  'state.transition': 'debug',
  'join.waiting': 'debug',
  'branch.created': 'debug',
  'branch.completed': 'debug',
  'hook.failed': 'error',
  'breaker.changed': 'warn',
  'budget.warning': 'warn',
  'budget.exceeded': 'error',
  'agent.delta': 'trace',
  'agent.partial': 'trace',
}

/** The fields of events that hold what users and models said. */
const payloadFields: ReadonlySet<string> = new Set([
  'input',
  'output',
  'subject',
  'comment',
  'data',
  'arguments',
  'result',
  'text',
  'value',
])

/**
 * Writes the events of a run or an orchestration to a log, one record each, from now on. Returns what ends it.
 *
 * ```ts
 * logEvents(orchestration, new JsonLinesLogger(line => process.stdout.write(line)))
 * ```
 */
export function logEvents(source: EventSource, log: EventLogger, options: EventLogOptions = {}): () => void {
  const { from = 'info', payloads = false, logger = consoleLogger } = options
  const chosen = { ...defaultLevels, ...options.levels }
  const least = levels.indexOf(from)
  return observe(
    source,
    event => {
      const level = chosen[event.type] ?? 'info'
      if (level !== 'off' && levels.indexOf(level) >= least) log.log(recordOf(event, level, payloads))
    },
    logger,
  )
}

function recordOf(event: OrchestrationEvent, level: LogLevel, payloads: boolean): LogRecord {
  const { type, at, runId, seq, ...fields } = event
  const kept = Object.entries(fields).filter(([name]) => payloads || !payloadFields.has(name))
  // Fields of an event never stand in for those that every record has.
  return {
    ...Object.fromEntries(kept),
    level,
    time: new Date(at).toISOString(),
    message: messageOf(event),
    event: type,
    runId,
    seq,
  }
}

function messageOf(event: OrchestrationEvent): string {
  const who = 'stateName' in event ? event.stateName : 'orchestration' in event ? event.orchestration : undefined
  const what = event.type === 'state.transition' ? `${event.fromState} → ${event.toState}` : who
  const why = 'errorMessage' in event ? event.errorMessage : 'reason' in event ? event.reason : undefined
  return `${event.type}${what === undefined ? '' : ` ${what}`}${why === undefined ? '' : `: ${why}`}`
}
