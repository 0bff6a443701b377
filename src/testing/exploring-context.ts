import {
  type ApprovalOutcome,
  type ApprovalQuestion,
  Approved,
  type RunContext,
  type RunProperties,
} from '../core/index.js'

/** What an advancer can see of a run that does not take place: the outputs and properties along one path. */
export class ExploringContext implements RunContext {
  readonly runId = 'exploration'
  readonly attempt = 1
  readonly attemptId = '1'
  readonly stateName: string
  readonly token: string
  readonly #resolve: (state: unknown) => string
  readonly #outputs: ReadonlyMap<string, unknown>
  readonly #properties: Map<string, unknown>
  #signal: AbortSignal | undefined

  constructor(
    stateName: string,
    step: number,
    resolve: (state: unknown) => string,
    outputs: ReadonlyMap<string, unknown>,
    properties: Map<string, unknown>,
  ) {
    this.stateName = stateName
    this.token = `0:${step}`
    this.#resolve = resolve
    this.#outputs = outputs
    this.#properties = properties
  }

  get idempotencyKey(): string {
    return `${this.runId}/${this.token}`
  }

  /** Never aborts. */
  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal)
  }

  get properties(): RunProperties {
    const values = this.#properties
    return {
      get: <T>(key: string) => values.get(key) as T | undefined,
      has: key => values.has(key),
      set: (key, value) => void values.set(key, value),
      delete: key => void values.delete(key),
    }
  }

  outputOf<T>(state: unknown): T | undefined {
    return this.#outputs.get(this.#resolve(state)) as T | undefined
  }

  /** Nobody listens. */
  emit(): void {}

  /** Nothing is used up. */
  usage(): void {}

  async once<T>(_name: string, work: () => T | PromiseLike<T>): Promise<T> {
    return work()
  }

  /** Everybody agrees. */
  async requestApproval<T>(_name: string, { subject }: ApprovalQuestion<T>): Promise<ApprovalOutcome<T>> {
    return new Approved(subject, {})
  }

  /** Time stands still. */
  now(): number {
    return 0
  }

  async sleep(): Promise<void> {}
}
