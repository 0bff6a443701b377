import { ensureError, OrchestrationError } from '../../errors/index.js'
import { type FailedServer, httpReason, networkReason, serverFailed } from '../server-failure.js'
import type { A2aTask } from './a2a-task.js'

/** An error of this package for whatever the official SDK has thrown. */
export function a2aFailure(agent: FailedServer, doing: string, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const { message, cause } = ensureError(thrown)
  if (OrchestrationError.isInstance(cause)) return cause
  const network = networkReason(thrown)
  if (network !== undefined) return serverFailed(agent, network, thrown)
  const status = httpStatus(thrown, message)
  if (status !== undefined) return serverFailed(agent, httpReason(status), thrown)
  if (typeof (thrown as { envelopeCode?: unknown }).envelopeCode === 'number') {
    const wayOut = 'Check what it is asked for.'
    return serverFailed(agent, { what: `refused to ${doing}: ${message}`, wayOut, retryable: false }, thrown)
  }
  const what = `gave an answer that is of no use when it was to ${doing}: ${message}`
  return serverFailed(agent, { what, wayOut: 'Check its card and its version.', retryable: false }, thrown)
}

/** @internal A task that has ended without a result. */
export function taskFailed(agent: FailedServer, { state, said, id }: A2aTask): OrchestrationError {
  const how = { failed: 'has failed', rejected: 'was rejected', canceled: 'was canceled' }[state as 'failed'] ?? state
  const what = `did not do what it was asked: the task ${how}${said === '' ? '' : `: ${said}`}`
  const wayOut = 'What it says, if anything, is the reason.'
  return serverFailed(agent, { what, wayOut, retryable: false, details: { state, taskId: id } })
}

/** The SDK says the status in words where it is not the API's own error. */
function httpStatus(thrown: unknown, message: string): number | undefined {
  const { statusCode } = thrown as { statusCode?: unknown }
  if (typeof statusCode === 'number' && statusCode >= 400) return statusCode
  const said = /(?:\bStatus: |\bfailed: |\bHTTP (?:error )?|Agent Card from \S+: )(\d{3})\b/i.exec(message)?.[1]
  return said === undefined ? undefined : Number(said)
}
