import type OpenAI from 'openai'
import { systemClock, type TimerHandle } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { OptionError } from '../errors/index.js'
import type { ModelCallOptions } from './model-client.js'
import { ModelError } from './model-error.js'
import { notWhatWasAsked } from './openai-answer.js'
import { modelErrorOf } from './openai-error.js'
import { secretsOf } from './openai-secrets.js'

/** How a model uses the official client. */
export interface OpenAICallOptions {
  /**
   * How often the client itself tries again. @default the client's own setting; 0 where `ModelCallOptions.ownRetries` is false,
   * as in a state that a retry policy stands around
   */
  readonly maxRetries?: number
  /**
   * How long the server may be silent, in milliseconds: until its answer begins, and then between two pieces of it.
   * @default the client's own setting, which is ten minutes unless it was changed
   */
  readonly timeoutMs?: number
}

/** @throws OPTION_INVALID */
export function checkCallOptions<T extends OpenAICallOptions>(options: T): T {
  const { maxRetries, timeoutMs } = options
  if (maxRetries !== undefined && !(Number.isInteger(maxRetries) && maxRetries >= 0)) {
    throw new OptionError('maxRetries', 'a whole number of at least 0', maxRetries)
  }
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw new OptionError('timeoutMs', 'a number above 0, in milliseconds', timeoutMs)
  }
  return options
}

const defaultSilenceMs = 600_000

/** One call through the official client: how it is made, how long it may be silent, how it is hung up, what its errors are. */
export class OpenAiCall {
  readonly #client: OpenAI
  readonly #model: string
  readonly #options: OpenAICallOptions
  readonly #call: ModelCallOptions
  readonly #hangUp = new AbortController()
  #requestId: string | undefined
  #hasBegun = false

  constructor(client: OpenAI, model: string, options: OpenAICallOptions, call: ModelCallOptions) {
    this.#client = client
    this.#model = model
    this.#options = options
    this.#call = call
  }

  /** What the server calls the request, once it has begun to answer, and if it says so. */
  get requestId(): string | undefined {
    return this.#requestId
  }

  /** Whether the answer is wanted in pieces. */
  get isStreaming(): boolean {
    return this.#call.onDelta !== undefined || this.#call.onReasoning !== undefined
  }

  /** What the client is told besides the body. */
  get requestOptions(): OpenAI.RequestOptions {
    const { timeoutMs, maxRetries = this.#call.ownRetries === false ? 0 : undefined } = this.#options
    return {
      signal: this.#hangUp.signal,
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    }
  }

  /** Does the work of the call. Whatever fails it becomes a {@link ModelError}, and the connection is closed. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#call
    signal?.throwIfAborted()
    const onAbort = (): void => this.#hangUp.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      // The client's wait for its next try does not heed the signal.
      return await untilAborted(work(), signal)
    } catch (thrown) {
      this.#hangUp.abort()
      // An aborted stream ends as if it were cut; whatever an abort makes the client throw, its reason is what happened.
      signal?.throwIfAborted()
      throw modelErrorOf(thrown, {
        model: this.#model,
        streaming: this.#hasBegun,
        requestId: this.#requestId,
        hidden: secretsOf(this.#client),
      })
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** The answer in one piece, or the stream of its pieces. */
  async answer<T>(asked: Promise<T> & { asResponse?(): Promise<{ readonly headers: Headers }> }): Promise<T> {
    if (asked.asResponse !== undefined) {
      const { headers } = await asked.asResponse()
      this.#requestId = headers.get('x-request-id') ?? undefined
    }
    try {
      return await this.#inTime(asked)
    } catch (thrown) {
      // The client trips over a body that is JSON, or a page, but no object. A body that is cut off is another matter.
      if (!(thrown instanceof TypeError) || thrown.message === 'terminated') throw thrown
      throw notWhatWasAsked('what its API promises', this.#model, this.#requestId)
    }
  }

  /** The pieces of a stream, until the call is hung up. */
  async *pieces<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    this.#hasBegun = true
    const iterator = stream[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.#inTime(iterator.next())
        if (next.done === true || this.#hangUp.signal.aborted) return
        yield next.value
      }
    } finally {
      // Not awaited: it would wait for a piece that a silent server never sends.
      iterator.return?.().catch(() => undefined)
    }
  }

  async #inTime<T>(piece: Promise<T>): Promise<T> {
    const client = this.#client as { readonly timeout?: number }
    const limitMs = this.#options.timeoutMs ?? client.timeout ?? defaultSilenceMs
    let timer: TimerHandle
    const silence = new Promise<never>((_, reject) => {
      timer = systemClock.setTimeout(() => reject(this.#fellSilent(limitMs)), limitMs)
    })
    try {
      return await Promise.race([piece, silence])
    } finally {
      systemClock.clearTimeout(timer)
    }
  }

  #fellSilent(limitMs: number): ModelError {
    return new ModelError(
      `The server of model "${this.#model}" began to answer, then was silent for ${limitMs} ms. Trying again can help; ` +
        '`timeoutMs` says how long it may be silent.',
      {
        code: 'MODEL_TIMED_OUT',
        model: this.#model,
        retryable: true,
        ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
      },
    )
  }
}
