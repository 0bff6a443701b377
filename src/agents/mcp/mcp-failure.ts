import { ensureError, OrchestrationError } from '../../errors/index.js'
import {
  type FailedServer,
  type FailureReason,
  httpReason,
  networkReason,
  serverFailed,
  serverTooSlow,
} from '../server-failure.js'

/** What was being done when it failed. */
export interface McpAttempt {
  /** `call tool "read"`. */
  readonly doing: string
  readonly timeoutMs: number
  /** Whether the connection was being made. */
  readonly connecting: boolean
}

/** An error of this package for whatever the official client has thrown. */
export function mcpFailure(server: FailedServer, attempt: McpAttempt, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const { code } = thrown as { code?: unknown }
  if (code === 'REQUEST_TIMEOUT' && !attempt.connecting) return serverTooSlow(server, attempt.doing, attempt.timeoutMs)
  return serverFailed(server, reasonOf(thrown, code, attempt), thrown)
}

/** The status of an HTTP answer that was no success. */
export function httpStatusOf(thrown: unknown): number | undefined {
  const { status, data, name } = thrown as { status?: unknown; data?: { status?: unknown } | null; name?: unknown }
  const found = status ?? data?.status ?? (name === 'UnauthorizedError' ? 401 : undefined)
  return typeof found === 'number' ? found : undefined
}

/** Whether the connection is of no use any more. */
export function isConnectionLost(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const { code, message } = thrown as { code?: unknown; message: string }
  return lostCodes.has(code as string) || message === 'Not connected' || networkReason(thrown) !== undefined
}

const lostCodes = new Set(['CONNECTION_CLOSED', 'NOT_CONNECTED', 'SEND_FAILED'])

function reasonOf(thrown: unknown, code: unknown, { doing, timeoutMs, connecting }: McpAttempt): FailureReason {
  const { message, syscall } = ensureError(thrown) as Error & { readonly syscall?: string }
  if (code === 'REQUEST_TIMEOUT') {
    const wayOut = 'Check that it is an MCP server; a slow one needs a longer `connectTimeoutMs`.'
    return { what: `did not answer the greeting within ${timeoutMs} ms`, wayOut, retryable: true }
  }
  if (syscall?.startsWith('spawn') === true) {
    const wayOut = 'Check `command`, `cwd`, and that the program is installed.'
    return { what: `cannot be started (${String(code)})`, wayOut, retryable: false, details: { reason: code } }
  }
  const network = networkReason(thrown)
  if (network !== undefined) return network
  const status = httpStatusOf(thrown)
  if (status !== undefined) return httpReason(status)
  if (isConnectionLost(thrown)) {
    if (connecting) {
      const wayOut = "Start it by hand, or with `stderr: 'inherit'`, to see why."
      return { what: 'ended before it answered the greeting', wayOut, retryable: false }
    }
    const wayOut = 'The next call connects again.'
    return { what: `was lost while it was to ${doing}`, wayOut, retryable: true }
  }
  if (typeof code === 'number') {
    const wayOut = 'Check the names and arguments that it was given.'
    return { what: `refused to ${doing}: ${message}`, wayOut, retryable: false, details: { rpcCode: code } }
  }
  return {
    what: `gave an answer that is of no use when it was to ${doing}: ${message}`,
    wayOut: 'Check that it is an MCP server, and its version.',
    retryable: false,
  }
}
