import type {
  ApprovalOutcome,
  ApprovalQuestion,
  Attempt,
  EmittedEvent,
  RunContext,
  RunProperties,
  Usage,
} from '../../core/index.js'

/**
 * A state's context for whoever stands in for its agent: with a name, and attempts, of its own, so that nobody takes what the agent
 * had come to for the work of its stand-in.
 */
export class StandInContext implements RunContext {
  readonly #context: RunContext
  readonly #name: string
  readonly #attempt: number
  readonly #signal: AbortSignal

  constructor(context: RunContext, name: string, attempt = 1, signal: AbortSignal = context.signal) {
    this.#context = context
    this.#name = name
    this.#attempt = attempt
    this.#signal = signal
  }

  /** The context of one attempt. */
  forAttempt({ number = this.#attempt, signal }: Attempt): StandInContext {
    const either = signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal])
    return new StandInContext(this.#context, this.#name, number, either)
  }

  get runId(): string {
    return this.#context.runId
  }

  get stateName(): string {
    return this.#context.stateName
  }

  get token(): string {
    return this.#context.token
  }

  get idempotencyKey(): string {
    return `${this.#context.idempotencyKey}/${this.#name}`
  }

  get attempt(): number {
    return this.#attempt
  }

  get attemptId(): string {
    return `${this.#context.attemptId}.${this.#name}.${this.#attempt}`
  }

  get signal(): AbortSignal {
    return this.#signal
  }

  get properties(): RunProperties {
    return this.#context.properties
  }

  outputOf(state: unknown): undefined {
    return this.#context.outputOf(state as string) as undefined
  }

  emit(event: EmittedEvent): void {
    this.#context.emit(event)
  }

  usage(usage: Usage): void {
    this.#context.usage(usage)
  }

  once<T>(name: string, work: () => T | PromiseLike<T>): Promise<T> {
    return this.#context.once(this.#named(name), work)
  }

  requestApproval<T>(name: string, question: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>> {
    return this.#context.requestApproval(this.#named(name), question)
  }

  now(): number {
    return this.#context.now()
  }

  sleep(ms: number, signal: AbortSignal = this.#signal): Promise<void> {
    return this.#context.sleep(ms, signal)
  }

  #named(name: string): string {
    // An empty name is for the context behind this one to refuse.
    return name === '' ? name : `${this.#name}.${name}`
  }
}
