import { OptionError } from '../errors/index.js'
import type { ModelResponse } from './model-client.js'

/**
 * The port to where a {@link CachedModel} keeps answers. Values are plain data that survives JSON. An entry may be dropped at any
 * time. What `get` or `set` throws, the call of the model throws.
 */
export interface ModelCache {
  get(key: string): ModelResponse | undefined | Promise<ModelResponse | undefined>
  set(key: string, response: ModelResponse): void | Promise<void>
}

/** How much a {@link MemoryModelCache} keeps. */
export interface MemoryModelCacheOptions {
  /** How many answers; the one that was not asked for the longest goes first. @default 1000 */
  readonly maxEntries?: number
}

/** Keeps answers in memory, as long as the process lives. */
export class MemoryModelCache implements ModelCache {
  readonly #entries = new Map<string, ModelResponse>()
  readonly #maxEntries: number

  /** @throws OPTION_INVALID */
  constructor({ maxEntries = 1000 }: MemoryModelCacheOptions = {}) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new OptionError('maxEntries', 'a whole number of at least 1', maxEntries)
    }
    this.#maxEntries = maxEntries
  }

  /** How many answers there are. */
  get size(): number {
    return this.#entries.size
  }

  get(key: string): ModelResponse | undefined {
    const response = this.#entries.get(key)
    if (response !== undefined) this.set(key, response)
    return response
  }

  set(key: string, response: ModelResponse): void {
    // A map lists its keys in the order in which they came in.
    this.#entries.delete(key)
    this.#entries.set(key, response)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest)
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear()
  }
}
