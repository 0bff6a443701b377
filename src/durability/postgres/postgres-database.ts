import { inTransaction, type RunStatement, using } from './borrowed-connection.js'
import {
  loadPostgresDriver,
  type PostgresConnection,
  type PostgresPool,
  type PostgresQuery,
  type PostgresRow,
} from './postgres-driver.js'
import { migrate } from './postgres-migrations.js'
import type { ResolvedPostgresOptions } from './postgres-store-options.js'

/**
 * The database of a store: connects and sets up the tables when it is first asked something, and again if that failed.
 */
export class PostgresDatabase {
  readonly #options: ResolvedPostgresOptions
  #pool: PostgresPool | undefined
  #ready: Promise<PostgresPool> | undefined

  constructor(options: ResolvedPostgresOptions) {
    this.#options = options
  }

  /** A connection to a database that has the tables; the caller gives it back. */
  async connect(): Promise<PostgresConnection> {
    this.#ready ??= this.#start().catch(failure => {
      this.#ready = undefined
      throw failure
    })
    const pool = await this.#ready
    return pool.connect()
  }

  /** One statement, one commit. */
  async query(statement: PostgresQuery): Promise<readonly PostgresRow[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await using(await this.connect(), run => run(statement))
      } catch (failure) {
        if (attempt === attempts || !wasUndone(failure)) throw failure
      }
    }
  }

  /** What `body` does is one commit; nothing, if it throws. */
  async transaction<T>(body: (run: RunStatement) => Promise<T>): Promise<T> {
    return using(await this.connect(), run => inTransaction(run, () => body(run)))
  }

  /** Ends the connections that the store has made. */
  async close(): Promise<void> {
    await this.#ready?.catch(ignore)
    this.#pool?.removeListener('error', ignore)
    if (this.#options.pool === undefined) {
      // A pool that is being ended still hears of connections that break.
      this.#pool?.on('error', ignore)
      await this.#pool?.end()
    }
  }

  async #start(): Promise<PostgresPool> {
    this.#pool ??= await this.#openPool()
    const { schema } = this.#options
    await using(await this.#pool.connect(), run => migrate(run, schema))
    return this.#pool
  }

  async #openPool(): Promise<PostgresPool> {
    const pool = this.#options.pool ?? (await this.#createPool(this.#options))
    // An idle connection that breaks is dropped by the pool; without a listener it would take the process down.
    pool.on('error', ignore)
    return pool
  }

  async #createPool(options: ResolvedPostgresOptions & { readonly pool?: undefined }): Promise<PostgresPool> {
    const { Pool } = await loadPostgresDriver()
    return new Pool({
      connectionString: options.connectionString,
      max: options.maxConnections,
      connectionTimeoutMillis: options.connectTimeoutMs,
      allowExitOnIdle: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      fallback_application_name: 'advancer',
    })
  }
}

const attempts = 5

/**
 * Where transactions are serializable by default, one of two that meet is undone; tried again, it sees what the other
 * has done.
 */
function wasUndone(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && (failure.code === '40001' || failure.code === '40P01')
}

function ignore(): void {}
