import { isUtf8 } from 'node:buffer'
import type { JournalEntry } from '../journal-records.js'
import type { SqliteConnection } from './sqlite-connection.js'
import type { SqliteValue } from './sqlite-driver.js'
import { rollBack } from './sqlite-format.js'
import { readOfRun } from './sqlite-rows.js'
import { textColumns, textOf, utf8Of } from './stored-text.js'

/** Up to so many bytes it takes longer to make bytes of a text than to look at it twice. */
const short = 800

const wanted = 'FROM entries WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND seq >= ? ORDER BY seq LIMIT ?'
const overview = `SELECT CAST(group_concat(text) AS BLOB) AS texts, max(is_utf16) AS has_utf16
  FROM (SELECT iif(octet_length(data) <= ${short}, data, NULL) AS text, typeof(data) = 'blob' AS is_utf16 ${wanted})`
const quickly = `SELECT seq, at, iif(octet_length(data) <= ${short}, data, CAST(data AS BLOB)) AS data ${wanted}`
const oneByOne = `SELECT seq, at, ${textColumns('data')} ${wanted}`

/**
 * Entries of a run from number `from` on, at most `limit`; all of them if that is negative.
 *
 * There may be many, and bytes of each, as `textColumns` has them, would take twice as long: so those that are short are looked at
 * together, and read as text if they are not damaged.
 * @throws JOURNAL_DAMAGED
 */
export function readEntries(
  connection: SqliteConnection,
  runId: string,
  from: number,
  limit: number,
): readonly JournalEntry[] {
  const range = [runId, from, limit] as const
  // What was looked at is what is read, whatever others write in between.
  connection.exec('BEGIN')
  try {
    const [sql, dataOf] = isPlain(connection, range) ? [quickly, plainTextOf] : [oneByOne, textOf]
    return connection.all(sql, ...range).map(row => {
      const seq = Number(row.seq)
      return readOfRun(
        () => runId,
        () => `entry ${seq}`,
        () => ({ seq, at: Number(row.at), data: dataOf(row.data) }),
      )
    })
  } finally {
    rollBack(connection)
  }
}

function isPlain(connection: SqliteConnection, range: readonly SqliteValue[]): boolean {
  try {
    const { texts = null, has_utf16: hasUtf16 } = connection.get(overview, ...range) ?? {}
    return hasUtf16 !== 1 && (typeof texts !== 'object' || texts === null || isUtf8(texts))
  } catch {
    // More than SQLite takes in one value, or an error that reading them one by one meets as well.
    return false
  }
}

function plainTextOf(data: SqliteValue | undefined): string {
  return typeof data === 'string' ? data : utf8Of(data)
}
