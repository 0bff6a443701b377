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

/**
 * Waits `ms` milliseconds on `clock`.
 *
 * @throws the signal's reason, at once, when `signal` aborts before the time is over.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error)
      return
    }
    const onAbort = (): void => {
      clock.clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
