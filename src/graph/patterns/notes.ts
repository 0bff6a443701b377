import type { RunContext } from '../../core/index.js'

/**
 * What a pattern remembers of a run beside what its states hand on: a property of the run, so that it is part of the journal.
 * A pattern has a run of its own, so the names of its notes meet no others.
 */
export class Note<T> {
  readonly #key: string
  readonly #initial: T

  constructor(key: string, initial: T) {
    this.#key = key
    this.#initial = initial
  }

  read({ properties }: RunContext): T {
    return properties.has(this.#key) ? (properties.get<T>(this.#key) as T) : this.#initial
  }

  /** Returns what it writes. */
  write({ properties }: RunContext, value: T): T {
    properties.set(this.#key, value)
    return value
  }
}
