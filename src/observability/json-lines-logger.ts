import type { EventLogger, LogRecord } from './event-log.js'

/** Writes each record as one line of JSON, ended by a line feed. What JSON cannot say is written as text. */
export class JsonLinesLogger implements EventLogger {
  readonly #write: (line: string) => void

  /** @param write gets each line, line feed included. @default prints it to the console */
  constructor(write: (line: string) => void = line => console.log(line.trimEnd())) {
    this.#write = write
  }

  log(record: LogRecord): void {
    this.#write(`${stringify(record)}\n`)
  }
}

function stringify(record: LogRecord): string {
  try {
    return JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  } catch {
    // A payload that contains itself, or whose own toJSON throws: the record matters more than that field.
    const fields = Object.entries(record).map(([name, value]) => [name, isPlain(value) ? value : describe(value)])
    return JSON.stringify(Object.fromEntries(fields))
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}
