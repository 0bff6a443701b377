import type { JournalStore } from '../../../src/durability/journal-store.js'
import { PostgresJournalStore } from '../../../src/durability/postgres/postgres-journal-store.js'
import { SqliteJournalStore } from '../../../src/durability/sqlite/sqlite-journal-store.js'

/** Where several processes keep their runs. */
export interface Place {
  readonly kind: 'sqlite' | 'postgres'
  /** The path of the file, or the URL of the server. */
  readonly at: string
}

/** A store object of one's own. */
export function openStore({ kind, at }: Place): JournalStore {
  return kind === 'sqlite' ? new SqliteJournalStore(at) : new PostgresJournalStore({ connectionString: at })
}
