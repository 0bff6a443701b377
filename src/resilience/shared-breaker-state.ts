import { consoleLogger, type Logger } from '../core/index.js'
import { ensureError } from '../errors/index.js'
import type { CircuitBreakerSharing, CircuitBreakerStorage } from './circuit-breaker-storage.js'

/** The state of one breaker in its storage, as far as this process knows it. */
export class SharedBreakerState {
  readonly #name: string
  readonly #storage: CircuitBreakerStorage
  readonly #logger: Logger
  #revision = 0
  #text: string | undefined
  readonly #failing = new Set<'read' | 'written'>()
  #last: Promise<unknown> = Promise.resolve()

  /** @param snapshot what the breaker begins with, which is not worth saving */
  constructor(
    name: string,
    storage: CircuitBreakerStorage,
    { logger = consoleLogger }: CircuitBreakerSharing,
    snapshot: object,
  ) {
    this.#name = name
    this.#storage = storage
    this.#logger = logger
    this.#text = JSON.stringify(snapshot)
  }

  /** What others have saved since this process last looked. */
  newer<T>(read: (snapshot: unknown) => T): Promise<T | undefined> {
    return this.#load(read, revision => revision > this.#revision)
  }

  /** What is there now, when it turned out not to be what this process thought. */
  present<T>(read: (snapshot: unknown) => T): Promise<T | undefined> {
    return this.#load(read, () => true)
  }

  /** Saves a snapshot, unless it is the same as before. False if others have saved something in the meantime. */
  async save(snapshot: object): Promise<boolean> {
    const text = JSON.stringify(snapshot)
    if (text === this.#text) return true
    try {
      if (!(await this.#storage.save(this.#name, snapshot, this.#revision))) return false
      this.#revision++
      this.#text = text
      this.#failing.delete('written')
    } catch (thrown) {
      this.#warn('written', thrown)
    }
    return true
  }

  /** Does one thing after the other, so that calls of this process do not get in each other's way. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #load<T>(read: (snapshot: unknown) => T, isWanted: (revision: number) => boolean): Promise<T | undefined> {
    try {
      const { snapshot, revision } = (await this.#storage.load(this.#name)) ?? { snapshot: undefined, revision: 0 }
      this.#failing.delete('read')
      if (!isWanted(revision)) return undefined
      this.#revision = revision
      this.#text = snapshot === undefined ? undefined : JSON.stringify(snapshot)
      return snapshot === undefined ? undefined : read(snapshot)
    } catch (thrown) {
      this.#warn('read', thrown)
      return undefined
    }
  }

  #warn(what: 'read' | 'written', thrown: unknown): void {
    if (this.#failing.has(what)) return
    this.#failing.add(what)
    const message = `The state of circuit breaker "${this.#name}" could not be ${what}; it goes on with what it knows`
    this.#logger.warn(message, ensureError(thrown))
  }
}
