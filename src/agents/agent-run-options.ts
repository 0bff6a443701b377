import type { RunContext } from '../core/index.js'
import type { AgentEventHandler } from './agent-event.js'
import type { ModelMessage } from './model-message.js'
import type { AgentTool } from './tool.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** How `AgentRunner.run` runs. */
export interface AgentRunOptions {
  /**
   * The conversation so far; the input follows it. Tool calls in it that were never answered are answered with an error, and results
   * without a call are left out. @default none
   */
  readonly messages?: readonly ModelMessage[]
  /** Aborts the run, down to the model's connection and the tools. */
  readonly signal?: AbortSignal | undefined
  /**
   * The state the agent works for: its signal aborts the agent, the agent's events go into the run's stream, and what the model and the
   * tools have answered is kept, so that a run that was interrupted does not ask them again. A retry of the state asks anew.
   */
  readonly context?: RunContext
  /**
   * What a run that was interrupted knows the conversation by, among those of the same state and agent. Needed only where the input is
   * another one each time, because it has the time of day in it, say. @default made of the input
   */
  readonly key?: string
  readonly onEvent?: AgentEventHandler
  /**
   * Tools that end the work: the model is offered them besides the agent's own, and when it has called one of them successfully, the
   * agent has nothing more to say; the result then is an `AgentExit`. A call that fails is answered with the error, and the work goes on.
   * Output guardrails are not asked about an exit. @default none
   */
  readonly exits?: readonly AgentTool[]
  /** @default the agent's */
  readonly maxTurns?: number
  /** @default the agent's */
  readonly maxHandoffs?: number
  /** @default the agent's */
  readonly onToolPermission?: ToolPermissionHandler
}
