import { OrchestrationError } from '../errors/index.js'

/** How many causes deep an error is searched. */
const depth = 5

/**
 * How long to wait before trying again, in milliseconds, if the error or what caused it says so: as a property
 * `retryAfterMs`, or in the `details` of an error of this package.
 */
export function retryAfterOf(error: unknown): number | undefined {
  let at = error
  for (let level = 0; level < depth && at instanceof Error; level++) {
    const { retryAfterMs = OrchestrationError.isInstance(at) ? at.details['retryAfterMs'] : undefined } = at as {
      readonly retryAfterMs?: unknown
    }
    if (typeof retryAfterMs === 'number' && retryAfterMs >= 0) return retryAfterMs
    at = at.cause
  }
  return undefined
}
