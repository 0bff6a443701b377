import { OptionError, OrchestrationError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import type { TypeRef, TypeRefOf } from '../schema/index.js'
import { OrchestrationRunnable } from './runnable.js'

/** What a {@link SignalRunnable} waits for, and for how long. */
export interface SignalOptions<TSignal> {
  /** The payload's class; what is sent is validated against it before it is accepted. @default not validated */
  readonly signal?: TypeRefOf<TSignal>
  /** How long to wait, in milliseconds; then the state fails with SIGNAL_EXPIRED, for which `onError` can be a route. @default for ever */
  readonly timeoutMs?: number
}

const optionNames: OptionNames<SignalOptions<unknown>> = { signal: true, timeoutMs: true }

/**
 * A state that waits for a message from outside and returns it. Send it with `run.signal(state, payload)`.
 *
 * ```ts
 * const reply = new SignalRunnable<Question, Reply>({ signal: Reply, timeoutMs: 60_000 })
 * ```
 */
export class SignalRunnable<TIn, TSignal> extends OrchestrationRunnable<TIn, TSignal> {
  readonly #options: SignalOptions<TSignal>

  constructor(options: SignalOptions<TSignal> = {}) {
    super()
    checkOptionNames('a signal', options, optionNames)
    checkWaitTimeout(options.timeoutMs)
    this.#options = options
  }

  /** The declared class of the payload. */
  get signalType(): TypeRef | undefined {
    return this.#options.signal as TypeRef | undefined
  }

  get timeoutMs(): number | undefined {
    return this.#options.timeoutMs
  }

  /** The engine never calls it: a pause is a state, and its output is what was sent. */
  override invoke(): never {
    throw new OrchestrationError('A SignalRunnable is not invoked; its output is what `run.signal()` sends.', {
      code: 'STATE_FAILED',
    })
  }
}

/** Refuses a time limit that is no time. */
export function checkWaitTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new OptionError('timeoutMs', 'a number of milliseconds above 0', timeoutMs)
  }
}
