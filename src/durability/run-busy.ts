import { OrchestrationError } from '../errors/index.js'

/** Somebody else has the run. */
export function runBusy(runId: string): OrchestrationError {
  return new OrchestrationError(
    `Run "${runId}" is being driven by somebody else at the moment: another process, or another handle in this one. ` +
      'Follow it with observe(), or answer what it waits for; take it up when its driver is gone.',
    { code: 'RUN_BUSY', retryable: true, details: { runId } },
  )
}
