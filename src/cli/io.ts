import type { Readable, Writable } from 'node:stream'

/** Where a command writes. */
export interface OutputStream {
  write(text: string): unknown
  /** Whether a person reads it on a terminal. */
  readonly isTTY?: boolean | undefined
  /** How many characters a line has there. */
  readonly columns?: number | undefined
}

/** Where a command reads. */
export interface InputStream extends AsyncIterable<string | Uint8Array> {
  /** Whether a person types. */
  readonly isTTY?: boolean | undefined
}

/** What the process may be told from outside. */
export type SignalName = 'SIGINT' | 'SIGTERM'

/** Everything that a command has of its surroundings, so that it can be run inside of a test as well as in a process of its own. */
export interface Io {
  /** Takes results only. */
  readonly stdout: OutputStream
  /** Takes progress, messages and errors. */
  readonly stderr: OutputStream
  readonly stdin: InputStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** What relative paths start from. */
  readonly cwd: string
  /** Aborts when nobody reads what is written any more. */
  readonly unread: AbortSignal
  /** Calls `listener` for each signal; what is returned takes it off again. While there is one, the signal does nothing else. */
  onSignal(listener: (signal: SignalName) => void): () => void
  /** Asks a question on the terminal and resolves with the line that is typed; `undefined` at the end of the input. */
  ask(question: string, abort: AbortSignal): Promise<string | undefined>
  /** The streams themselves, for a protocol that is spoken over them. */
  readonly streams: { readonly input: Readable; readonly output: Writable }
  /** Ends the process at once. */
  exitNow(code: number): void
}
