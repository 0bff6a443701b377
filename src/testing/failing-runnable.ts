import { OrchestrationRunnable } from '../core/index.js'

/** How a {@link FailingRunnable} behaves. */
export interface FailingRunnableOptions<TIn, TOut> {
  /** How many invocations fail before the first that succeeds; `Infinity` for all. @default Infinity */
  readonly failures?: number
  /** What it throws; `attempt` counts from 1. @default an Error that names the attempt */
  readonly error?: (attempt: number, input: TIn) => unknown
  /** What it returns afterwards. @default its input */
  readonly output?: (input: TIn) => TOut
}

/** A state that fails a number of times, over all runs, and then works. */
export class FailingRunnable<TIn, TOut = TIn> extends OrchestrationRunnable<TIn, TOut> {
  readonly #options: FailingRunnableOptions<TIn, TOut>
  #attempts = 0

  constructor(options: FailingRunnableOptions<TIn, TOut> = {}) {
    super()
    this.#options = options
  }

  /** How often it was invoked. */
  get attempts(): number {
    return this.#attempts
  }

  override async invoke(input: TIn): Promise<TOut> {
    const attempt = ++this.#attempts
    const { failures = Number.POSITIVE_INFINITY, error, output } = this.#options
    if (attempt <= failures) throw error === undefined ? new Error(`Attempt ${attempt} failed.`) : error(attempt, input)
    // Without a conversion the output is the input; a test that says otherwise in its types has to give one.
    return output === undefined ? (input as unknown as TOut) : output(input)
  }
}
