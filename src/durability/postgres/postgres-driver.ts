import { OrchestrationError } from '../../errors/index.js'

/** What the store asks a `pg.PoolClient` for. */
export interface PostgresConnection {
  query(query: PostgresQuery): Promise<{ readonly rows: readonly PostgresRow[]; readonly rowCount: number | null }>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(event: 'notification', listener: (notification: { readonly payload?: string | undefined }) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  /** Gives the connection back to its pool, or ends it. */
  release(end?: boolean): void
  /** Lets the connection keep the process alive. */
  ref?(): void
  /** Keeps it from doing so. */
  unref?(): void
}

/** What the store asks a `pg.Pool` for. */
export interface PostgresPool {
  readonly options?: { readonly max?: number | undefined } | undefined
  connect(): Promise<PostgresConnection>
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  end(): Promise<void>
}

/** A statement with its values, and with a name if it is worth being prepared. */
export interface PostgresQuery {
  readonly text: string
  readonly values?: unknown[]
  readonly name?: string
  readonly types?: { getTypeParser(): (value: string) => string }
}

/** One row: every value as PostgreSQL prints it. */
export type PostgresRow = Readonly<Record<string, string | null>>

/** The part of the module `pg` that the store uses. */
export interface PostgresDriver {
  readonly Pool: new (options: PostgresPoolOptions) => PostgresPool
}

/** The options of `pg.Pool` that the store sets. */
export interface PostgresPoolOptions {
  readonly connectionString: string
  readonly max: number
  readonly connectionTimeoutMillis: number
  readonly allowExitOnIdle: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelayMillis: number
  readonly fallback_application_name: string
}

/**
 * Loads `pg`, which only those need who keep their runs in PostgreSQL.
 * @throws PACKAGE_MISSING
 */
export async function loadPostgresDriver(
  load: () => Promise<PostgresDriver> = async () => import('pg'),
): Promise<PostgresDriver> {
  try {
    return await load()
  } catch (cause) {
    throw new OrchestrationError('PostgresJournalStore needs the package pg, which is not installed: npm install pg', {
      code: 'PACKAGE_MISSING',
      details: { package: 'pg' },
      cause,
    })
  }
}
