import { OrchestrationError } from '../../errors/index.js'
import type { SqliteDriver, SqliteRow, SqliteValue } from './sqlite-driver.js'

// What is used of `libsql`, whose own declarations cannot be named from outside.
interface LibsqlStatement {
  run(...values: readonly SqliteValue[]): { readonly changes: number }
  get(...values: readonly SqliteValue[]): unknown
  all(...values: readonly SqliteValue[]): unknown[]
}

interface Libsql {
  readonly default: new (
    path: string,
  ) => { exec(sql: string): unknown; prepare(sql: string): LibsqlStatement; close(): unknown }
}

/**
 * The SQLite of the package `libsql`.
 * @throws PACKAGE_MISSING
 */
export async function loadLibsql(load: () => Promise<unknown> = () => import('libsql')): Promise<SqliteDriver> {
  const { default: Database } = (await load().catch((cause: unknown) => {
    throw new OrchestrationError(
      'SqliteJournalStore needs either Node 22.13 or newer, or the package libsql, which is not installed: npm i libsql@^0.5.29',
      { code: 'PACKAGE_MISSING', details: { package: 'libsql' }, cause },
    )
  })) as Libsql
  return {
    name: 'libsql',
    open(path) {
      const database = opened(() => new Database(path))
      return {
        exec: sql => void database.exec(sql),
        prepare(sql) {
          const statement = database.prepare(sql)
          return {
            run: (...values) => statement.run(...values).changes,
            get: (...values) => statement.get(...values) as SqliteRow | undefined,
            all: (...values) => statement.all(...values) as SqliteRow[],
          }
        },
        close: () => void database.close(),
      }
    },
  }
}

// libsql tells the result code of SQLite with every error but those of opening.
function opened<T>(open: () => T): T {
  try {
    return open()
  } catch (cause) {
    throw Object.assign(new Error('unable to open database file', { cause }), { rawCode: 14 })
  }
}
