import { OrchestrationError } from '../../errors/index.js'

/** The same error, with the file in its message. */
export function inFile(shown: string, thrown: unknown): unknown {
  if (!OrchestrationError.isInstance(thrown)) return thrown
  const { code, details, retryable, message } = thrown
  return new OrchestrationError(`${shown}: ${message}`, { code, details, retryable, cause: thrown })
}
