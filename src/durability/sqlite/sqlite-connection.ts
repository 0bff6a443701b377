import type { SqliteDatabase, SqliteDriver, SqliteRow, SqliteStatement, SqliteValue } from './sqlite-driver.js'
import { storedText } from './stored-text.js'

/**
 * A connection that keeps its statements prepared. Text goes in as {@link storedText}, and is selected with `textColumns`.
 *
 * The file is attached, under the name `store`, to a database in memory that has nothing in it: PRAGMAs, and what creates tables,
 * have to give that name. What is attached can be detached; libsql closes the file of a connection itself only when every
 * statement that was prepared on it has been collected as garbage, so that a process could run out of file descriptors.
 */
export class SqliteConnection {
  readonly #database: SqliteDatabase
  readonly #statements = new Map<string, SqliteStatement>()

  /** @param path of the file, which is created at the first write if it is not there; `:memory:` for none */
  constructor(driver: SqliteDriver, path: string) {
    this.#database = driver.open(':memory:')
    try {
      // Longer waits are up to the caller, because SQLite stops the whole process while it waits.
      this.#database.exec('PRAGMA busy_timeout = 10')
      this.#database.prepare('ATTACH ? AS store').run(path)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** The number of rows that were changed. */
  run(sql: string, ...values: readonly SqliteValue[]): number {
    return this.#statement(sql).run(...values.map(stored))
  }

  get(sql: string, ...values: readonly SqliteValue[]): SqliteRow | undefined {
    return this.#statement(sql).get(...values.map(stored))
  }

  all(sql: string, ...values: readonly SqliteValue[]): readonly SqliteRow[] {
    return this.#statement(sql).all(...values.map(stored))
  }

  close(): void {
    this.#statements.clear()
    try {
      this.#database.exec('DETACH store')
    } finally {
      this.#database.close()
    }
  }

  #statement(sql: string): SqliteStatement {
    const prepared = this.#statements.get(sql) ?? this.#database.prepare(sql)
    // Queries are put together from criteria, of which there are more combinations than are worth keeping.
    if (this.#statements.size < 200) this.#statements.set(sql, prepared)
    return prepared
  }
}

function stored(value: SqliteValue): SqliteValue {
  return typeof value === 'string' ? storedText(value) : value
}
