import type { OrchestrationEvent, TimerHandle } from '../core/index.js'
import type { AlertRule, AlertRuleOptions, AlertScope, AlertWatch } from './alert.js'
import { checkMilliseconds } from './alert-options.js'
import { isEnd, stepOf } from './event-run.js'

/** What {@link stuckRun} watches. */
export interface StuckRunOptions extends AlertRuleOptions {
  /** It fires when nothing has been heard of a run for so many milliseconds. */
  readonly afterMs: number
  /** Whether a run counts that is paused, or of which all that is under way waits for a person, a message or a moment. @default false */
  readonly includeWaiting?: boolean
}

/**
 * Fires for a run that has begun, has not ended, and is silent. Resolved by its next event.
 * @throws OPTION_INVALID
 */
export function stuckRun(options: StuckRunOptions): AlertRule {
  const { name = 'stuck run', severity = 'warning', includeWaiting = false } = options
  const afterMs = checkMilliseconds('afterMs', options.afterMs)
  return { name, severity, watch: scope => new StuckRunWatch(scope, afterMs, includeWaiting) }
}

interface WatchedRun {
  readonly orchestration: string
  /** Steps at work. */
  readonly working: Set<string>
  readonly waiting: Set<string>
  paused: boolean
  timer: TimerHandle
}

class StuckRunWatch implements AlertWatch {
  readonly #scope: AlertScope
  readonly #afterMs: number
  readonly #includeWaiting: boolean
  readonly #runs = new Map<string, WatchedRun>()

  constructor(scope: AlertScope, afterMs: number, includeWaiting: boolean) {
    this.#scope = scope
    this.#afterMs = afterMs
    this.#includeWaiting = includeWaiting
  }

  next(event: OrchestrationEvent): void {
    const { runId, type, path } = event
    if (type === 'orchestration.started' && path === undefined) {
      const { orchestration } = event
      this.#runs.set(runId, { orchestration, working: new Set(), waiting: new Set(), paused: false, timer: undefined })
    }
    const run = this.#runs.get(runId)
    if (run === undefined) return
    this.#scope.resolve(runId)
    this.#scope.clock.clearTimeout(run.timer)
    if (path === undefined && isEnd(event)) {
      this.#runs.delete(runId)
      return
    }
    follow(run, event)
    if (this.#includeWaiting || !isWaiting(run)) {
      run.timer = this.#scope.clock.setTimeout(() => this.#fire(runId, run), this.#afterMs)
    }
  }

  stop(): void {
    for (const { timer } of this.#runs.values()) this.#scope.clock.clearTimeout(timer)
    this.#runs.clear()
  }

  #fire(runId: string, { orchestration, working }: WatchedRun): void {
    const threshold = this.#afterMs
    const at = [...working].map(step => step.slice(step.indexOf('\n') + 1))
    const where = at.length === 0 ? '' : `; at work: ${at.join(', ')}`
    const message = `run ${runId} of "${orchestration}" has been silent for ${threshold} ms${where}`
    this.#scope.fire(runId, { value: threshold, threshold, message, runId, orchestration })
  }
}

/** Keeps account of what is under way in a run. */
function follow(run: WatchedRun, event: OrchestrationEvent): void {
  if (event.path === undefined && event.type === 'orchestration.paused') run.paused = true
  if (event.path === undefined && event.type === 'orchestration.resumed') run.paused = false
  if (event.type === 'orchestration.started' && event.innerRunId !== undefined) {
    // The state that a nested run is does nothing but wait for it.
    for (const step of run.working) if (step.startsWith(`${event.innerRunId}\n`)) run.working.delete(step)
  }
  if (!('token' in event)) return
  const step = `${stepOf(event)}\n${event.stateName}`
  if (event.type === 'state.started') run.working.add(step)
  else if (event.type === 'state.waiting') {
    run.working.delete(step)
    run.waiting.add(step)
  } else if (event.type === 'state.completed' || event.type === 'state.failed' || event.type === 'state.skipped') {
    run.working.delete(step)
    run.waiting.delete(step)
  }
}

function isWaiting({ working, waiting, paused }: WatchedRun): boolean {
  return paused || (working.size === 0 && waiting.size > 0)
}
