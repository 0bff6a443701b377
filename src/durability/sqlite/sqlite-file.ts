import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError, storeClosed } from '../store-error.js'
import { makeDirectory } from './make-directory.js'
import { SqliteConnection } from './sqlite-connection.js'
import type { SqliteDriver } from './sqlite-driver.js'
import { endsConnection, isLocked, sqliteFailure } from './sqlite-failure.js'
import { checkFormat, migrate } from './sqlite-format.js'

/** How a file is opened. */
export interface SqliteFileOptions {
  /** Absolute, or `:memory:`. */
  readonly path: string
  readonly synchronous: 'full' | 'normal'
  /** In milliseconds. */
  readonly busyTimeout: number
}

/** One connection to a file, opened when it is needed, and opened again after it broke. */
export class SqliteFile {
  readonly path: string
  readonly #driver: SqliteDriver
  readonly #options: SqliteFileOptions
  #connection: SqliteConnection | undefined
  #identity: string | undefined
  #closed = false

  constructor(driver: SqliteDriver, options: SqliteFileOptions) {
    this.#driver = driver
    this.#options = options
    this.path = options.path
  }

  /**
   * Calls `use` with the connection, as often as it takes until nobody else has the file locked.
   * @throws STORE_FAILED, STORE_CLOSED, or what `use` throws
   */
  async use<T>(what: string, use: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + this.#options.busyTimeout
    for (let pause = 1; ; pause = Math.min(2 * pause, 20)) {
      if (this.#closed) throw storeClosed()
      try {
        return use(this.#connect())
      } catch (error) {
        this.drop(error)
        if (!isLocked(error) || performance.now() >= deadline) throw sqliteFailure(what, this.path, error)
        // Different for all who wait, so that they do not get in each other's way again and again.
        await new Promise(resolve => setTimeout(resolve, pause * (0.5 + Math.random())))
      }
    }
  }

  /** Closes the connection if an error says that it is of no use any more; the next use opens another one. */
  drop(error: unknown): void {
    if (this.path !== ':memory:' && (endsConnection(error) || error instanceof FileGone)) this.#disconnect()
  }

  /**
   * A file that was deleted can still be written to by those who have it open; only that nothing of it stays.
   * @throws STORE_FAILED
   */
  assertInPlace(): void {
    if (this.path === ':memory:') return
    const found = identityOf(this.path)
    if (found === undefined || found !== this.#identity) throw new FileGone(this.path)
  }

  /** Moves what is in the log of changes to the file, and closes it for good. */
  close(): void {
    this.#closed = true
    try {
      this.#connection?.exec('PRAGMA busy_timeout = 0; PRAGMA store.wal_checkpoint(TRUNCATE)')
    } catch {
      // The log is as good a place: the next one who opens the file takes it from there.
    }
    this.#disconnect()
  }

  #connect(): SqliteConnection {
    if (this.#connection !== undefined) {
      this.assertInPlace()
      return this.#connection
    }
    const { path, synchronous } = this.#options
    if (path !== ':memory:') makeDirectory(dirname(path))
    this.#assertNotCut()
    const connection = new SqliteConnection(this.#driver, path)
    try {
      checkFormat(connection, path)
      this.#useLog(connection)
      connection.exec(`PRAGMA store.synchronous = ${synchronous}; PRAGMA foreign_keys = ON`)
      migrate(connection, path)
      this.#identity = identityOf(path)
    } catch (error) {
      close(connection)
      throw error
    }
    this.#connection = connection
    return connection
  }

  /**
   * SQLite takes a file of one byte for an empty one, and refuses others that do not begin as a database does. It must not be read
   * here: closing it would end the locks that SQLite has on it in this process.
   */
  #assertNotCut(): void {
    if (this.path === ':memory:' || statSync(this.path, { throwIfNoEntry: false })?.size !== 1) return
    throw new StoreError(
      'STORE_FAILED',
      `The file ${this.path} is no SQLite database, or is damaged: it has one byte. It was left as it is: give another path, or bring back a copy.`,
      { path: this.path },
    )
  }

  #useLog(connection: SqliteConnection): void {
    const mode = connection.get('PRAGMA store.journal_mode = WAL')?.journal_mode
    if (mode === 'wal' || this.path === ':memory:') return
    throw new StoreError(
      'STORE_FAILED',
      `The store ${this.path} is where SQLite cannot keep a write-ahead log, such as a network drive. Move it to a local disk.`,
      { path: this.path },
    )
  }

  #disconnect(): void {
    const connection = this.#connection
    this.#connection = undefined
    if (connection !== undefined) close(connection)
  }
}

function close(connection: SqliteConnection): void {
  try {
    connection.close()
  } catch {
    // There is nothing to be done about a connection that cannot even be closed.
  }
}

class FileGone extends StoreError {
  constructor(path: string) {
    super(
      'STORE_FAILED',
      `The file ${path} was deleted or replaced while the store had it open. What was written since then is not in it. ` +
        'The next call opens what is there now.',
      { path },
    )
  }
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}
