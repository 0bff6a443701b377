import { OptionError, OrchestrationError } from '../errors/index.js'
import type { ToolPermissionHandler, ToolPermissionRequest } from './tool-permission.js'

/** How {@link approvalInRun} asks. */
export interface ApprovalInRunOptions {
  /** How long the person has, in milliseconds; then the call is denied. @default for ever */
  readonly timeoutMs?: number
  /** What the person reads. @default names the agent, the tool and the arguments */
  readonly message?: string | ((request: ToolPermissionRequest) => string)
}

/** What the person is asked about: the `input` of the open request. */
export interface ToolApprovalSubject {
  readonly agent: string
  readonly tool: string
  /** The arguments as plain data. */
  readonly arguments: unknown
}

/**
 * Lets a person permit tool calls, through the run the agent works for: the request is listed in `run.requests`, and `run.approve()` or
 * `run.reject()` answer it. In a durable run it may be answered days later, in another process: the question is asked once, and the
 * tool called once. A rejection is told to the model together with the comment; an expired request is a denied call.
 *
 * ```ts
 * new Agent({ client, model, tools: [pay], onToolPermission: approvalInRun({ timeoutMs: 86_400_000 }) })
 * ```
 *
 * An agent that does not work for a state has nobody to ask, and fails with `OPTION_INVALID` as the cause.
 */
export function approvalInRun({ timeoutMs, message }: ApprovalInRunOptions = {}): ToolPermissionHandler {
  if (timeoutMs !== undefined && !(timeoutMs >= 0))
    throw new OptionError('timeoutMs', 'a number of at least 0', timeoutMs)
  return async (request, _signal, run) => {
    if (run === undefined) throw noRun(request)
    const { agent, tool } = request
    // Stored with the request, where the class of the arguments may not be known.
    const plain: unknown = JSON.parse(JSON.stringify(request.arguments ?? null))
    const subject: ToolApprovalSubject = { agent, tool, arguments: plain }
    const asked = typeof message === 'function' ? message(request) : (message ?? defaultMessage(subject))
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    const answer = await run.requestApproval(tool.replace(/[/#]/g, '_'), { message: asked, subject, ...limit })
    if (answer.outcome === 'approved') return true
    if (answer.outcome === 'expired') return { reason: 'nobody has answered in time' }
    const { comment } = answer.decision
    return { reason: comment === undefined || comment === '' ? 'it was rejected' : comment }
  }
}

function defaultMessage({ agent, tool, arguments: args }: ToolApprovalSubject): string {
  return `May agent "${agent}" call tool "${tool}" with ${JSON.stringify(args)}?`
}

function noRun({ agent, tool }: ToolPermissionRequest): OrchestrationError {
  return new OrchestrationError(
    `Agent "${agent}" wants to call tool "${tool}", which a person has to approve, but it does not work for a state of a run. Use it in ` +
      'an AgentRunnable, pass `context` to AgentRunner.run, or give it another `onToolPermission`.',
    { code: 'OPTION_INVALID', details: { agent, tool } },
  )
}
