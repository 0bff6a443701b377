import { type ErrorCode, OrchestrationError } from '../../errors/index.js'

/** A refusal of the service, with the workflow that it is about. */
export function refusal(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>>,
): OrchestrationError {
  return new OrchestrationError(message, { code, details })
}

/** The tenant has no such workflow. */
export function workflowUnknown(id: string, version?: number): OrchestrationError {
  const which = version === undefined ? '' : ` of version ${version}`
  return refusal('WORKFLOW_UNKNOWN', `There is no workflow "${id}"${which}.`, { workflow: id })
}

/** Whether something is an error of a code. */
export function hasCode(thrown: unknown, code: ErrorCode): boolean {
  return OrchestrationError.isInstance(thrown) && thrown.code === code
}
