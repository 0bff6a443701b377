import { type ErrorCode, OrchestrationError } from '../errors/index.js'
import type { Json } from '../schema/index.js'

/** One thing that is wrong with a request, at a place in its body. */
export interface ProblemFault {
  /** Where, for example `nodes[2].config.message`. */
  readonly path: string
  readonly message: string
}

/** What a problem says besides its status (RFC 9457). */
export interface ProblemOptions {
  /** What happened this time, and the way out. */
  readonly detail: string
  /** @default that of the status */
  readonly code?: ErrorCode | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | ProblemCode
  readonly faults?: readonly ProblemFault[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Codes of problems that are about HTTP, not about orchestrations. */
export type ProblemCode =
  | 'BAD_REQUEST'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'PRECONDITION_FAILED'
  | 'PRECONDITION_REQUIRED'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'INTERNAL'
  | 'UNAVAILABLE'

/** A request that cannot be answered as the caller wishes; becomes `application/problem+json`. */
export class Problem extends Error {
  readonly status: number
  readonly options: ProblemOptions

  constructor(status: number, options: ProblemOptions) {
    super(options.detail)
    this.name = 'Problem'
    this.status = status
    this.options = options
  }
}

/**
 * A problem as clients get it: what happened and the way out, never a stack, a cause or anything that a client has not sent itself.
 * What is not meant for clients is only `INTERNAL`, with the id by which it can be found in the log.
 */
export function problemForm(thrown: unknown, requestId: string): Record<string, Json> {
  const { status, options } = asProblem(thrown)
  const { detail, code, faults } = options
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    request_id: requestId,
    ...(faults === undefined ? {} : { errors: faults.map(({ path, message }) => ({ path, message })) }),
  }
}

/** A problem as a response; see {@link problemForm}. */
export function problemResponse(thrown: unknown, requestId: string): Response {
  const { status, options } = asProblem(thrown)
  return new Response(JSON.stringify(problemForm(thrown, requestId)), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...options.headers },
  })
}

function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : problemOf(thrown)
}

/** Whether a problem is the server's, and belongs into its log. That there is too much to do, or no such service, is no fault. */
export function isServerFault(thrown: unknown): boolean {
  const { status } = asProblem(thrown)
  return status >= 500 && status !== 503
}

/** What an error of this package means to a client. */
export function problemOf(thrown: unknown): Problem {
  const status = OrchestrationError.isInstance(thrown) ? statuses[thrown.code] : undefined
  if (status === undefined || !OrchestrationError.isInstance(thrown))
    return new Problem(500, {
      code: 'INTERNAL',
      detail: 'Something went wrong in the server. Its log has this request id.',
    })
  const faults = faultsOf(thrown)
  return new Problem(status, {
    code: thrown.code,
    detail: thrown.message,
    ...(faults.length === 0 ? {} : { faults }),
    ...(thrown.code === 'RUN_BUSY' ? { headers: { 'retry-after': '1' } } : {}),
  })
}

/** What an error lists as wrong, if it does: the issues of a payload, the faults of a definition. */
function faultsOf({ details, ...error }: OrchestrationError): readonly ProblemFault[] {
  const { issues } = error as { readonly issues?: unknown }
  const listed = Array.isArray(issues) ? issues : ((details as { readonly faults?: unknown }).faults ?? [])
  if (!Array.isArray(listed)) return []
  return (listed as readonly Readonly<Record<'path' | 'message' | 'advice', unknown>>[]).flatMap(
    ({ path, message, advice }) => {
      if (typeof message !== 'string') return []
      const text = typeof advice === 'string' ? `${message} ${advice}`.trimEnd() : message
      return [{ path: typeof path === 'string' ? path : '', message: text }]
    },
  )
}

/** The codes that a client can do something about; all others are the server's affair. */
const statuses: Partial<Record<ErrorCode, number>> = {
  PAYLOAD_INVALID: 422,
  PAYLOAD_NOT_SERIALIZABLE: 422,
  OPTION_INVALID: 422,
  NAME_INVALID: 422,
  WIRING_INVALID: 422,
  CONDITION_INVALID: 422,
  WORKFLOW_INVALID: 422,
  WORKFLOW_UNKNOWN: 404,
  WORKFLOW_EXISTS: 409,
  WORKFLOW_INACTIVE: 409,
  WORKFLOW_CHANGED: 412,
  IDEMPOTENCY_CONFLICT: 422,
  LIMIT_REACHED: 429,
  RUN_UNKNOWN: 404,
  ORCHESTRATION_UNKNOWN: 404,
  CHECKPOINT_UNKNOWN: 404,
  REQUEST_UNKNOWN: 409,
  RUN_EXISTS: 409,
  RUN_BUSY: 409,
  RUN_CONFLICT: 409,
  RUN_ENDED: 409,
  DOCUMENT_CONFLICT: 409,
  DEFINITION_CHANGED: 409,
  CHECKPOINT_EXISTS: 409,
  STORE_CLOSED: 503,
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
