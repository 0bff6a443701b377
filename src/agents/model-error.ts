import { type ErrorCode, OrchestrationError } from '../errors/index.js'
import type { PayloadIssue } from '../schema/index.js'

/** The codes of a {@link ModelError}. */
export type ModelErrorCode = Extract<ErrorCode, `MODEL_${string}`>

/** What a {@link ModelError} is made of besides its message. */
export interface ModelErrorOptions {
  readonly code: ModelErrorCode
  /** The model that was asked. */
  readonly model: string
  /** @default false */
  readonly retryable?: boolean
  /** The HTTP status, if there was an answer. */
  readonly status?: number
  /** What the server calls the request; its support asks for it. */
  readonly requestId?: string
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** What is wrong with the output, for `MODEL_OUTPUT_INVALID`. @default none */
  readonly issues?: readonly PayloadIssue[]
  readonly cause?: unknown
}

/**
 * A call to a model failed, or its answer is of no use. `code` says how; `retryable` and the message say whether trying again can
 * help. Neither message nor details carry keys or headers.
 */
export class ModelError extends OrchestrationError {
  declare readonly code: ModelErrorCode
  readonly model: string
  readonly status: number | undefined
  readonly requestId: string | undefined
  /** How long to wait before trying again, in milliseconds, if the server said so. */
  readonly retryAfterMs: number | undefined
  /** What is wrong with the output; empty unless the code is `MODEL_OUTPUT_INVALID`. */
  readonly issues: readonly PayloadIssue[]

  constructor(message: string, options: ModelErrorOptions) {
    const { code, model, retryable = false, status, requestId, retryAfterMs, issues = [], cause } = options
    super(message, {
      code,
      retryable,
      details: {
        model,
        ...(status === undefined ? {} : { status }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(issues.length === 0 ? {} : { issues }),
      },
      ...(cause === undefined ? {} : { cause }),
    })
    this.model = model
    this.status = status
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
    this.issues = issues
  }
}
