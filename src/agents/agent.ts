import type OpenAI from 'openai'
import { OptionError } from '../errors/index.js'
import type { TypeOf, TypeRef } from '../schema/index.js'
import type { ModelClient, ModelSettings, ToolChoice } from './model-client.js'
import { OpenAIChatModel } from './openai-chat-model.js'
import { type OutputFormat, StructuredOutput, textOutput } from './output-format.js'
import type { AgentTool } from './tool.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** What an {@link Agent} is made of. */
export interface AgentOptions<R extends TypeRef = StringConstructor> {
  /** The official client of OpenAI, for any compatible server too; or any other {@link ModelClient}. */
  readonly client: OpenAI | ModelClient
  /** The model's name, as its server knows it. */
  readonly model: string
  /** What events and errors call the agent. @default 'Assistant' */
  readonly name?: string
  /** What the model is told about its role. @default 'You are a helpful assistant' */
  readonly instructions?: string
  /** The type of the output; it arrives validated, classes as instances. @default String, which is free text */
  readonly outputSchema?: R
  /** @default none */
  readonly tools?: readonly AgentTool[]
  /** Whether the model has to call a tool in its first turn, and which. @default 'auto' */
  readonly toolChoice?: ToolChoice
  /** How many times the model may be called for one input, the repair of an invalid output included. @default 10 */
  readonly maxTurns?: number
  /** @default what the server does by itself */
  readonly settings?: ModelSettings
  /** Whether text is delivered as it comes, in `agent.delta` events. @default true where somebody can listen */
  readonly streaming?: boolean
  /** Permits the calls of tools that ask for permission. @default they are denied */
  readonly onToolPermission?: ToolPermissionHandler
}

/**
 * A model with a role, tools and an output type. It keeps nothing of a conversation: one agent serves any number at once.
 *
 * ```ts
 * const planner = new Agent({ client, model: 'gpt-4.1-mini', instructions: 'You plan research.', outputSchema: SearchPlan })
 * const { output } = await AgentRunner.run(planner, 'AI in healthcare') // a SearchPlan
 * ```
 */
export interface Agent<out TOut = string> {
  readonly client: ModelClient
  readonly model: string
  readonly name: string
  readonly instructions: string
  readonly outputFormat: OutputFormat<TOut>
  readonly tools: readonly AgentTool[]
  readonly toolChoice: ToolChoice | undefined
  readonly maxTurns: number
  readonly settings: ModelSettings | undefined
  readonly streaming: boolean | undefined
  readonly onToolPermission: ToolPermissionHandler | undefined
}

/** Makes agents; the type of the output follows from `outputSchema`. */
export interface AgentConstructor {
  /** @throws OPTION_INVALID */
  new <const R extends TypeRef = StringConstructor>(options: AgentOptions<R>): Agent<TypeOf<R>>
  readonly prototype: Agent<unknown>
}

class ConfiguredAgent implements Agent<unknown> {
  readonly client: ModelClient
  readonly model: string
  readonly name: string
  readonly instructions: string
  readonly outputFormat: OutputFormat<unknown>
  readonly tools: readonly AgentTool[]
  readonly toolChoice: ToolChoice | undefined
  readonly maxTurns: number
  readonly settings: ModelSettings | undefined
  readonly streaming: boolean | undefined
  readonly onToolPermission: ToolPermissionHandler | undefined

  constructor(options: AgentOptions<TypeRef>) {
    const { outputSchema = String } = options
    this.client = modelClient(options.client)
    this.model = nonEmpty('model', options.model)
    this.name = nonEmpty('name', options.name ?? 'Assistant')
    this.instructions = options.instructions || 'You are a helpful assistant'
    this.outputFormat = outputSchema === String ? textOutput : new StructuredOutput(outputSchema)
    this.tools = distinct(options.tools ?? [])
    this.toolChoice = known(options.toolChoice, this.tools)
    this.maxTurns = checkMaxTurns(options.maxTurns ?? 10)
    this.settings = options.settings
    this.streaming = options.streaming
    this.onToolPermission = options.onToolPermission
  }
}

// The type of the output cannot be inferred for a class's own type parameter, only for one of its constructor.
export const Agent = ConfiguredAgent as AgentConstructor

/** @throws OPTION_INVALID */
export function checkMaxTurns(maxTurns: number): number {
  if (Number.isInteger(maxTurns) && maxTurns >= 1) return maxTurns
  throw new OptionError('maxTurns', 'a whole number of at least 1', maxTurns)
}

function modelClient(client: OpenAI | ModelClient): ModelClient {
  if (typeof client === 'object' && client !== null) {
    if ('complete' in client) return client
    if ('chat' in client) return new OpenAIChatModel(client)
  }
  throw new OptionError('client', 'a client of the `openai` package or a ModelClient', client)
}

function nonEmpty(option: string, value: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new OptionError(option, 'a non-empty string', value)
}

function distinct(tools: readonly AgentTool[]): readonly AgentTool[] {
  const names = tools.map(tool => tool.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionError('tools', 'tools of different names', twice)
  return [...tools]
}

function known(choice: ToolChoice | undefined, tools: readonly AgentTool[]): ToolChoice | undefined {
  if (typeof choice !== 'object' || tools.some(tool => tool.name === choice.name)) return choice
  throw new OptionError('toolChoice', 'the name of one of the tools', choice.name)
}
