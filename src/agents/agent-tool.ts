import { OrchestrationError } from '../errors/index.js'
import { type JsonSchema, type PayloadClass, PayloadError } from '../schema/index.js'
import type { Agent } from './agent.js'
import { runAgent } from './agent-run.js'
import { type AgentTool, type ToolBehaviour, type ToolContext, tool } from './tool.js'

/** How {@link agentTool} makes a tool of an agent. */
export interface AgentToolOptions<TArgs> extends Omit<ToolBehaviour<TArgs>, 'description' | 'parameters'> {
  /** What the model calls it. @default the agent's name */
  readonly name?: string
  /** @default the agent's `description`, or that it asks the agent */
  readonly description?: string
  /** The class of the arguments. @default one string, `input` */
  readonly parameters?: PayloadClass<TArgs>
  /** What the agent is asked. @default the `input`; arguments of a class as JSON */
  readonly prompt?: (args: TArgs) => string
}

/** An agent that calls itself through others would never end otherwise. */
const maxDepth = 8

/**
 * Makes a tool of an agent: the model that calls it gets the agent's output, free text as it is, anything else as JSON. The agent starts
 * a conversation of its own. Its events and its usage carry its own name, and arrive where those of the caller do; aborting the caller
 * aborts it. Where it has no `onToolPermission`, the caller's decides. Agents may be nested 8 deep; a call beyond that has failed.
 *
 * ```ts
 * new Agent({ client, model, tools: [agentTool(translator, { description: 'Translates into French' })] })
 * ```
 *
 * @throws OPTION_INVALID
 */
export function agentTool<TArgs extends object = { readonly input: string }>(
  agent: Agent<unknown>,
  options: AgentToolOptions<TArgs> = {},
): AgentTool {
  const { name = agent.name.replace(/[^\w-]+/g, '_').slice(0, 64), parameters, prompt, ...behaviour } = options
  const description = options.description ?? agent.description ?? `Asks the agent ${agent.name}`
  const execute = async (args: TArgs, context: ToolContext): Promise<unknown> => {
    const asked =
      prompt?.(args) ?? (parameters === undefined ? (args as { input: string }).input : JSON.stringify(args))
    return askAgent(agent, asked, context)
  }
  const made = tool<TArgs>({
    ...behaviour,
    name,
    description,
    execute,
    ...(parameters === undefined ? {} : { parameters }),
  })
  return parameters === undefined ? { ...made, parameters: inputOnly, parse: parseInput } : made
}

async function askAgent(agent: Agent<unknown>, input: string, context: ToolContext): Promise<unknown> {
  const { nesting, run, signal } = context
  const depth = nesting?.depth ?? 1
  if (depth > maxDepth) throw tooDeep(agent.name)
  const permission = agent.onToolPermission ?? nesting?.onToolPermission
  const options = {
    signal,
    ...(run === undefined ? {} : { context: run }),
    ...(nesting?.onEvent === undefined ? {} : { onEvent: nesting.onEvent }),
    ...(permission === undefined ? {} : { onToolPermission: permission }),
  }
  const { output } = await runAgent(agent, input, options, depth)
  return output
}

const inputOnly: JsonSchema = {
  type: 'object',
  properties: { input: { type: 'string', description: 'What the agent is asked' } },
  required: ['input'],
  additionalProperties: false,
}

async function parseInput(value: unknown): Promise<{ readonly input: string }> {
  const input: unknown = typeof value === 'object' && value !== null && 'input' in value ? value.input : undefined
  if (typeof input === 'string') return { input }
  const issue = { path: 'input', segments: ['input'], message: 'input must be a string', constraint: 'isString' }
  throw new PayloadError('object', [{ ...issue, received: typeof input }])
}

function tooDeep(agent: string): OrchestrationError {
  return new OrchestrationError(
    `agent "${agent}" would be at work below ${maxDepth} others: they call each other in a circle. Answer without it.`,
    { code: 'TOOL_FAILED', details: { agent, maxDepth } },
  )
}
