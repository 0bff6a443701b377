import { isServerFault, Problem, type ProblemFault, problemOf } from '../problem.js'

/** Where the routes for OpenAI's clients are. */
export const openAiPath = '/v1'

/** What is wrong, in the words of OpenAI's API. */
export interface ApiErrorBody {
  readonly message: string
  readonly type: string
  /** The field of the request that it is about. */
  readonly param: string | null
  readonly code: string | null
  /** Everything that is wrong, with its places, if there is a list of it. */
  readonly errors?: readonly ProblemFault[]
}

/** What an {@link ApiError} says besides its status. */
export interface ApiErrorOptions {
  readonly message: string
  readonly code: string
  /** @default none */
  readonly param?: string | undefined
  /** @default that of the status */
  readonly type?: string
  readonly faults?: readonly ProblemFault[]
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that cannot be answered, in the terms of OpenAI's API. */
export class ApiError extends Problem {
  readonly api: ApiErrorOptions

  constructor(status: number, api: ApiErrorOptions) {
    const { message: detail, faults, headers } = api
    super(status, { detail, ...(faults && { faults }), ...(headers && { headers }) })
    this.name = 'ApiError'
    this.api = api
  }
}

/** Clients of OpenAI try again by themselves what has failed with 409 or from 500 on, which would do the work once more. */
export const noRetry = { 'x-should-retry': 'false' } as const

/** A field of a request that this server does not take as it is. */
export function unsupported(param: string, message: string): ApiError {
  return new ApiError(400, { message, param, code: 'unsupported_parameter' })
}

/** Whether a path is one of OpenAI's API, so that whatever goes wrong there is told in its shape. */
export function isOpenAiPath(path: string): boolean {
  return path === openAiPath || path.startsWith(`${openAiPath}/`)
}

/** Anything that was thrown as OpenAI's API tells it; never a stack or a cause. */
export function apiErrorBody(thrown: unknown): ApiErrorBody {
  const { status, options, ...problem } = thrown instanceof Problem ? thrown : problemOf(thrown)
  const { api } = problem as { readonly api?: ApiErrorOptions }
  const { faults = [] } = options
  return {
    message: options.detail,
    type: api?.type ?? types[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
    param: api?.param ?? (faults[0]?.path || null),
    code: api?.code ?? codes[status] ?? options.code?.toLowerCase() ?? null,
    ...(faults.length === 0 ? {} : { errors: faults }),
  }
}

/** The same as a response. */
export function apiErrorResponse(thrown: unknown): Response {
  const { status, options } = thrown instanceof Problem ? thrown : problemOf(thrown)
  const retry = status === 409 || (isServerFault(thrown) && status !== 503) ? noRetry : {}
  return new Response(JSON.stringify({ error: apiErrorBody(thrown) }), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...retry, ...options.headers },
  })
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
}

const codes: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  403: 'insufficient_permissions',
  429: 'rate_limit_exceeded',
}
