import { OrchestrationError } from '../../errors/index.js'

/** A node has failed because one inside of it has; the message says which. */
export class NodeFailure extends OrchestrationError {
  /** The way to the node that has failed, in the words of the definition: `loop[3].call`. */
  readonly path: string

  constructor(path: string, cause: Error) {
    const { code, retryable } = OrchestrationError.isInstance(cause)
      ? cause
      : { code: 'RUN_FAILED' as const, retryable: false }
    super(`Node "${path}" failed: ${cause.message}`, { code, retryable, details: { node: path }, cause })
    this.name = cause.name
    this.path = path
  }
}
