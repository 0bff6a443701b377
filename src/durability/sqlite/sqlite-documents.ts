import type { DocumentChange } from '../journal-records.js'
import { documentConflict } from '../store-error.js'
import type { SqliteConnection } from './sqlite-connection.js'

/** Makes all changes, if every document is at the revision that is expected. */
export function changeDocuments(connection: SqliteConnection, changes: readonly DocumentChange[]): void {
  for (const { collection, id, revision } of changes) {
    if (revision === undefined) continue
    const found = connection.get('SELECT revision FROM documents WHERE collection = ? AND id = ?', collection, id)
    if (Number(found?.revision ?? 0) !== revision) throw documentConflict(collection, id)
  }
  for (const { collection, id, data } of changes) {
    if (data === undefined) connection.run('DELETE FROM documents WHERE collection = ? AND id = ?', collection, id)
    else {
      connection.run(
        `INSERT INTO documents (collection, id, data, revision) VALUES (?, ?, ?, 1)
          ON CONFLICT DO UPDATE SET data = excluded.data, revision = revision + 1`,
        ...[collection, id, data],
      )
    }
  }
}
