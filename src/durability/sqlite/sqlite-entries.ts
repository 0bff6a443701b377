import { isUtf8 } from 'node:buffer'
import type { JournalEntry } from '../journal-records.js'
import type { SqliteConnection } from './sqlite-connection.js'
import type { SqliteRow, SqliteValue } from './sqlite-driver.js'
import { readOfRun } from './sqlite-rows.js'
import { utf8Of, utf16Of } from './stored-text.js'

/** Up to so many bytes it takes longer to make bytes of a text than to look at it twice. */
const short = 800

const wanted = 'FROM entries WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND seq >= ? ORDER BY seq LIMIT ?'
const shortOnes = `SELECT CAST(group_concat(data) AS BLOB) AS bytes FROM (SELECT data ${wanted})
  WHERE typeof(data) = 'text' AND octet_length(data) <= ${short}`
const entries = `SELECT seq, at, typeof(data) = 'blob' AS is_utf16,
  iif(typeof(data) = 'text' AND octet_length(data) > ?, CAST(data AS BLOB), data) AS data ${wanted}`

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
  const longestText = areShortIntact(connection, range) ? short : -1
  return connection.all(entries, longestText, ...range).map(row => {
    const seq = Number(row.seq)
    return readOfRun(
      () => runId,
      () => `entry ${seq}`,
      () => ({ seq, at: Number(row.at), data: dataOf(row) }),
    )
  })
}

function areShortIntact(connection: SqliteConnection, range: readonly SqliteValue[]): boolean {
  try {
    const bytes = connection.get(shortOnes, ...range)?.bytes
    return typeof bytes !== 'object' || bytes === null || isUtf8(bytes)
  } catch {
    // More than SQLite takes in one value, or an error that reading them one by one meets as well.
    return false
  }
}

function dataOf({ data, is_utf16: isUtf16 }: SqliteRow): string {
  if (typeof data === 'string') return data
  return isUtf16 === 1 ? utf16Of(data) : utf8Of(data)
}
