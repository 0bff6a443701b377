import { isUtf8 } from 'node:buffer'
import type { JournalEntry } from '../journal-records.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { rollBack } from './sqlite-format.js'
import { readOfRun } from './sqlite-rows.js'
import { textColumns, textOf } from './stored-text.js'

/** Up to so many bytes on average it takes longer to make bytes of each text than to look at all of them twice. */
const short = 600
const sampleSize = 8

const wanted = 'FROM entries WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND seq >= ? ORDER BY seq LIMIT ?'
const sample = `SELECT avg(octet_length(data)) AS size FROM (SELECT data ${wanted})`
const together = `SELECT CAST(group_concat(data) AS BLOB) AS texts, max(typeof(data) <> 'text') AS other FROM (SELECT data ${wanted})`
const asText = `SELECT seq, at, data ${wanted}`
const oneByOne = `SELECT seq, at, ${textColumns('data')} ${wanted}`

/**
 * Entries of a run from number `from` on, at most `limit`; all of them if that is negative.
 *
 * There may be many, and bytes of each, as `textColumns` has them, would take twice as long as text if they are short: so those
 * are looked at together, and read as text if none is damaged.
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
    const [sql, dataOf] = isPlain(connection, range) ? [asText, String] : [oneByOne, textOf]
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

function isPlain(connection: SqliteConnection, [runId, from, limit]: readonly [string, number, number]): boolean {
  try {
    const few = limit < 0 ? sampleSize : Math.min(limit, sampleSize)
    if (!(Number(connection.get(sample, runId, from, few)?.size) <= short)) return false
    const { texts, other } = connection.get(together, runId, from, limit) ?? {}
    return other === 0 && texts instanceof Uint8Array && isUtf8(texts)
  } catch {
    // More than SQLite takes in one value, or an error that reading them one by one meets as well.
    return false
  }
}
