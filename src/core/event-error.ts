import { ensureError, OrchestrationError } from '../errors/index.js'
import type { EventError } from './events.js'

/** An error as plain data: no stack, no cause. */
export function eventError(thrown: Error): EventError {
  const error = ensureError(thrown)
  const { name, message } = error
  if (!OrchestrationError.isInstance(error)) return { name, message }
  const { code, retryable, details } = error
  const { requestId } = details
  return { name, message, code, retryable, ...(typeof requestId === 'string' ? { requestId } : {}) }
}
