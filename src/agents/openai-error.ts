import { systemClock } from '../core/index.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { HiddenValues } from './hidden-values.js'
import { ModelError, type ModelErrorCode, type ModelErrorOptions } from './model-error.js'

/** What is read of an error of the `openai` package. Its classes cannot be imported: that would load the package. */
interface SdkError extends Error {
  readonly status?: unknown
  readonly headers?: Partial<Headers>
  /** What the server said. */
  readonly error?: unknown
  readonly requestID?: unknown
  readonly code?: unknown
  readonly type?: unknown
}

/** What a server says about an error. */
export interface ReportedError {
  readonly message: string
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

/** The call that failed. */
interface FailedCall {
  readonly model: string
  /** Whether the answer had begun. */
  readonly streaming: boolean
  readonly requestId: string | undefined
  /** What the server was sent, and must not be repeated. */
  readonly hidden: HiddenValues
}

/** An error that a server reports inside an answer which began, or was sent, as a success. */
export class ServerReport extends Error {
  constructor(readonly said: ReportedError) {
    super(said.message)
  }
}

/** Makes a {@link ModelError} of what the `openai` client threw. One of this package is handed on as it is. */
export function modelErrorOf(thrown: unknown, call: FailedCall): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const { hidden, model } = call
  if (thrown instanceof ServerReport) {
    const { requestId } = call
    return errorOf(verdictOfReport(thrown.said), { model, ...(requestId === undefined ? {} : { requestId }) }, hidden)
  }
  const error = ensureError(thrown) as SdkError
  const status = typeof error.status === 'number' ? error.status : undefined
  const requestId = typeof error.requestID === 'string' ? error.requestID : call.requestId
  const verdict = verdictOf(error, status, call.streaming)
  // Servers quote the key they refuse, so neither the message nor the cause repeats what they say about it.
  const saysSecret = verdict.code === 'MODEL_AUTHENTICATION' || hidden.isIn(everythingSaid(error))
  // Cookies are among them, which whoever prints the error must not print.
  if (error.headers !== undefined) Reflect.defineProperty(error, 'headers', { enumerable: false })
  const details = {
    model,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...retryAfter(error),
    ...(saysSecret ? {} : { cause: error }),
  }
  return errorOf(verdict, details, hidden)
}

/** All that an error has from the server, its headers included. */
function everythingSaid(error: SdkError): string {
  const headers = [...(error.headers?.values?.() ?? [])]
  return [error.message, rootCause(error).message, JSON.stringify(error.error) ?? '', ...headers].join('\n')
}

function errorOf(
  { code, what, retryable, advice }: Verdict,
  details: Omit<ModelErrorOptions, 'code' | 'retryable'>,
  hidden: HiddenValues,
): ModelError {
  const { model, retryAfterMs } = details
  const wait = retryAfterMs === undefined ? '' : ` after ${retryAfterMs} ms`
  const help = retryable ? `Trying again${wait} can help.` : `Trying again will not help${advice ?? ''}.`
  return new ModelError(`The call to model "${model}" ${hidden.inError(what)}. ${help}`, {
    code,
    retryable,
    ...details,
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
  if (is('APIError')) return verdictOfReport(error)
  if (streaming || (error instanceof TypeError && error.message === 'terminated')) {
    return { code: 'MODEL_STREAM_CUT', what: 'was cut off in the middle of the answer', retryable: true }
  }
  return { code: 'MODEL_FAILED', what: `failed: ${error.message}`, retryable: false }
}

function verdictOfStatus(error: ReportedError, status: number): Verdict {
  const said = error.message
  const isAboutInput = status < 500 && status !== 401 && status !== 429
  const known = isAboutInput ? verdictOfWords(error, ` (HTTP ${status})`) : undefined
  if (known !== undefined) return known
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

/** An error that arrives inside an answer has no status of its own. */
function verdictOfReport(error: ReportedError): Verdict {
  const known = verdictOfWords(error, '')
  if (known !== undefined) return known
  const { code, type, message } = error
  // Gateways write the status here that the server behind them has answered with.
  if (typeof code === 'number' && code >= 400) return verdictOfStatus(error, code)
  if (code === 'rate_limit_exceeded' || type === 'rate_limit_error') {
    return { code: 'MODEL_RATE_LIMITED', what: `was rate limited: ${message}`, retryable: true }
  }
  const isOurs = type === 'invalid_request_error' || (typeof code === 'string' && /^invalid_|image/.test(code))
  return { code: 'MODEL_FAILED', what: `failed while the model was answering: ${message}`, retryable: !isOurs }
}

const filterCodes: ReadonlySet<unknown> = new Set([
  'content_filter',
  'content_policy_violation',
  'image_content_policy_violation',
  'bio_policy',
  'ResponsibleAIPolicyViolation',
])
const contextCodes: ReadonlySet<unknown> = new Set(['context_length_exceeded', 'exceed_context_size_error'])
/** Compatible servers say it in words only. */
const contextWords =
  /maximum context length|prompt is too long|context (?:length|window|size)[^.]*exceed|exceed[^.]*context (?:length|window|size)/i

/** What is the matter whatever the status: some servers have one for everything. */
function verdictOfWords({ code, type, message }: ReportedError, status: string): Verdict | undefined {
  if (contextCodes.has(code) || contextCodes.has(type) || contextWords.test(message)) {
    const advice = ': shorten the conversation, or take a model with a larger context window'
    return {
      code: 'MODEL_CONTEXT_EXCEEDED',
      what: `has more input than the model can take${status}: ${message}`,
      retryable: false,
      advice,
    }
  }
  if (filterCodes.has(code) || (code === 'invalid_prompt' && /usage polic|flagged/i.test(message))) {
    const advice = '; ask differently'
    return {
      code: 'MODEL_CONTENT_FILTERED',
      what: `was withheld by a content filter${status}`,
      retryable: false,
      advice,
    }
  }
  return undefined
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

function retryAfter({ headers }: SdkError): { readonly retryAfterMs?: number } {
  const header = (name: string): string | undefined => headers?.get?.(name) ?? undefined
  const ms = Number.parseFloat(header('retry-after-ms') ?? '')
  if (Number.isFinite(ms)) return { retryAfterMs: Math.max(0, ms) }
  const value = header('retry-after')
  if (value === undefined) return {}
  const seconds = /^\s*[\d.]+\s*$/.test(value) ? Number.parseFloat(value) : Number.NaN
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - systemClock.now()
  return Number.isFinite(wait) ? { retryAfterMs: Math.max(0, wait) } : {}
}
