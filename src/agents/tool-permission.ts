import type { RunContext } from '../core/index.js'

/** A call that a person, or a rule, has to permit. */
export interface ToolPermissionRequest {
  readonly agent: string
  readonly tool: string
  readonly callId: string
  /** The validated arguments. */
  readonly arguments: unknown
}

/** A call is not permitted, and the model is told why. */
export interface ToolDenial {
  readonly reason: string
}

/**
 * Decides whether a tool may be called. Only `true` permits. What it throws fails the agent. `run` is the context of the state the agent
 * works for, with names of its own for this call: what is kept or asked for with it belongs to the call. Time that it takes does not
 * count for the tool's `timeoutMs`.
 */
export type ToolPermissionHandler = (
  request: ToolPermissionRequest,
  signal: AbortSignal,
  run?: RunContext,
) => boolean | ToolDenial | Promise<boolean | ToolDenial>
