import type OpenAI from 'openai'
import { consoleLogger } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { ensureError } from '../errors/index.js'
import { canonicalJson } from '../schema/internal.js'
import { MemoryModelCache, type ModelCache } from './model-cache.js'
import type { ModelCallOptions, ModelClient, ModelRequest, ModelResponse } from './model-client.js'
import { modelOfClient } from './model-of-client.js'

/** Where a {@link CachedModel} keeps answers, and for which requests. */
export interface CachedModelOptions {
  /** @default a {@link MemoryModelCache} of its own */
  readonly cache?: ModelCache
  /** Keeps answers of several servers, or versions of a program, apart in one cache. @default '' */
  readonly namespace?: string
}

/**
 * A model that is asked the same only once, for development and tests: an equal request is answered with the answer of the first.
 * Requests are equal if all of their data is; the order of its keys plays no part.
 *
 * ```ts
 * const agent = new Agent({ client: new CachedModel(new OpenAI()), model: 'gpt-4.1-mini' })
 * ```
 *
 * - An answer from the cache costs nothing, so it has no `usage`, and budgets and cost reports count nothing for it; nor has it a
 *   `requestId`. Its deltas come in one piece.
 * - Kept are answers that are complete: no refusals, none that hit the token limit or a content filter, no failures.
 * - Equal requests at the same time all go to the model: none of them is there to be waited for if another is aborted.
 */
export class CachedModel implements ModelClient {
  readonly #model: ModelClient
  readonly #cache: ModelCache
  readonly #namespace: string
  #hits = 0
  #misses = 0

  /** @throws OPTION_INVALID */
  constructor(client: OpenAI | ModelClient, { cache, namespace = '' }: CachedModelOptions = {}) {
    this.#model = modelOfClient(client)
    this.#cache = cache ?? new MemoryModelCache()
    this.#namespace = namespace
  }

  /** How many calls were answered from the cache. */
  get hits(): number {
    return this.#hits
  }

  /** How many calls went to the model. */
  get misses(): number {
    return this.#misses
  }

  async complete(request: ModelRequest, options: ModelCallOptions = {}): Promise<ModelResponse> {
    const { signal, onDelta, onReasoning } = options
    signal?.throwIfAborted()
    const key = await digest(`${this.#namespace}\n${canonicalJson(request)}`)
    const found = await untilAborted(this.#find(key), signal)
    if (found !== undefined) {
      this.#hits++
      if (found.reasoning !== undefined && found.reasoning !== '') onReasoning?.(found.reasoning)
      if (found.content !== '') onDelta?.(found.content)
      // Nobody may change what the next one is given.
      return structuredClone(found)
    }
    this.#misses++
    const response = await this.#model.complete(request, options)
    if (isWorthKeeping(response)) {
      const { usage: _usage, requestId: _requestId, ...kept } = response
      await untilAborted(this.#keep(key, structuredClone(kept)), signal)
    }
    return response
  }

  /** A cache that fails, or has something else under the key, is as if it had nothing. */
  async #find(key: string): Promise<ModelResponse | undefined> {
    try {
      const found = (await this.#cache.get(key)) as Partial<ModelResponse> | null | undefined
      return typeof found?.content === 'string' && Array.isArray(found.toolCalls) ? (found as ModelResponse) : undefined
    } catch (thrown) {
      consoleLogger.warn('The cache of a model could not be read; the model is asked', ensureError(thrown))
      return undefined
    }
  }

  /** What the model has answered must not be lost because it cannot be kept. */
  async #keep(key: string, response: ModelResponse): Promise<void> {
    try {
      await this.#cache.set(key, response)
    } catch (thrown) {
      consoleLogger.warn('An answer of a model could not be put into its cache', ensureError(thrown))
    }
  }
}

function isWorthKeeping({ finishReason, refusal }: ModelResponse): boolean {
  return (finishReason === 'stop' || finishReason === 'tool_calls') && (refusal ?? '') === ''
}

/** SHA-256, in hexadecimal digits: a key shows nothing of a conversation, and is short however long that is. */
async function digest(text: string): Promise<string> {
  const bytes = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, '0')).join('')
}
