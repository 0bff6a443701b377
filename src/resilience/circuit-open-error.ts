import { OrchestrationError } from '../errors/index.js'

/**
 * A circuit breaker has refused a call (S3-18). It says when the breaker lets calls through again, if that is known.
 */
export class CircuitOpenError extends OrchestrationError {
  readonly breaker: string
  /** When it lets a trial call through, in milliseconds since 1970; `undefined` while all trial calls are at work. */
  readonly retryAt: number | undefined
  /** How long until then, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(breaker: string, retryAt: number | undefined, now: number) {
    const retryAfterMs = retryAt === undefined ? undefined : Math.max(0, retryAt - now)
    const when =
      retryAfterMs === undefined
        ? 'lets no more calls through until those that try whether it can close have ended'
        : `lets a call through again in ${retryAfterMs} ms`
    super(`Circuit breaker is open: "${breaker}" ${when}.`, {
      code: 'CIRCUIT_OPEN',
      retryable: true,
      details: { breaker, ...(retryAt === undefined ? {} : { retryAt, retryAfterMs }) },
    })
    this.breaker = breaker
    this.retryAt = retryAt
    this.retryAfterMs = retryAfterMs
  }
}
