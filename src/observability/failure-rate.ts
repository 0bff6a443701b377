import type { OrchestrationEvent } from '../core/index.js'
import type { AlertRule, AlertRuleOptions, AlertScope, AlertWatch } from './alert.js'
import { checkCount, checkMilliseconds, checkShare } from './alert-options.js'
import { SlidingWindow } from './sliding-window.js'

/** What {@link failureRate} watches. */
export interface FailureRateOptions extends AlertRuleOptions {
  /** It fires when more than this share of the runs failed, from 0 to 1. */
  readonly above: number
  /** Over how long, in milliseconds. */
  readonly windowMs: number
  /** Of fewer runs than this in the window it says nothing. @default 5 */
  readonly minimumRuns?: number
}

/**
 * Fires when too many of the runs that ended lately have failed. Cancelled runs and runs inside others do not count.
 * @throws OPTION_INVALID
 */
export function failureRate(options: FailureRateOptions): AlertRule {
  const { name = 'failure rate', severity = 'warning', minimumRuns = 5 } = options
  const above = checkShare('above', options.above)
  const windowMs = checkMilliseconds('windowMs', options.windowMs)
  checkCount('minimumRuns', minimumRuns)
  return { name, severity, watch: scope => new FailureRateWatch(scope, above, windowMs, minimumRuns) }
}

class FailureRateWatch implements AlertWatch {
  readonly #window: SlidingWindow

  constructor(
    readonly scope: AlertScope,
    readonly above: number,
    readonly windowMs: number,
    readonly minimumRuns: number,
  ) {
    this.#window = new SlidingWindow(scope.clock, windowMs, () => this.#evaluate())
  }

  next({ type, path }: OrchestrationEvent): void {
    if (path !== undefined) return
    if (type !== 'orchestration.completed' && type !== 'orchestration.failed') return
    this.#window.add(type === 'orchestration.failed' ? 1 : 0)
    this.#evaluate()
  }

  stop(): void {
    this.#window.watch(false)
  }

  #evaluate(): void {
    const { scope, above: threshold, windowMs, minimumRuns } = this
    const runs = this.#window.values
    const failed = runs.filter(each => each === 1).length
    const value = runs.length === 0 ? 0 : failed / runs.length
    const message = `${failed} of ${runs.length} runs failed within ${windowMs} ms`
    const isFiring = runs.length >= minimumRuns && value > threshold
    if (isFiring) scope.fire('', { value, threshold, message })
    else scope.resolve('', { value, threshold, message })
    this.#window.watch(isFiring)
  }
}
