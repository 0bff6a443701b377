import { OptionError } from '../../errors/index.js'
import type { ToolGuardrails } from '../guardrail.js'
import type { ToolErrorMode } from '../tool.js'
import { checkTimeout } from './mcp-options.js'

/** A call that may need permission. */
export interface McpToolCall {
  /** What the server calls the tool. */
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Whether the server says that the tool changes nothing. A hint: nobody has checked it. */
  readonly readOnlyHint: boolean
  /** Whether the server says that the tool may destroy something. A hint: nobody has checked it. */
  readonly destructiveHint: boolean
}

/** Which tools of a server an agent gets, and how they behave. */
export interface McpToolsOptions {
  /** The tools that are wanted, by the server's names. @default all */
  readonly include?: readonly string[]
  /** The tools that are not, by the server's names. @default none */
  readonly exclude?: readonly string[]
  /** What the names begin with for the model, so that those of several servers differ: letters, digits, `_`, `-`. @default '' */
  readonly prefix?: string
  /**
   * Which calls have to be permitted first.
   * @default those of tools which the server itself says may destroy something
   */
  readonly needsPermission?: boolean | ((call: McpToolCall) => boolean | Promise<boolean>)
  /** How long a call may take, in milliseconds; then it is cancelled at the server too. @default that of the server */
  readonly timeoutMs?: number
  /** What becomes of a tool that has failed, and of a server that has. @default 'report' */
  readonly onError?: ToolErrorMode
  /** How many characters of a result the model gets. @default all */
  readonly maxResultChars?: number
  /** What has to pass before a call and its result do. @default none */
  readonly guardrails?: ToolGuardrails<Readonly<Record<string, unknown>>>
  /** Ends the listing. */
  readonly signal?: AbortSignal
}

/** @throws OPTION_INVALID */
export function checkToolsOptions({ prefix, timeoutMs }: McpToolsOptions): void {
  checkTimeout('timeoutMs', timeoutMs)
  if (prefix === undefined || /^[\w-]{0,32}$/.test(prefix)) return
  throw new OptionError('prefix', 'letters, digits, `_` and `-`, at most 32', prefix)
}
