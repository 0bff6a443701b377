/** A timer that has been set; give it back to {@link Clock.clearTimeout}. */
export type TimerHandle = unknown

/**
 * Where the engine takes time from. The default is the system's; `ManualClock` of `advancer/testing` moves only when told to,
 * so that every delay, deadline and backoff can be tested without waiting.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number
  /** Calls `callback` once, after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): TimerHandle
  /** Takes a timer back. `undefined` and timers that have fired are ignored. */
  clearTimeout(handle: TimerHandle): void
}

/** `setTimeout` fires at once for anything above this, so longer waits are cut into pieces. */
const longestTimerMs = 2_147_483_647

/** The system's clock. Waits longer than 24.8 days are kept correctly. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer: { handle?: ReturnType<typeof setTimeout> } = {}
    const wait = (left: number): void => {
      const part = Math.min(left, longestTimerMs)
      timer.handle = setTimeout(() => (left > part ? wait(left - part) : callback()), part)
    }
    wait(ms)
    return timer
  },
  clearTimeout(handle) {
    clearTimeout((handle as { handle?: ReturnType<typeof setTimeout> } | undefined)?.handle)
  },
}

/** Kept from the time of loading, so that a test that replaces timers does not hold runs up. */
const { setImmediate: immediately, setTimeout: later } = globalThis as {
  setImmediate?: (callback: () => void) => unknown
  setTimeout: (callback: () => void, ms: number) => unknown
}

/** Goes on after everything else that waits for the event loop has had its turn: timers, sockets, signals. */
export function afterOthers(callback: () => void): void {
  if (immediately === undefined) later(callback, 0)
  else immediately(callback)
}

/**
 * Waits `ms` milliseconds on `clock`.
 *
 * @throws the signal's reason, at once, when one of `signals` aborts before the time is over.
 */
export function sleep(clock: Clock, ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find(signal => signal?.aborted === true)
    if (aborted !== undefined) {
      reject(aborted.reason as Error)
      return
    }
    const stop = (): void => {
      clock.clearTimeout(timer)
      for (const signal of signals) signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      stop()
      reject(signals.find(signal => signal?.aborted === true)?.reason as Error)
    }
    const timer = clock.setTimeout(() => {
      stop()
      resolve()
    }, ms)
    for (const signal of signals) signal?.addEventListener('abort', onAbort)
  })
}
