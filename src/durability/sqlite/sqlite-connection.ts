import type { SqliteDatabase, SqliteRow, SqliteStatement, SqliteValue } from './sqlite-driver.js'
import { storedText } from './stored-text.js'

/** A connection that keeps its statements prepared. Text goes in as {@link storedText}, and is read with `textOf`. */
export class SqliteConnection {
  readonly #database: SqliteDatabase
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(database: SqliteDatabase) {
    this.#database = database
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
    this.#database.close()
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
