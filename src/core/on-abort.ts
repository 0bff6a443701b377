interface Listening {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const listening = new WeakMap<AbortSignal, Listening>()

/**
 * Calls `callback` when `signal` aborts. However many ask, the signal has one listener, because Node warns of a leak where more than
 * ten listen to one. Returns what takes the callback off again.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks } = listening.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) stopListening(signal)
  }
}

function listen(signal: AbortSignal): Listening {
  const callbacks = new Set<() => void>()
  const listener = (): void => {
    stopListening(signal)
    for (const callback of callbacks) callback()
  }
  const entry = { callbacks, listener }
  listening.set(signal, entry)
  signal.addEventListener('abort', listener)
  return entry
}

function stopListening(signal: AbortSignal): void {
  const entry = listening.get(signal)
  if (entry === undefined) return
  signal.removeEventListener('abort', entry.listener)
  listening.delete(signal)
}
