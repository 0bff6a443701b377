import type { SqliteConnection } from './sqlite-connection.js'
import { sqliteFailure } from './sqlite-failure.js'
import type { SqliteFile } from './sqlite-file.js'
import { rollBack } from './sqlite-format.js'

interface Write {
  readonly run: (connection: SqliteConnection) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

const mostPerTransaction = 1000

/** Commits writes that come in at the same time together: one transaction, one wait for the disk. */
export class WriteQueue {
  readonly #file: SqliteFile
  #waiting: Write[] = []
  #working: Promise<void> | undefined

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /**
   * Resolves when what `run` did is committed. If `run` throws, nothing of it stays, and what is committed with it is not affected.
   * It may be called more than once, each time after everything that it did was undone.
   */
  add<T>(run: (connection: SqliteConnection) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as Write['resolve'], reject })
      this.#working ??= this.#work()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Everybody who has something to write in this turn of the event loop gets to say so.
      await new Promise(resolve => setImmediate(resolve))
      try {
        await this.#file.use('write to', connection => {
          connection.exec('BEGIN IMMEDIATE')
          this.#commit(connection, this.#waiting.splice(0, mostPerTransaction))
        })
      } catch (error) {
        for (const { reject } of this.#waiting.splice(0)) reject(error)
      }
    }
    this.#working = undefined
  }

  #commit(connection: SqliteConnection, writes: readonly Write[]): void {
    let outcomes: readonly (() => void)[]
    try {
      outcomes = writes.map(write =>
        writes.length === 1 ? alone(connection, write) : this.#amongOthers(connection, write),
      )
    } catch (error) {
      rollBack(connection)
      // One that does not fit on the disk takes the whole transaction with it; the others may fit.
      if (writes.length > 1) this.#oneByOne(connection, writes)
      else this.#fail(writes, error)
      return
    }
    try {
      connection.exec('COMMIT')
      this.#file.assertInPlace()
    } catch (error) {
      rollBack(connection)
      this.#fail(writes, error)
      return
    }
    for (const settle of outcomes) settle()
  }

  #oneByOne(connection: SqliteConnection, writes: readonly Write[]): void {
    for (const write of writes) {
      try {
        connection.exec('BEGIN IMMEDIATE')
      } catch (error) {
        this.#fail([write], error)
        continue
      }
      this.#commit(connection, [write])
    }
  }

  #fail(writes: readonly Write[], error: unknown): void {
    this.#file.drop(error)
    for (const { reject } of writes) reject(sqliteFailure('write to', this.#file.path, error))
  }

  #amongOthers(connection: SqliteConnection, write: Write): () => void {
    connection.exec('SAVEPOINT one')
    try {
      const value = write.run(connection)
      connection.exec('RELEASE one')
      return () => write.resolve(value)
    } catch (error) {
      // Throws if SQLite has ended the transaction, and with it those before this one.
      connection.exec('ROLLBACK TO one; RELEASE one')
      return () => this.#fail([write], error)
    }
  }
}

function alone(connection: SqliteConnection, { run, resolve }: Write): () => void {
  const value = run(connection)
  return () => resolve(value)
}
