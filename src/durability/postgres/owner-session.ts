import { randomBytes } from 'node:crypto'
import { storeClosed } from '../store-error.js'
import { queryText } from './borrowed-connection.js'
import type { PostgresDatabase } from './postgres-database.js'
import type { PostgresConnection } from './postgres-driver.js'

/** What is told to whoever needs to know what happens on the connection of a session. */
export interface SessionEvents {
  /** Somebody has sent this on the channel of the schema. */
  readonly onNotification: (payload: string) => void
  /** The connection is gone, and with it the owner. */
  readonly onLost: () => void
}

interface OpenSession {
  readonly owner: string
  readonly connection: PostgresConnection
  /** Gives the connection up. */
  readonly end: () => void
  /** Resolves when the connection has gone, for whatever reason. */
  readonly gone: Promise<void>
}

/**
 * The identity of a store object as owner of runs: a number, under which one connection that is kept for nothing else
 * holds an advisory lock. Whoever finds the number in `runs.owner` sees in `pg_locks` whether its holder is still
 * there. The server frees the lock when the process dies or the connection breaks; then the next session goes by
 * another number.
 */
export class OwnerSession {
  readonly #database: PostgresDatabase
  readonly #schema: string
  readonly #events: SessionEvents
  #opening: Promise<OpenSession> | undefined
  #closed = false

  constructor(database: PostgresDatabase, schema: string, events: SessionEvents) {
    this.#database = database
    this.#schema = schema
    this.#events = events
  }

  /** The number of the owner; from here on notifications come in. */
  async owner(): Promise<string> {
    if (this.#closed) throw storeClosed()
    return (await (this.#opening ?? this.#open())).owner
  }

  /** The owner, unless there is none: then this object owns nothing. */
  async present(): Promise<string | undefined> {
    return (await this.#opening?.catch(() => undefined))?.owner
  }

  /** The server says that the connection of an owner is gone: the next one goes by another number. */
  async lost(owner: string): Promise<void> {
    const session = await this.#opening?.catch(() => undefined)
    if (session?.owner === owner) session.end()
  }

  /** Frees the lock, so that others see at once that the owner has gone. */
  async close(): Promise<void> {
    this.#closed = true
    const session = await this.#opening?.catch(() => undefined)
    this.#opening = undefined
    if (session === undefined) return
    const { connection, owner } = session
    connection.ref?.()
    try {
      await queryText(connection, { text: 'select pg_advisory_unlock($1)', values: [owner] })
    } catch {
      // Then the connection is gone, and the lock with it.
    }
    session.end()
  }

  #open(): Promise<OpenSession> {
    const opening = this.#connect()
    this.#opening = opening
    const drop = () => {
      const current = this.#opening === opening
      if (current) this.#opening = undefined
      return current
    }
    void opening.then(
      ({ gone }) => gone.then(() => drop() && this.#events.onLost()),
      () => drop(),
    )
    return opening
  }

  async #connect(): Promise<OpenSession> {
    const connection = await this.#database.connect()
    let end = () => {}
    const gone = new Promise<void>(resolve => {
      end = () => {
        end = resolve
        connection.release(true)
        resolve()
      }
    })
    const endOnce = () => end()
    connection.on('error', endOnce)
    connection.on('end', endOnce)
    connection.on('notification', ({ payload = '' }) => this.#events.onNotification(payload))
    try {
      // Positive or negative: all 64 bits count.
      const owner = randomBytes(8).readBigInt64BE().toString()
      await queryText(connection, { text: sessionSettings })
      await queryText(connection, { text: 'select pg_advisory_lock($1)', values: [owner] })
      await queryText(connection, { text: `listen "${this.#schema}"` })
      connection.unref?.()
      return { owner, connection, end: endOnce, gone }
    } catch (failure) {
      endOnce()
      throw failure
    }
  }
}

/** True of the `owner`, a column or a parameter, while its session lives. */
export function ownerLives(owner: string): string {
  return `exists (
    select from pg_locks
    where locktype = 'advisory' and objsubid = 1 and granted
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32 | objid::bigint) = ${owner}
  )`
}

/**
 * The server is to find out in half a minute that the host of the owner is gone, and not to end the session because it
 * is idle.
 */
const sessionSettings = `
  select set_config(name, setting, false)
  from (values
    ('tcp_keepalives_idle', '10'),
    ('tcp_keepalives_interval', '5'),
    ('tcp_keepalives_count', '4'),
    ('idle_session_timeout', '0')
  ) as wanted(name, setting)
  where exists (select from pg_settings where pg_settings.name = wanted.name)`
