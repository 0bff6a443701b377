import type { ApprovalOutcome, ApprovalQuestion } from './approval.js'
import type { RunContext } from './context.js'
import type { EmittedEvent } from './events.js'
import type { RunProperties } from './properties.js'
import type { Usage } from './usage.js'

/**
 * A state's context for one part of its work. All is as in the context behind it, but what is kept and asked for has names of its own,
 * which begin with `scope`; so two parts of one state do not take each other's results.
 */
export class DelegatingContext implements RunContext {
  protected readonly behind: RunContext
  readonly #scope: string
  readonly #key: string

  /** `key` is what the part adds to the idempotency key. */
  constructor(behind: RunContext, scope: string, key: string) {
    this.behind = behind
    this.#scope = scope
    this.#key = key
  }

  get runId(): string {
    return this.behind.runId
  }

  get stateName(): string {
    return this.behind.stateName
  }

  get token(): string {
    return this.behind.token
  }

  get idempotencyKey(): string {
    return `${this.behind.idempotencyKey}/${this.#key}`
  }

  get attempt(): number {
    return this.behind.attempt
  }

  get attemptId(): string {
    return this.behind.attemptId
  }

  get signal(): AbortSignal {
    return this.behind.signal
  }

  get properties(): RunProperties {
    return this.behind.properties
  }

  outputOf(state: unknown): undefined {
    return this.behind.outputOf(state as string) as undefined
  }

  emit(event: EmittedEvent): void {
    this.behind.emit(event)
  }

  usage(usage: Usage): void {
    this.behind.usage(usage)
  }

  once<T>(name: string, work: () => T | PromiseLike<T>): Promise<T> {
    return this.behind.once(this.#named(name), work)
  }

  requestApproval<T>(name: string, question: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>> {
    return this.behind.requestApproval(this.#named(name), question)
  }

  now(): number {
    return this.behind.now()
  }

  sleep(ms: number, signal: AbortSignal = this.signal): Promise<void> {
    return this.behind.sleep(ms, signal)
  }

  #named(name: string): string {
    // An empty name is for the context behind this one to refuse.
    return name === '' ? name : `${this.#scope}.${name}`
  }
}
