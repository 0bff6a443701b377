import type { SqliteDriverName } from '../../src/durability/index.js'
import { loadSqliteDriver, type SqliteDatabase } from '../../src/durability/sqlite/sqlite-driver.js'

/** The SQLite libraries that the Node of this test run has. */
export const drivers: readonly SqliteDriverName[] =
  process.getBuiltinModule('node:sqlite') === undefined ? ['libsql'] : ['node:sqlite', 'libsql']

/** A connection of one's own to a file, by the library that a store uses if not told otherwise. */
export async function openDirectly(path: string): Promise<SqliteDatabase> {
  const driver = await loadSqliteDriver()
  return driver.open(path)
}
