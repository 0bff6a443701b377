import { StoreError } from '../store-error.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { applicationId, migrations } from './sqlite-schema.js'

/**
 * The format of a file, 0 if it is empty. Only reads.
 * @throws STORE_FORMAT_UNKNOWN if it is newer than this package; STORE_FAILED if the file is somebody else's
 */
export function checkFormat(connection: SqliteConnection, path: string): number {
  const id = pragma(connection, 'application_id')
  const format = pragma(connection, 'user_version')
  if (id === applicationId) {
    if (format <= migrations.length) return format
    throw new StoreError(
      'STORE_FORMAT_UNKNOWN',
      `The store ${path} has format ${format}, and this version of advancer knows formats up to ${migrations.length}. ` +
        'It was left as it is: use the version of advancer that wrote it, or a newer one.',
      { path, format, known: migrations.length },
    )
  }
  const tables = Number(connection.get('SELECT count(*) AS count FROM store.sqlite_schema')?.count)
  if (id === 0 && format === 0 && tables === 0) return 0
  throw new StoreError(
    'STORE_FAILED',
    `${path} is a SQLite database of another program. It was left as it is: give a path of its own to the store.`,
    { path, applicationId: id },
  )
}

/** Brings a file to the present format. Several processes may do this at once. */
export function migrate(connection: SqliteConnection, path: string): void {
  if (checkFormat(connection, path) === migrations.length) return
  connection.exec('BEGIN IMMEDIATE')
  try {
    // Somebody else may have done it before the lock was had.
    for (const step of migrations.slice(checkFormat(connection, path))) connection.exec(step)
    connection.exec(
      `PRAGMA store.application_id = ${applicationId}; PRAGMA store.user_version = ${migrations.length}; COMMIT`,
    )
  } catch (error) {
    rollBack(connection)
    throw error
  }
}

/** Ends a transaction of which nothing is to stay. */
export function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK')
  } catch {
    // SQLite has done so itself: a full disk or a failing one ends the transaction there and then.
  }
}

function pragma(connection: SqliteConnection, name: 'application_id' | 'user_version'): number {
  return Number(connection.get(`PRAGMA store.${name}`)?.[name])
}
