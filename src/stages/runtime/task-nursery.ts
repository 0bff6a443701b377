import { ensureError, OrchestrationError } from '../../errors/index.js'

/**
 * Holds work that goes on at the same time: the first failure aborts all of it, and nothing of it outlives {@link TaskNursery.settle}.
 */
export class TaskNursery {
  readonly #controller = new AbortController()
  readonly #children = new Set<Promise<unknown>>()
  readonly #forget: () => void
  #failure: { readonly error: Error } | undefined
  #isOver = false

  /** @param outer aborts all of the work too */
  constructor(outer: AbortSignal | undefined) {
    const abort = (): void => this.#controller.abort(outer?.reason)
    if (outer?.aborted === true) abort()
    else outer?.addEventListener('abort', abort)
    this.#forget = () => outer?.removeEventListener('abort', abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Starts a piece of work in the next turn. @throws OPTION_INVALID when the task that it would belong to is over */
  add<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#isOver) {
      throw new OrchestrationError(`Task "${name}" cannot be started: the task that it would belong to is over.`, {
        code: 'OPTION_INVALID',
        details: { task: name },
      })
    }
    const running = Promise.resolve().then(work)
    const watched = running.catch(thrown => this.#fail(name, thrown)).finally(() => this.#children.delete(watched))
    this.#children.add(watched)
    return running
  }

  /** Runs the work that holds all others, waits for all of them, and returns what it returned, or throws what failed first. */
  async settle<T>(name: string, body: () => T | Promise<T>): Promise<T> {
    let outcome: { readonly value: T } | undefined
    try {
      outcome = { value: await body() }
    } catch (thrown) {
      this.#fail(name, thrown)
    }
    // Work may start other work while it is waited for.
    while (this.#children.size > 0) await Promise.all(this.#children)
    this.#isOver = true
    this.#forget()
    if (this.#failure !== undefined) throw this.#failure.error
    return (outcome as { readonly value: T }).value
  }

  #fail(name: string, thrown: unknown): void {
    if (this.#failure !== undefined) return
    const error = ensureError(thrown)
    this.#failure = { error }
    if (this.signal.aborted) return
    this.#controller.abort(
      new OrchestrationError(`Stopped, because task "${name}" has failed: ${error.message}`, {
        code: 'RUN_CANCELLED',
        details: { task: name },
        cause: error,
      }),
    )
  }
}
