import type {
  ApprovalOutcome,
  ApprovalQuestion,
  EmittedEvent,
  RunContext,
  RunProperties,
  Usage,
} from '../core/index.js'

/**
 * A state's context for one part of its work: what is kept and asked for there has names of its own, so that two tool calls of one
 * state do not take each other's results.
 */
export class ScopedContext implements RunContext {
  readonly #context: RunContext
  readonly #scope: string
  readonly #key: string

  constructor(context: RunContext, scope: string, key: string) {
    this.#context = context
    this.#scope = scope
    this.#key = key
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
    return `${this.#context.idempotencyKey}/${this.#key}`
  }

  get attempt(): number {
    return this.#context.attempt
  }

  get attemptId(): string {
    return this.#context.attemptId
  }

  get signal(): AbortSignal {
    return this.#context.signal
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

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#context.sleep(ms, signal)
  }

  #named(name: string): string {
    // An empty name is for the context behind this one to refuse.
    return name === '' ? name : `${this.#scope}.${name}`
  }
}
