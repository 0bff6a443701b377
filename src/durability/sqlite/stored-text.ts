import { isUtf8 } from 'node:buffer'
import type { SqliteValue } from './sqlite-driver.js'

/**
 * Text as a value for SQLite. What has a NUL, which libsql cuts text at, or half of a surrogate pair, which UTF-8 has not, becomes
 * bytes of UTF-16: nothing else stores bytes.
 */
export function storedText(text: string): SqliteValue {
  return text.includes('\0') || /\p{Surrogate}/u.test(text) ? Buffer.from(text, 'utf16le') : text
}

/**
 * What to select of columns that have text, so that {@link textOf} can read them: text as its bytes, and bytes as hexadecimal text.
 * Selected as they are, text that is damaged would end the process in libsql, and become other text in node:sqlite.
 *
 * The columns keep their names, so that an ORDER BY has to name the table as well, or it would sort by these expressions.
 */
export function textColumns(...names: readonly string[]): string {
  return names.map(name => `iif(typeof(${name}) = 'blob', hex(${name}), CAST(${name} AS BLOB)) AS ${name}`).join(', ')
}

/**
 * The text of a column that was selected with {@link textColumns}.
 * @throws Error if there is none, or its bytes are damaged
 */
export function textOf(value: SqliteValue | undefined): string {
  if (typeof value === 'string') return Buffer.from(value, 'hex').toString('utf16le')
  const bytes = bytesOf(value)
  if (!isUtf8(bytes)) throw new Error('its text is not UTF-8.')
  return bytes.toString()
}

/** As {@link textOf}, for saying what is damaged: with a replacement character for what cannot be read. */
export function roughTextOf(value: SqliteValue | undefined): string {
  return typeof value === 'object' && value !== null ? bytesOf(value).toString() : textOf(value ?? '')
}

function bytesOf(value: SqliteValue | undefined): Buffer {
  if (typeof value !== 'object' || value === null) throw new Error('its text is missing.')
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value)
}
