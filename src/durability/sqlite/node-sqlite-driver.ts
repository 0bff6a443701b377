import type { SqliteDatabase, SqliteDriver, SqliteRow, SqliteValue } from './sqlite-driver.js'

// What is used of `node:sqlite`, which the type definitions of the oldest supported Node do not have.
interface NodeStatement {
  run(...values: readonly SqliteValue[]): { readonly changes: number | bigint }
  get(...values: readonly SqliteValue[]): SqliteRow | undefined
  all(...values: readonly SqliteValue[]): readonly SqliteRow[]
}

interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => { exec(sql: string): void; prepare(sql: string): NodeStatement; close(): void }
}

/** The SQLite that is built into Node from 22.13 on; `undefined` where it is not. */
export function loadNodeSqlite(): SqliteDriver | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined
  if (sqlite === undefined) return undefined
  return {
    name: 'node:sqlite',
    open(path): SqliteDatabase {
      const database = new sqlite.DatabaseSync(path)
      return {
        exec: sql => database.exec(sql),
        prepare(sql) {
          const statement = database.prepare(sql)
          return {
            run: (...values) => Number(statement.run(...values).changes),
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
          }
        },
        close: () => database.close(),
      }
    },
  }
}
