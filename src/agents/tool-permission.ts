/** A call that a person, or a rule, has to permit. */
export interface ToolPermissionRequest {
  readonly agent: string
  readonly tool: string
  readonly callId: string
  /** The validated arguments. */
  readonly arguments: unknown
}

/**
 * Decides whether a tool may be called. Only `true` permits. What it throws fails the agent.
 */
export type ToolPermissionHandler = (request: ToolPermissionRequest, signal: AbortSignal) => boolean | Promise<boolean>
