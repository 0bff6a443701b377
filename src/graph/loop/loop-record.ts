import { OrchestrationFailedError, type RunContext, type StateFailure } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import type { LoopError, LoopOutcome } from './loop-options.js'

/**
 * What a loop keeps in its run's properties: each result and each error under a key of its own, so that a turn writes only what is new,
 * and for each branch the turn it is in.
 */
export class LoopRecord<TResult> {
  readonly #context: RunContext

  constructor(context: RunContext) {
    this.#context = context
  }

  /** The turn that this branch is in. */
  get turn(): number {
    return this.#context.properties.get<number>(this.#turnKey) ?? 0
  }

  set turn(index: number) {
    this.#context.properties.set(this.#turnKey, index)
  }

  get #turnKey(): string {
    const { token } = this.#context
    return `turn:${token.slice(0, token.lastIndexOf(':'))}`
  }

  keepResult(index: number, result: TResult): void {
    this.#context.properties.set(`result:${index}`, result ?? null)
  }

  keepError(index: number, failure: StateFailure): void {
    this.#context.properties.set(`error:${index}`, errorOf(index, failure))
  }

  resultOf(index: number): TResult | null {
    return this.#context.properties.get<TResult | null>(`result:${index}`) ?? null
  }

  resultsOf(turns: number): readonly (TResult | null)[] {
    return Array.from({ length: turns }, (_, index) => this.resultOf(index))
  }

  outcome(exhausted: boolean): LoopOutcome<TResult> {
    const { properties } = this.#context
    const errors: LoopError[] = []
    let iterations = 0
    while (properties.has(`result:${iterations}`) || properties.has(`error:${iterations}`)) {
      const error = properties.get<LoopError>(`error:${iterations}`)
      if (error !== undefined) errors.push(error)
      iterations++
    }
    return { results: this.resultsOf(iterations), errors, iterations, exhausted }
  }
}

/** The error of the state that failed in the turn, not that of the run around it. */
function errorOf(index: number, { error }: StateFailure): LoopError {
  const cause = error instanceof OrchestrationFailedError && error.cause instanceof Error ? error.cause : error
  return {
    index,
    name: cause.name,
    message: cause.message,
    ...(OrchestrationError.isInstance(cause) ? { code: cause.code } : {}),
  }
}
