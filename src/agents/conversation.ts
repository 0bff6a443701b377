import { inOrder } from './message-order.js'
import type { ModelMessage } from './model-message.js'

/** What has been said, and what of it the model still sees. The agent's instructions are not in it. */
export class Conversation {
  readonly #messages: ModelMessage[]
  #seen: ModelMessage[]

  constructor(messages: readonly ModelMessage[]) {
    this.#messages = inOrder(messages)
    this.#seen = [...this.#messages]
  }

  /** The whole of it. */
  get messages(): readonly ModelMessage[] {
    return this.#messages
  }

  /** What the model sees. */
  get seen(): readonly ModelMessage[] {
    return this.#seen
  }

  add(...messages: readonly ModelMessage[]): void {
    this.#messages.push(...messages)
    this.#seen.push(...messages)
  }

  /** From now on the model sees this in place of what it has seen. */
  show(seen: readonly ModelMessage[]): void {
    if (seen !== this.#seen) this.#seen = inOrder(seen)
  }
}
