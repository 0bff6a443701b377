import type { OpenRequest } from '../core/index.js'
import { OrchestrationError } from '../errors/index.js'

/** Nothing that a chat waits for is meant by `ref`. */
export function requestUnknown(ref: unknown, open: readonly OpenRequest[]): OrchestrationError {
  const { id = ref, requestId = id } = (typeof ref === 'object' && ref !== null ? ref : {}) as {
    readonly id?: unknown
    readonly requestId?: unknown
  }
  const name = typeof ref === 'function' ? ref.name : typeof requestId === 'string' ? requestId : 'this'
  const list = open.map(request => `${request.id} (${request.kind} of "${request.stateName}")`).join(', ')
  return new OrchestrationError(
    `Nothing called "${name}" waits for an answer. Open now: ${list === '' ? 'none' : list}.`,
    {
      code: 'REQUEST_UNKNOWN',
      details: { request: name, open: open.map(request => request.id) },
    },
  )
}

/** Whether an answer was refused because what it answers is not open there. */
export function isRequestUnknown(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === 'REQUEST_UNKNOWN'
}
