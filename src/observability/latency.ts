import type { OrchestrationEvent } from '../core/index.js'
import type { AlertRule, AlertRuleOptions, AlertScope, AlertWatch } from './alert.js'
import { checkCount, checkMilliseconds, checkShare } from './alert-options.js'
import { isEnd } from './event-run.js'
import { SlidingWindow } from './sliding-window.js'

/** What {@link latency} watches. */
export interface LatencyOptions extends AlertRuleOptions {
  /** It fires when the percentile is above so many milliseconds. */
  readonly aboveMs: number
  /** Over how long, in milliseconds. */
  readonly windowMs: number
  /** Which share must be faster, from 0 to 1; 1 is the slowest of all. @default 0.95 */
  readonly percentile?: number
  /** Whose visits are measured instead of whole runs: the name of a state, nested ones included. @default runs */
  readonly state?: string
  /** Of fewer measurements than this in the window it says nothing. @default 5 */
  readonly minimum?: number
}

/**
 * Fires when runs, or the visits of a state, that ended lately took too long. Those that failed count too; those that were
 * cancelled do not.
 * @throws OPTION_INVALID
 */
export function latency(options: LatencyOptions): AlertRule {
  const { name = 'latency', severity = 'warning', percentile = 0.95, minimum = 5, state } = options
  const rule = {
    aboveMs: checkMilliseconds('aboveMs', options.aboveMs),
    windowMs: checkMilliseconds('windowMs', options.windowMs),
    percentile: checkShare('percentile', percentile),
    minimum: checkCount('minimum', minimum),
    state,
  }
  return { name, severity, watch: scope => new LatencyWatch(scope, rule) }
}

interface LatencyLimits {
  readonly aboveMs: number
  readonly windowMs: number
  readonly percentile: number
  readonly minimum: number
  readonly state: string | undefined
}

class LatencyWatch implements AlertWatch {
  readonly #scope: AlertScope
  readonly #limits: LatencyLimits
  readonly #window: SlidingWindow
  readonly #startedAt = new Map<string, number>()

  constructor(scope: AlertScope, limits: LatencyLimits) {
    this.#scope = scope
    this.#limits = limits
    this.#window = new SlidingWindow(scope.clock, limits.windowMs, () => this.#evaluate())
  }

  next(event: OrchestrationEvent): void {
    if (this.#limits.state === undefined) {
      if (event.path === undefined) this.#nextOfRun(event)
    } else if ('token' in event && event.stateName === this.#limits.state) this.#nextOfState(event)
    else if (isEnd(event) && event.path === undefined) this.#forget(`${event.runId}\n`)
  }

  stop(): void {
    this.#window.watch(false)
  }

  #nextOfRun(event: OrchestrationEvent): void {
    const { type, runId, at } = event
    if (type === 'orchestration.started') this.#startedAt.set(runId, at)
    else if (type === 'orchestration.completed' || type === 'orchestration.failed') this.#ended(runId, at)
    else if (type === 'orchestration.cancelled') this.#startedAt.delete(runId)
  }

  #nextOfState(event: OrchestrationEvent & { readonly token: string }): void {
    const { type, at } = event
    const visit = `${event.runId}\n${event.innerRunId ?? ''}\n${event.token}`
    if (type === 'state.started') this.#startedAt.set(visit, at)
    else if (type === 'state.completed' || type === 'state.failed') this.#ended(visit, at)
    else if (type === 'state.skipped') this.#startedAt.delete(visit)
  }

  #forget(prefix: string): void {
    for (const key of this.#startedAt.keys()) if (key.startsWith(prefix)) this.#startedAt.delete(key)
  }

  #ended(key: string, at: number): void {
    const startedAt = this.#startedAt.get(key)
    if (startedAt === undefined) return
    this.#startedAt.delete(key)
    this.#window.add(at - startedAt)
    this.#evaluate()
  }

  #evaluate(): void {
    const { aboveMs: threshold, windowMs, percentile, minimum, state } = this.#limits
    const sorted = [...this.#window.values].sort((a, b) => a - b)
    const value = sorted[Math.max(0, Math.ceil(percentile * sorted.length) - 1)] ?? 0
    const what = state === undefined ? 'runs' : `visits of state "${state}"`
    const message = `percentile ${percentile * 100} of ${sorted.length} ${what} within ${windowMs} ms: ${value} ms`
    const isFiring = sorted.length >= minimum && value > threshold
    if (isFiring) this.#scope.fire('', { value, threshold, message })
    else this.#scope.resolve('', { value, threshold, message })
    this.#window.watch(isFiring)
  }
}
