/** What {@link AsyncRuntime.runMain} needs of a process; `process` of Node is one. */
export interface ProcessPort {
  /** What the process ends with when it ends by itself. */
  exitCode?: number | string | null | undefined
  /** Calls the listener for a signal (`SIGINT`, `SIGTERM`) and for `unhandledRejection`, with the reason. */
  on(event: string, listener: (reason: unknown) => void): unknown
  off(event: string, listener: (reason: unknown) => void): unknown
  /** Ends the process at once. */
  exit(code: number): unknown
}

/** The process of this program, where there is one. */
export function ownProcess(): ProcessPort | undefined {
  const { process } = globalThis as { readonly process?: Partial<ProcessPort> }
  const isProcess = typeof process?.on === 'function' && typeof process.exit === 'function'
  return isProcess ? (process as ProcessPort) : undefined
}
