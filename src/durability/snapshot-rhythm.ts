import { OptionError } from '../errors/index.js'

/** Says when a run is to be written down as a whole: so seldom that at most twice as much is written as without. */
export class SnapshotRhythm {
  readonly #every: number
  #entries = 0
  #bytes = 0
  #lastSize = 0

  /** @param every at least so many entries apart */
  constructor(every = 500) {
    if (!((Number.isInteger(every) || every === Infinity) && every >= 1)) {
      throw new OptionError('snapshotEvery', 'a whole number of at least 1', every)
    }
    this.#every = every
  }

  /** Counts an entry; true if it is time. */
  add(bytes: number): boolean {
    this.#entries++
    this.#bytes += bytes
    return this.#entries >= this.#every && this.#bytes >= this.#lastSize
  }

  /** The run has been written down. */
  taken(size: number): void {
    this.#entries = 0
    this.#bytes = 0
    this.#lastSize = size
  }
}
