import { sleep } from '../clock.js'
import type { RunContext } from '../context.js'
import type { EmittedEvent, OrchestrationEvent } from '../events.js'
import type { GraphNode } from '../graph.js'
import type { PropertyWrites, RunProperties } from '../properties.js'
import type { RunHost } from './run-host.js'

/** The {@link RunContext} of one step. Everything that not every state needs is made when it is asked for. */
export class InvocationContext implements RunContext {
  readonly #host: RunHost
  readonly #node: GraphNode
  readonly #branch: string
  readonly #step: number
  #properties: StepProperties | undefined

  constructor(host: RunHost, node: GraphNode, branch: string, step: number) {
    this.#host = host
    this.#node = node
    this.#branch = branch
    this.#step = step
  }

  get runId(): string {
    return this.#host.state.runId
  }

  get stateName(): string {
    return this.#node.name
  }

  get token(): string {
    return `${this.#branch}:${this.#step}`
  }

  get idempotencyKey(): string {
    return `${this.runId}/${this.token}`
  }

  get attempt(): number {
    return 1
  }

  get signal(): AbortSignal {
    return this.#host.signalOf(this.#branch, this.#step)
  }

  get properties(): RunProperties {
    this.#properties ??= new StepProperties(key => this.#host.state.properties?.get(key)?.value)
    return this.#properties
  }

  /** What was written so far, to be committed with the step. */
  get writes(): PropertyWrites | undefined {
    return this.#properties?.writes
  }

  outputOf(ref: unknown): undefined {
    const { node } = this.#host.directory.resolve(ref, `outputOf() in state "${this.stateName}"`)
    return this.#host.state.outputs[node.index] as undefined
  }

  emit(event: EmittedEvent): void {
    const { hub, options, state } = this.#host
    if (!hub.observed) {
      hub.skip(1)
      return
    }
    const { runId } = state
    const { stateName, token } = this
    this.#host.emit({ ...event, runId, seq: 0, at: options.rules.clock.now(), stateName, token } as OrchestrationEvent)
  }

  now(): number {
    return this.#host.options.rules.clock.now()
  }

  sleep(ms: number): Promise<void> {
    return sleep(this.#host.options.rules.clock, ms, this.signal)
  }
}

/** A step's view of the run's properties: its own writes over what is committed. */
class StepProperties implements RunProperties {
  readonly #committed: (key: string) => unknown
  readonly #writes = new Map<string, unknown>()

  constructor(committed: (key: string) => unknown) {
    this.#committed = committed
  }

  get writes(): PropertyWrites | undefined {
    // A copy: work that a step has left behind may go on writing.
    return this.#writes.size === 0 ? undefined : new Map(this.#writes)
  }

  get<T>(key: string): T | undefined {
    return (this.#writes.has(key) ? this.#writes.get(key) : this.#committed(key)) as T | undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  set(key: string, value: unknown): void {
    this.#writes.set(key, value)
  }

  delete(key: string): void {
    this.#writes.set(key, undefined)
  }
}
