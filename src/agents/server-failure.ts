import { ensureError, OrchestrationError } from '../errors/index.js'
import type { HiddenValues } from './hidden-values.js'

/** Who failed at what. */
export interface FailedServer {
  /** `MCP server "files"`. */
  readonly who: string
  /** For `details`. */
  readonly name: string
  readonly hidden: HiddenValues
}

/** What can be said about a failure. */
export interface FailureReason {
  /** A sentence part after `MCP server "files" `: `has refused the call`. */
  readonly what: string
  /** What to do. */
  readonly wayOut: string
  readonly retryable: boolean
  readonly details?: Readonly<Record<string, unknown>>
}

/** TOOL_SERVER_FAILED, free of what was given to the server. */
export function serverFailed(server: FailedServer, reason: FailureReason, thrown?: unknown): OrchestrationError {
  const { who, name, hidden } = server
  return new OrchestrationError(hidden.inError(`${who} ${reason.what}. ${reason.wayOut}`), {
    code: 'TOOL_SERVER_FAILED',
    retryable: reason.retryable,
    details: { server: name, ...reason.details },
    ...(thrown === undefined ? {} : { cause: withoutSecrets(thrown, hidden) }),
  })
}

/** TOOL_TIMED_OUT. */
export function serverTooSlow(server: FailedServer, doing: string, timeoutMs: number): OrchestrationError {
  return new OrchestrationError(
    `${server.who} took longer than ${timeoutMs} ms to ${doing}. Trying again may help; so may a longer \`timeoutMs\`.`,
    { code: 'TOOL_TIMED_OUT', retryable: true, details: { server: server.name, timeoutMs } },
  )
}

/** What an HTTP status says. */
export function httpReason(status: number): FailureReason {
  const details = { status }
  if (status === 401 || status === 403) {
    const what = `has refused the credentials (HTTP ${status})`
    return { what, wayOut: 'Check the `headers` it is given.', retryable: false, details }
  }
  if (status === 404 || status === 405) {
    return { what: `is not at this address (HTTP ${status})`, wayOut: 'Check the `url`.', retryable: false, details }
  }
  const retryable = status === 408 || status === 429 || status >= 500
  const wayOut = retryable ? 'Trying again may help.' : 'Trying again will not help.'
  return { what: `answered with HTTP ${status}`, wayOut, retryable, details }
}

/** What a failed connection says; nothing if it was not the connection. */
export function networkReason(thrown: unknown): FailureReason | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    const { code, syscall = '' } = at as { code?: unknown; syscall?: string }
    if (typeof code === 'string' && networkCodes.test(code) && !syscall.startsWith('spawn')) {
      const wayOut = 'Check that it is running, and its address; then try again.'
      return { what: `cannot be reached (${code})`, wayOut, retryable: true, details: { reason: code } }
    }
  }
  const isFetch = thrown instanceof TypeError && /fetch|network|terminated/i.test(thrown.message)
  if (!isFetch) return undefined
  return { what: 'cannot be reached', wayOut: 'Check its address, and that it does not redirect.', retryable: true }
}

const networkCodes =
  /^(?:ECONN|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|UND_ERR|ERR_TLS|CERT_|DEPTH_ZERO)/

/** An error that tells what happened but carries none of the library's objects: those hold requests, with their headers. */
function withoutSecrets(thrown: unknown, hidden: HiddenValues): Error {
  const error = ensureError(thrown)
  const clean = new Error(hidden.inError(error.message))
  clean.name = error.name
  return clean
}
