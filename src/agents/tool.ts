import type { RunContext } from '../core/index.js'
import { OptionError } from '../errors/index.js'
import { checkOptionNames } from '../errors/internal.js'
import { type JsonSchema, type PayloadClass, schemaOf } from '../schema/index.js'
import type { AgentEventHandler } from './agent-event.js'
import { checkGuardrail, type ToolGuardrails } from './guardrail.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** What a tool knows of the call it answers. */
export interface ToolContext {
  /** The name of the agent that calls. */
  readonly agent: string
  readonly callId: string
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal
  /**
   * The state's context, if the agent works for a state. What is kept or asked for with it has names of its own for this call. Its
   * `idempotencyKey` is that of the call: made of the tool and the arguments, and the same when the state is tried again and the model
   * makes the same call.
   */
  readonly run?: RunContext
  /** What an agent that is the tool takes over from the one that calls it. */
  readonly nesting?: AgentNesting
}

/** How an agent runs that another one calls as a tool. */
export interface AgentNesting {
  /** How many agents are at work above it, at least 1. */
  readonly depth: number
  readonly onEvent?: AgentEventHandler
  readonly onToolPermission?: ToolPermissionHandler
}

/** What happens when a tool throws, or is called with arguments it does not take: the model is told, or the agent fails. */
export type ToolErrorMode = 'report' | 'fail'

/** How a tool behaves, whichever way it is made. */
export interface ToolBehaviour<TArgs> {
  /** What it does and when to use it, for the model. */
  readonly description: string
  /**
   * Whether a call has to be permitted first, by the `onToolPermission` handler. Without a handler it is denied.
   * @default false
   */
  readonly needsPermission?: boolean | ((args: TArgs) => boolean | Promise<boolean>)
  /** @default 'report' */
  readonly onError?: ToolErrorMode
  /**
   * Whether the server holds the model to the schema of the parameters. Turn it off for parameters that OpenAI's strict mode
   * cannot express; they are validated all the same.
   * @default true
   */
  readonly strict?: boolean
  /**
   * How long a call may take, in milliseconds; waiting for permission does not count. Then its signal aborts, and it has failed with
   * `TOOL_TIMED_OUT`, which `onError` decides about. @default for ever
   */
  readonly timeoutMs?: number
  /** How many characters of a result the model gets; the rest is cut off, with a note that says so. @default all */
  readonly maxResultChars?: number
  /** @default none */
  readonly guardrails?: ToolGuardrails<TArgs>
  /** The class of the arguments; they arrive as a validated instance. @default no arguments */
  readonly parameters?: PayloadClass<TArgs>
}

/** What {@link tool} takes. */
export interface ToolDefinition<TArgs> extends ToolBehaviour<TArgs> {
  /** Letters, digits, `_` and `-`, at most 64; unique in its agent. */
  readonly name: string
  /** The work. What it returns goes to the model: a string as it is, anything else as JSON. */
  execute(args: TArgs, context: ToolContext): unknown
}

/**
 * A tool as an agent uses it. {@link tool} and {@link toolsOf} make them of payload classes; implement it for tools whose
 * parameters are described otherwise.
 */
export interface AgentTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments; an object. */
  readonly parameters: JsonSchema
  /** Whether {@link AgentTool.parameters} is written for OpenAI's strict mode, and to be held to. */
  readonly strict: boolean
  readonly onError: ToolErrorMode
  /** In milliseconds. @default for ever */
  readonly timeoutMs?: number | undefined
  /** @default all */
  readonly maxResultChars?: number | undefined
  /** @default none */
  readonly guardrails?: ToolGuardrails | undefined
  /** Turns parsed JSON into the arguments. @throws PayloadError if they are not what the tool takes */
  parse(value: unknown): Promise<unknown>
  /** Whether this call has to be permitted. */
  needsPermission(args: unknown): boolean | Promise<boolean>
  execute(args: unknown, context: ToolContext): unknown
}

/**
 * Makes a tool of a function.
 *
 * ```ts
 * const search = tool({
 *   name: 'search',
 *   description: 'Searches the web',
 *   parameters: SearchArgs,
 *   execute: ({ query }, { signal }) => searchWeb(query, signal),
 * })
 * ```
 *
 * @throws OPTION_INVALID if a model could not be told of it
 */
export function tool<TArgs extends object = Record<string, never>>(definition: ToolDefinition<TArgs>): AgentTool {
  checkOptionNames('a tool', definition, definitionKeys)
  const { name, description, parameters, strict = true, onError = 'report' } = definition
  if (!toolName.test(name)) throw new OptionError('name', 'letters, digits, `_` and `-`, at most 64', name)
  if (typeof description !== 'string' || description.trim() === '') {
    throw new OptionError('description', `what tool "${name}" does`, description)
  }
  const { timeoutMs, maxResultChars } = definition
  checkLimit('timeoutMs', timeoutMs)
  checkLimit('maxResultChars', maxResultChars)
  const guardrails = definition.guardrails as ToolGuardrails | undefined
  for (const each of [...(guardrails?.arguments ?? []), ...(guardrails?.result ?? [])])
    checkGuardrail(each, 'guardrails')
  let schema: JsonSchema | undefined
  return {
    name,
    description,
    strict,
    onError,
    timeoutMs,
    maxResultChars,
    guardrails,
    get parameters() {
      // Not before it is needed: classes the parameters refer to may not exist yet.
      schema ??=
        parameters === undefined ? structuredClone(noParameters) : schemaOf(parameters).toJsonSchema({ strict })
      return schema
    },
    async parse(value) {
      return parameters === undefined ? {} : schemaOf(parameters).parseAsync(value, { strict })
    },
    needsPermission(args) {
      const { needsPermission = false } = definition
      return typeof needsPermission === 'function' ? needsPermission(args as TArgs) : needsPermission
    },
    execute(args, context) {
      return definition.execute(args as TArgs, context)
    },
  }
}

function checkLimit(option: string, limit: number | undefined): void {
  if (limit !== undefined && !(limit > 0)) throw new OptionError(option, 'a number above 0', limit)
}

const definitionKeys = {
  name: true,
  description: true,
  parameters: true,
  execute: true,
  needsPermission: true,
  onError: true,
  timeoutMs: true,
  maxResultChars: true,
  guardrails: true,
  strict: true,
} satisfies Record<keyof ToolDefinition<never>, true>

const toolName = /^[\w-]{1,64}$/

const noParameters: JsonSchema = { type: 'object', properties: {}, required: [], additionalProperties: false }
