import type { ErrorCode } from './error-code.js'

const brand = Symbol.for('advancer.OrchestrationError')

/** What an {@link OrchestrationError} is made of besides its message. */
export interface OrchestrationErrorOptions {
  readonly code: ErrorCode
  /** Whether the same call may succeed when tried again. @default false */
  readonly retryable?: boolean
  /** Plain data about the failure: names, ids, counts. Never live objects, never secrets. @default {} */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The base of every error this package throws. Its `code` says what happened, `details` where, `retryable` whether trying
 * again can help, `cause` what user code or a library threw underneath.
 */
export class OrchestrationError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, options: OrchestrationErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  /** Like `instanceof`, but also true for an error of a second copy of this package in the same process. */
  static isInstance(value: unknown): value is OrchestrationError {
    return typeof value === 'object' && value !== null && brand in value
  }

  /** What may be logged or sent elsewhere: no stack, and of the cause only its message. */
  toJSON(): { name: string; code: ErrorCode; message: string; retryable: boolean; details: unknown; cause?: string } {
    const { name, code, message, retryable, details } = this
    const cause = this.cause === undefined ? {} : { cause: ensureError(this.cause).message }
    return { name, code, message, retryable, details, ...cause }
  }
}

/**
 * Anything may be thrown in JavaScript; this makes an `Error` of it and leaves an `Error` as it is, unless its name or message cannot
 * be read: then one says so that can.
 */
export function ensureError(thrown: unknown): Error {
  if (typeof thrown === 'string') return new Error(thrown)
  try {
    if (thrown instanceof Error) return readable(thrown)
  } catch {
    // Not as a cause either: whoever reads that on, or stores it, would fail too.
    return new Error('An error was thrown whose name or message cannot be read: reading it throws.')
  }
  return new Error(`Something that is not an Error was thrown: ${describeThrown(thrown)}`, { cause: thrown })
}

/** An error whose texts can be read, and put into others: getters may throw, and what is no text may have none. */
function readable(error: Error): Error {
  ''.concat(error.name, error.message)
  return error
}

function describeThrown(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return Array.isArray(thrown) ? 'an array' : `a value of type ${typeof thrown}`
  }
}
