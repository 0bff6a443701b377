import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { TimerHandle } from '../clock.js'
import { onAbort } from '../on-abort.js'
import type { ResolvedRunOptions } from '../orchestration-options.js'
import type { RunState } from './run-state.js'

/** What ends a run from outside: its time limit, and the signal it was given. */
export class RunLimits {
  readonly #options: ResolvedRunOptions
  #deadline: TimerHandle
  #ignoreSignal: (() => void) | undefined

  constructor(options: ResolvedRunOptions) {
    this.#options = options
  }

  /**
   * Begins to watch; returns why the run is to be cancelled at once, if the signal has aborted already.
   * @param msLeft how much is left of the time limit; `undefined` if there is none
   */
  watch(
    state: RunState,
    msLeft: number | undefined,
    abandon: (error: Error) => void,
    cancel: (reason: string) => void,
  ): string | undefined {
    const { rules, signal } = this.#options
    const { clock, timeoutMs } = rules
    if (msLeft !== undefined && timeoutMs !== undefined) {
      this.#deadline = clock.setTimeout(() => abandon(timedOut(state, timeoutMs)), msLeft)
    }
    if (signal?.aborted === true) return ensureError(signal.reason).message
    if (signal !== undefined) this.#ignoreSignal = onAbort(signal, () => cancel(ensureError(signal.reason).message))
    return undefined
  }

  /** The run is about to end by itself. */
  stop(): void {
    this.#options.rules.clock.clearTimeout(this.#deadline)
    this.#ignoreSignal?.()
  }
}

function timedOut({ graph: { name }, branches }: RunState, timeoutMs: number): OrchestrationError {
  const at = [...branches.values()].map(branch => branch.node.name).join(', ')
  const message = `Orchestration "${name}" did not complete within ${timeoutMs} ms; it was at: ${at}.`
  return new OrchestrationError(message, { code: 'RUN_TIMED_OUT', details: { orchestration: name, timeoutMs } })
}
