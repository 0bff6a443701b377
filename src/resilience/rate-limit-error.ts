import { OrchestrationError } from '../errors/index.js'

/** A rate limit has refused a call; it says how long to wait for the next turn. */
export class RateLimitError extends OrchestrationError {
  readonly rateLimit: string
  /** How long until there is a turn, in milliseconds. */
  readonly retryAfterMs: number

  constructor(rateLimit: string, limit: number, intervalMs: number, retryAfterMs: number) {
    super(
      `Rate limit "${rateLimit}" allows ${limit} calls in ${intervalMs} ms; the next turn is in ${retryAfterMs} ms.`,
      {
        code: 'RATE_LIMITED',
        retryable: true,
        details: { rateLimit, limit, intervalMs, retryAfterMs },
      },
    )
    this.rateLimit = rateLimit
    this.retryAfterMs = retryAfterMs
  }
}
