/** What a circuit breaker is doing. */
export type CircuitBreakerState =
  | {
      readonly kind: 'closed'
      /** The failures that count so far: in a row, or in the window. */
      readonly failures: number
    }
  | {
      readonly kind: 'open'
      /** Since when, in milliseconds since 1970. */
      readonly since: number
      /** From when on it lets trial calls through, likewise. */
      readonly retryAt: number
    }
  | {
      readonly kind: 'half-open'
      /** How many trial calls are at work. */
      readonly atWork: number
      /** How many have succeeded. */
      readonly succeeded: number
    }

/** A circuit breaker has gone from one state to another. */
export interface CircuitBreakerChange {
  readonly breaker: string
  readonly from: CircuitBreakerState['kind']
  readonly to: CircuitBreakerState['kind']
}

/** The calls of a part of the window, as a breaker that samples keeps them. */
export interface SampledCalls {
  /** When the part began, in milliseconds since 1970. */
  readonly since: number
  readonly calls: number
  readonly failures: number
}

/** The state of a circuit breaker as plain data that survives JSON. Trial calls are not part of it: they begin anew. */
export type CircuitBreakerSnapshot =
  | { readonly kind: 'closed'; readonly failures: number; readonly samples?: readonly SampledCalls[] }
  | { readonly kind: 'open'; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'half-open' }
