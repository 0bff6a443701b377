import type { AgentVoice } from './agent-voice.js'
import type { KeptWork } from './kept-work.js'
import type { ModelMessage } from './model-message.js'
import type { AgentTool } from './tool.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** What the calls of one turn are answered with. */
export interface ToolCallEnvironment {
  readonly agent: string
  readonly tools: readonly AgentTool[]
  /** How many agents are at work above this one. */
  readonly depth: number
  readonly turn: number
  readonly messages: readonly ModelMessage[]
  readonly signal: AbortSignal | undefined
  readonly kept: KeptWork
  readonly voice: AgentVoice
  readonly onPermission: ToolPermissionHandler | undefined
  /** The answers of calls that are none of a tool, by their place among the calls. */
  readonly answered: ReadonlyMap<number, string>
}

/** Arguments as the model wrote them, read. */
export type ReadArguments = { readonly value: unknown } | { readonly error: Error }
