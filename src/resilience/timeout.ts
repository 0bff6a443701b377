import type { Interceptor, NextCall, StateCall } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { checkOptionNames, type OptionNames } from '../errors/internal.js'
import { duration } from './option-checks.js'
import { policyPlaces } from './policy-order.js'
import { declarePolicy, type StateDecorator } from './state-decorator.js'
import { StateTimeoutError } from './state-timeout-error.js'

/** How long an attempt of a state may take; at least one of the two. */
export interface TimeoutOptions {
  /** How long an attempt may take in all, in milliseconds. @default no limit */
  readonly timeoutMs?: number
  /**
   * How long an attempt may be silent, in milliseconds. Signs of life are `context.emit()` and `context.usage()`; so an
   * agent that streams, calls tools or turns to its model again gives them by itself, and a state of your own does with
   * `context.emit({ type: 'custom', name: 'heartbeat' })`. @default no limit
   */
  readonly idleMs?: number
}

const optionNames: OptionNames<TimeoutOptions> = { timeoutMs: true, idleMs: true }

/**
 * Limits how long an attempt of a state may take. When it is over, the attempt's signal aborts and the attempt fails
 * with a {@link StateTimeoutError}, which is retryable, at once, even if the state does not heed the signal; what that
 * still delivers is dropped.
 *
 * Outside a retry it limits all attempts together.
 * @throws OPTION_INVALID
 */
export function timeout(options: TimeoutOptions): Interceptor {
  const limits = resolveTimeout(options)
  const idle = new WeakMap<StateCall, IdleTime>()
  const interceptor: Interceptor = {
    kind: 'timeout',
    place: policyPlaces.timeout,
    around: (call, next) => limited(call, next, limits, idle),
  }
  if (limits.idleMs === undefined) return interceptor
  const heard = (call: StateCall): void => idle.get(call)?.restart()
  return { ...interceptor, onEmit: heard, onUsage: heard }
}

/** {@link timeout} for a class of states: `@Timeout({ timeoutMs: 30_000 })`. */
export function Timeout(options: TimeoutOptions): StateDecorator {
  const interceptor = timeout(options)
  return target => declarePolicy(target, 'timeout', () => interceptor)
}

function resolveTimeout(options: TimeoutOptions): TimeoutOptions {
  checkOptionNames('a timeout', options, optionNames)
  const { timeoutMs, idleMs } = options
  if (timeoutMs === undefined && idleMs === undefined) {
    throw new OptionError('timeoutMs', 'a number of milliseconds above 0, unless `idleMs` is given', timeoutMs)
  }
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs: duration('timeoutMs', timeoutMs) }),
    ...(idleMs === undefined ? {} : { idleMs: duration('idleMs', idleMs) }),
  }
}

async function limited(
  call: StateCall,
  next: NextCall,
  { timeoutMs, idleMs }: TimeoutOptions,
  idle: WeakMap<StateCall, IdleTime>,
): Promise<unknown> {
  const { context, stateName } = call
  const attempt = new AbortController()
  const over = new AbortController()
  try {
    return await new Promise((resolve, reject) => {
      const expire = (limit: 'timeoutMs' | 'idleMs', ms: number): void => {
        const error = new StateTimeoutError(stateName, context.attempt, limit, ms)
        // Before the abort, whose own error must not come first.
        reject(error)
        attempt.abort(error)
      }
      // The timers reject when they are taken back, and when the run has no more need of the state.
      const ended = (): void => undefined
      if (timeoutMs !== undefined) {
        context.sleep(timeoutMs, over.signal).then(() => expire('timeoutMs', timeoutMs), ended)
      }
      if (idleMs !== undefined) {
        const time = new IdleTime(call, idleMs, over.signal)
        idle.set(call, time)
        time.passed().then(() => expire('idleMs', idleMs), ended)
      }
      next({ signal: attempt.signal }).then(resolve, reject)
    })
  } finally {
    over.abort()
  }
}

/** The time since the last sign of life. */
class IdleTime {
  readonly #call: StateCall
  readonly #ms: number
  readonly #over: AbortSignal
  #since: number

  constructor(call: StateCall, ms: number, over: AbortSignal) {
    this.#call = call
    this.#ms = ms
    this.#over = over
    this.#since = call.context.now()
  }

  restart(): void {
    this.#since = this.#call.context.now()
  }

  /**
   * Resolves when it has reached its limit. A sign of life sets no timer: the one that runs then waits for what is
   * left.
   */
  async passed(): Promise<void> {
    const { context } = this.#call
    for (let left = this.#ms; left > 0; left = this.#since + this.#ms - context.now()) {
      await context.sleep(left, this.#over)
    }
  }
}
