import { OptionError, OrchestrationError } from '../../errors/index.js'
import type { PostgresPool } from './postgres-driver.js'

/** Where a `PostgresJournalStore` keeps its runs, and how it gets there. */
export interface PostgresJournalStoreOptions {
  /**
   * Like `postgres://user:password@host:5432/database`. Not together with `pool`.
   * @default the environment variable DATABASE_URL
   */
  readonly connectionString?: string
  /**
   * A `pg.Pool` that the application has already. Each store object holds one of its connections for as long as it is
   * open, and borrows others; so the pool needs at least one more than there are stores on it. Set its `keepAlive`, or
   * it may take long until a connection is known to be dead. The store leaves the pool open when it is closed.
   */
  readonly pool?: PostgresPool
  /**
   * The schema with the tables of the store, which is made if it is not there: a letter or _, then letters, digits and
   * _, 40 at most.
   * @default 'advancer'
   */
  readonly schema?: string
  /**
   * Connections of this store object, one of which it holds while it is open. At least 2; not together with `pool`.
   * @default 10
   */
  readonly maxConnections?: number
  /** How long a call waits for a connection, in milliseconds; not together with `pool`. @default 30_000 */
  readonly connectTimeoutMs?: number
}

/** The options of a store, complete. */
export type ResolvedPostgresOptions = { readonly schema: string } & (
  | { readonly pool: PostgresPool }
  | {
      readonly pool?: undefined
      readonly connectionString: string
      readonly maxConnections: number
      readonly connectTimeoutMs: number
    }
)

/** Checks the options and fills in what is missing. @throws OPTION_INVALID */
export function resolvePostgresOptions(options: PostgresJournalStoreOptions): ResolvedPostgresOptions {
  const { pool, schema = 'advancer', maxConnections = 10, connectTimeoutMs = 30_000 } = options
  if (!/^[a-z_][a-z0-9_]{0,39}$/i.test(schema)) {
    throw new OptionError('schema', 'a letter or _, then letters, digits and _, 40 characters at most', schema)
  }
  if (pool !== undefined) {
    const other = (['connectionString', 'maxConnections', 'connectTimeoutMs'] as const).find(name => name in options)
    if (other !== undefined) throw both(other)
    const max = pool.options?.max ?? 2
    if (max < 2) throw new OptionError('pool', 'of two connections at least (its `max`)', max)
    return { schema, pool }
  }
  if (!Number.isInteger(maxConnections) || maxConnections < 2) {
    throw new OptionError('maxConnections', 'a whole number from 2 on', maxConnections)
  }
  if (!Number.isInteger(connectTimeoutMs) || connectTimeoutMs < 1) {
    throw new OptionError('connectTimeoutMs', 'a whole number of milliseconds from 1 on', connectTimeoutMs)
  }
  const connectionString = options.connectionString ?? process.env['DATABASE_URL']
  if (connectionString === undefined || connectionString === '') throw nowhere()
  return { schema, connectionString, maxConnections, connectTimeoutMs }
}

function both(option: string): OrchestrationError {
  return new OrchestrationError(
    `Option \`${option}\` is about connections of the store's own, but it was given a \`pool\`. Leave out one of them.`,
    { code: 'OPTION_INVALID', details: { option } },
  )
}

function nowhere(): OrchestrationError {
  return new OrchestrationError(
    'PostgresJournalStore does not know its database. Set DATABASE_URL, or give it a `connectionString` or a `pool`.',
    { code: 'OPTION_INVALID', details: { option: 'connectionString' } },
  )
}
