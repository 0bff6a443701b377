import type { OrchestrationGraph } from '../core/index.js'
import { PayloadCodec, type TypeRef } from '../schema/index.js'
import { canonicalJson } from '../schema/internal.js'
import type { BaseGraphState, StateClassOf } from './base-graph-state.js'

/** Copies states, and tells whether values in them are equal, by what a store would keep of them. */
export class StateCopies<S extends BaseGraphState> {
  readonly stateClass: StateClassOf<S>
  #codec: PayloadCodec

  constructor(stateClass: StateClassOf<S>, classes: readonly TypeRef[]) {
    this.stateClass = stateClass
    this.#codec = new PayloadCodec([stateClass, ...classes])
  }

  /** Takes over what states of the orchestration take and return: stages may put it into the state as it is. */
  learn({ nodes, classes }: OrchestrationGraph): void {
    const schemas = nodes.flatMap(({ input, output }) => [input, output]).filter(schema => schema !== undefined)
    this.#codec = new PayloadCodec([this.stateClass, ...classes, ...schemas])
  }

  /** A deep copy; instances stay instances. @throws PAYLOAD_NOT_SERIALIZABLE for what a state cannot hold, with its path */
  copy<T>(value: T): T {
    return this.#codec.decode(this.#codec.encode(value)) as T
  }

  /** Equal data is equal text. @throws PAYLOAD_NOT_SERIALIZABLE */
  text(value: unknown): string {
    return canonicalJson(this.#codec.encode(value))
  }
}
