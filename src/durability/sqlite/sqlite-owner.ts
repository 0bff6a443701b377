import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { SqliteDatabase, SqliteDriver } from './sqlite-driver.js'

// Seen by all store objects of this process, whichever library they use: locks of files do not hold between two libraries in it.
const aliveHere = new Set<string>()

/**
 * What a store object is known by as the owner of runs. While it has runs it keeps a little file next to the store locked, which
 * the system unlocks when the process ends, however it ends. So the others need no clock to see that it is gone.
 *
 * {@link hold} and {@link isAlive} are to be called within a write transaction on the store, of which there is one at a time: who
 * looks at a file must not meet another who looks, nor one who is about to lock his own.
 */
export class SqliteOwner {
  readonly id = randomUUID()
  readonly #driver: SqliteDriver
  readonly #path: string
  #lock: SqliteDatabase | undefined

  /** @param path of the store */
  constructor(driver: SqliteDriver, path: string) {
    this.#driver = driver
    this.#path = path
  }

  /** From now on others find it alive. */
  hold(): void {
    if (this.#lock !== undefined || this.#path === ':memory:') return
    this.#lock = this.#locked(this.#fileOf(this.id))
    aliveHere.add(this.id)
    this.#clearUp()
  }

  /** Whether an owner, which may be this one, can still have runs. */
  isAlive(id: string): boolean {
    if (id === this.id || aliveHere.has(id)) return true
    // It becomes part of a path, and comes out of a file that others can write to.
    if (!/^[\da-f-]{36}$/.test(id)) return false
    const file = this.#fileOf(id)
    if (!existsSync(file)) return false
    try {
      this.#locked(file).close()
    } catch {
      return existsSync(file)
    }
    rmSync(file, { force: true })
    return false
  }

  /** From now on others find it gone. */
  release(): void {
    if (this.#lock === undefined) return
    this.#lock.close()
    this.#lock = undefined
    aliveHere.delete(this.id)
    rmSync(this.#fileOf(this.id), { force: true })
  }

  #fileOf(id: string): string {
    return `${this.#path}-owner-${id}`
  }

  #locked(file: string): SqliteDatabase {
    const database = this.#driver.open(file)
    try {
      // Nothing is written, so a journal would be one more file to clear up.
      database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
      return database
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** Removes the files of those who were killed. */
  #clearUp(): void {
    const [directory, prefix] = [dirname(this.#path), `${basename(this.#path)}-owner-`]
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefix)) this.isAlive(name.slice(prefix.length))
    }
  }
}
