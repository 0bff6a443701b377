import { systemClock } from '../core/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { ModelError, type ModelErrorCode } from './model-error.js'

/** What is read of an error of the `openai` package. Its classes cannot be imported: that would load the package. */
interface SdkError extends Error {
  readonly status?: unknown
  readonly headers?: { get?(name: string): string | null }
  readonly requestID?: unknown
  readonly code?: unknown
  readonly type?: unknown
}

interface Verdict {
  readonly code: ModelErrorCode
  readonly what: string
  readonly retryable: boolean
  /** What to do instead of trying again. */
  readonly advice?: string
}

/**
 * Makes a {@link ModelError} of what the `openai` client threw. `streaming` says that the answer had begun.
 * One of this package is handed on as it is.
 */
export function modelErrorOf(thrown: unknown, model: string, streaming: boolean): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const error = ensureError(thrown) as SdkError
  const status = typeof error.status === 'number' ? error.status : undefined
  const { code, what, retryable, advice } = verdictOf(error, status, streaming)
  const requestId = typeof error.requestID === 'string' ? error.requestID : undefined
  const retryAfterMs = retryAfter(error)
  const wait = retryAfterMs === undefined ? '' : ` after ${retryAfterMs} ms`
  const help = retryable ? `Trying again${wait} can help.` : `Trying again will not help${advice ?? ''}.`
  return new ModelError(`The call to model "${model}" ${what}. ${help}`, {
    code,
    model,
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    // Servers quote the key they refuse, so neither the message nor the cause repeats what they say about it.
    ...(code === 'MODEL_AUTHENTICATION' ? {} : { cause: error }),
  })
}

function verdictOf(error: SdkError, status: number | undefined, streaming: boolean): Verdict {
  if (status !== undefined) return verdictOfStatus(error, status)
  const is = (name: string): boolean => classNames(error).has(name)
  if (is('APIConnectionTimeoutError') || error.message === 'Request timed out.') {
    return { code: 'MODEL_TIMED_OUT', what: 'timed out', retryable: true }
  }
  if (is('APIConnectionError')) {
    const why = error.cause instanceof Error ? `: ${rootCause(error.cause).message}` : ''
    return { code: 'MODEL_UNREACHABLE', what: `found no connection to the server${why}`, retryable: true }
  }
  if (is('SyntaxError')) {
    return { code: 'MODEL_FAILED', what: `was answered with something that is not JSON`, retryable: true }
  }
  if (is('APIError')) return verdictOfStreamedError(error)
  if (streaming || (error instanceof TypeError && error.message === 'terminated')) {
    return { code: 'MODEL_STREAM_CUT', what: 'was cut off in the middle of the answer', retryable: true }
  }
  return { code: 'MODEL_FAILED', what: `failed: ${error.message}`, retryable: false }
}

function verdictOfStatus(error: SdkError, status: number): Verdict {
  const said = error.message
  if (error.code === 'content_filter') {
    return {
      code: 'MODEL_CONTENT_FILTERED',
      what: `was withheld by a content filter (HTTP ${status})`,
      retryable: false,
    }
  }
  if (status === 429) {
    // Used-up credit has the same status, but does not come back by waiting.
    const exhausted = error.code === 'insufficient_quota'
    const advice = ', the quota is used up'
    return { code: 'MODEL_RATE_LIMITED', what: `was rate limited: ${said}`, retryable: !exhausted, advice }
  }
  if (status === 401 || status === 403) {
    const advice = ': check the key of the client and what it may use'
    return { code: 'MODEL_AUTHENTICATION', what: `was refused (HTTP ${status})`, retryable: false, advice }
  }
  if (status === 408 || status === 504) return { code: 'MODEL_TIMED_OUT', what: `timed out: ${said}`, retryable: true }
  return { code: 'MODEL_FAILED', what: `failed: ${said}`, retryable: status >= 500 || status === 409 }
}

/** An error that arrives inside a stream has no status of its own. */
function verdictOfStreamedError(error: SdkError): Verdict {
  if (error.code === 'rate_limit_exceeded' || error.type === 'rate_limit_error') {
    return { code: 'MODEL_RATE_LIMITED', what: `was rate limited: ${error.message}`, retryable: true }
  }
  const retryable = error.type !== 'invalid_request_error'
  return { code: 'MODEL_FAILED', what: `failed while the model was answering: ${error.message}`, retryable }
}

/** The names of an error's class and its parents; `name` is `Error` for all errors of the `openai` package. */
function classNames(error: Error): ReadonlySet<string> {
  const names = new Set([error.name])
  for (
    let at: unknown = Object.getPrototypeOf(error);
    typeof at === 'object' && at !== null;
    at = Object.getPrototypeOf(at)
  ) {
    const { constructor } = at as { constructor?: unknown }
    if (typeof constructor === 'function') names.add(constructor.name)
  }
  return names
}

function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error
}

function retryAfter({ headers }: SdkError): number | undefined {
  const header = (name: string): string | undefined => headers?.get?.(name) ?? undefined
  const ms = Number.parseFloat(header('retry-after-ms') ?? '')
  if (Number.isFinite(ms)) return Math.max(0, ms)
  const value = header('retry-after')
  if (value === undefined) return undefined
  const seconds = /^\s*[\d.]+\s*$/.test(value) ? Number.parseFloat(value) : Number.NaN
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - systemClock.now()
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}
