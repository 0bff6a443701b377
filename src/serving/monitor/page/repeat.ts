/**
 * Does something now and every so often while the page can be seen, less often while it fails; stops when the signal is aborted.
 * The returned function does it at once.
 */
export function repeat(work: () => Promise<void>, everyMs: number, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let busy = false
  let again = false
  const turn = async (): Promise<void> => {
    if (busy) {
      again = true
      return
    }
    clearTimeout(timer)
    busy = true
    try {
      await work()
      failures = 0
    } catch {
      failures = Math.min(failures + 1, 5)
    }
    busy = false
    if (signal.aborted) return
    if (again) {
      again = false
      void turn()
    } else if (!document.hidden) timer = setTimeout(() => void turn(), everyMs * 2 ** failures)
  }
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  document.addEventListener('visibilitychange', () => void (document.hidden || turn()), { signal })
  void turn()
  return () => void turn()
}

/** Calls a function at most once in an interval, at its end. */
export function atMostEvery(ms: number, call: () => void, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return () => {
    if (signal.aborted) return
    timer ??= setTimeout(() => {
      timer = undefined
      call()
    }, ms)
  }
}
