import { OrchestrationError } from '../../errors/index.js'
import { loadLibsql } from './libsql-driver.js'
import { loadNodeSqlite } from './node-sqlite-driver.js'

/** What a column can hold; of bytes libsql makes an `ArrayBuffer` where there can be many rows. */
export type SqliteValue = string | number | null | Uint8Array | ArrayBuffer

/** One row of a result, by column name. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>

/** A statement that can be executed again and again. */
export interface SqliteStatement {
  /** Executes it; the number of rows that it changed. */
  run(...values: readonly SqliteValue[]): number
  /** The first row. */
  get(...values: readonly SqliteValue[]): SqliteRow | undefined
  all(...values: readonly SqliteValue[]): readonly SqliteRow[]
}

/** An open connection. Everything is synchronous; errors are those of the library. */
export interface SqliteDatabase {
  /** Executes any number of statements. */
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

/** The libraries that can be used. */
export type SqliteDriverName = 'node:sqlite' | 'libsql'

/** A library that opens SQLite files. */
export interface SqliteDriver {
  readonly name: SqliteDriverName
  /** Opens a file, which is created at the first write if it is not there. `:memory:` keeps everything in memory. */
  open(path: string): SqliteDatabase
}

/**
 * The library that is asked for; without a name `node:sqlite` where Node has it, else `libsql`.
 * @throws PACKAGE_MISSING
 */
export async function loadSqliteDriver(name?: SqliteDriverName): Promise<SqliteDriver> {
  const driver =
    (name === 'libsql' ? undefined : loadNodeSqlite()) ?? (name === 'node:sqlite' ? undefined : await loadLibsql())
  if (driver !== undefined) return driver
  throw new OrchestrationError(
    `SqliteJournalStore was told to use node:sqlite, which Node ${process.versions.node} does not have: use Node 22.13 or newer, ` +
      'or leave out the option `driver` and npm i libsql@^0.5.29.',
    { code: 'PACKAGE_MISSING', details: { package: 'node:sqlite' } },
  )
}
