/**
 * Where the engine reports what it must not swallow but cannot throw either: a listener, an event callback or a cleanup hook
 * that failed. The default writes to the console.
 */
export interface Logger {
  warn(message: string, error: Error): void
}

/** Writes to `console.warn`. */
export const consoleLogger: Logger = {
  warn: (message, error) => console.warn(`[advancer] ${message}`, error),
}
