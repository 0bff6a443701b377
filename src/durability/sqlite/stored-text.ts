import type { SqliteValue } from './sqlite-driver.js'

/**
 * Text as a value for SQLite. What has a NUL, which libsql cuts text at, or half of a surrogate pair, which UTF-8 has not, becomes
 * bytes of UTF-16: nothing else stores bytes.
 */
export function storedText(text: string): SqliteValue {
  return text.includes('\0') || /\p{Surrogate}/u.test(text) ? Buffer.from(text, 'utf16le') : text
}

/** The text of a column that has one. */
export function textOf(value: SqliteValue | undefined): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf16le')
  return String(value)
}
