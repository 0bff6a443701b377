import type { Json, JsonSchema } from '../../schema/index.js'
import type { Principal } from '../principal.js'

/** One call of a tool. */
export interface McpCall {
  readonly principal: Principal
  /** Aborts when the client cancels the call. */
  readonly cancelled: AbortSignal
  /** Aborts when nobody can be given an answer any more, though nobody has cancelled anything. */
  readonly gone: AbortSignal
  /** Tells the client how it goes on; no effect if it does not want to know. */
  readonly progress: (message: string) => void
}

/** What a call has come to. */
export interface McpAnswer {
  readonly structured: Readonly<Record<string, Json>>
  /** For models that read text only. @default the structured answer as JSON */
  readonly text?: string
  /** @default false */
  readonly isError?: boolean
}

/** A tool as it is offered. */
export interface McpTool {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Of an object. */
  readonly input: JsonSchema
  /** Of an object. */
  readonly output: JsonSchema
  /** Whether it changes nothing. */
  readonly isReadOnly: boolean
  readonly run: (args: unknown, call: McpCall) => Promise<McpAnswer>
}
