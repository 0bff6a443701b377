import type OpenAI from 'openai'
import type { RunContext } from '../core/index.js'
import { checkOptionNames } from '../errors/internal.js'
import type { TypeOf, TypeRef } from '../schema/index.js'
import { type AgentInstructions, checkInstructions } from './agent-instructions.js'
import {
  checkGuardrails,
  checkMaxHandoffs,
  checkMaxTurns,
  checkText,
  distinctTools,
  knownChoice,
} from './agent-option-checks.js'
import type { ContextWindow } from './context-window.js'
import type { Guardrail } from './guardrail.js'
import type { ModelClient, ModelSettings, ToolChoice } from './model-client.js'
import type { ModelMessage } from './model-message.js'
import { modelOfClient } from './model-of-client.js'
import { checkModelSettings } from './model-settings.js'
import { type OutputFormat, StructuredOutput, textOutput } from './output-format.js'
import { checkOutputMode, type OutputMode } from './output-mode.js'
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
  /** What the agent is good at, for other agents that may hand over to it or call it. @default none */
  readonly description?: string
  /**
   * What the model is told about its role; a function is asked before each call of the model, also for a call whose answer is kept, so
   * it should change nothing. @default 'You are a helpful assistant'
   */
  readonly instructions?: AgentInstructions
  /** The type of the output; it arrives validated, classes as instances. @default String, which is free text */
  readonly outputSchema?: R
  /**
   * How the model is told of {@link outputSchema}. With `'auto'` the server is asked to hold it to the schema; if it refuses that, once and
   * for all with this client and model, its JSON mode is asked for with the schema in the instructions, then the instructions alone.
   * Whatever the mode, the output arrives validated. @default 'auto'
   */
  readonly outputMode?: OutputMode
  /**
   * Whether the output is told of while it comes, in `agent.partial` events with what there is so far, not validated. Needs `streaming`.
   * @default false
   */
  readonly partialOutput?: boolean
  /** @default none */
  readonly tools?: readonly AgentTool[]
  /** Whether the model has to call a tool in its first turn, and which. @default 'auto' */
  readonly toolChoice?: ToolChoice
  /**
   * How many times the model may be called for one input, the repair of an invalid output and the turns of agents that take the
   * conversation over included. @default 10
   */
  readonly maxTurns?: number
  /** @default what the server does by itself */
  readonly settings?: ModelSettings
  /** Whether text is delivered as it comes, in `agent.delta` events. @default true where somebody can listen */
  readonly streaming?: boolean
  /** Permits the calls of tools that ask for permission. @default they are denied */
  readonly onToolPermission?: ToolPermissionHandler
  /**
   * Agents that may take the conversation over, with the same type of output. A function where they refer to each other. The model is
   * offered each as a tool. @default none
   */
  readonly handoffs?: HandoffTargets<NoInfer<TypeOf<R>>>
  /**
   * How many handoffs one input may lead to, wherever they begin. The first one too many is refused, and the model told to answer itself;
   * if it does not heed that, the agent fails with `HANDOFF_REFUSED`. @default 8
   */
  readonly maxHandoffs?: number
  /** Check the text of the input, beside the first call of the model. @default none */
  readonly inputGuardrails?: readonly Guardrail<string>[]
  /** Check the output. @default none */
  readonly outputGuardrails?: readonly Guardrail<NoInfer<TypeOf<R>>>[]
  /** What of a long conversation the model sees. @default keepAll() */
  readonly contextWindow?: ContextWindow
}

/** An agent that may take a conversation over; `handoff` makes one with options. */
export interface Handoff<out TOut = unknown> {
  readonly agent: Agent<TOut>
  /** What the model calls it, as a tool. */
  readonly name: string
  /** When the model should use it. */
  readonly description: string
  /** Whether it is offered at the moment. @default always */
  readonly when?: ((conversation: HandoffContext) => boolean | Promise<boolean>) | undefined
  /**
   * What of the conversation the other agent sees. Tool calls and results that lose each other are repaired. @default all of it
   */
  readonly filter?: ((messages: readonly ModelMessage[]) => readonly ModelMessage[]) | undefined
}

/** A conversation that may be handed over. */
export interface HandoffContext {
  /** The name of the agent that has it. */
  readonly agent: string
  readonly messages: readonly ModelMessage[]
  /** The state's context, if the agent works for a state. */
  readonly run?: RunContext
}

/** Agents that may take a conversation over. */
export type HandoffTargets<TOut> =
  | readonly (Agent<TOut> | Handoff<TOut>)[]
  | (() => readonly (Agent<TOut> | Handoff<TOut>)[])

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
  readonly description: string | undefined
  readonly instructions: AgentInstructions
  readonly outputFormat: OutputFormat<TOut>
  readonly outputMode: OutputMode
  readonly partialOutput: boolean
  readonly tools: readonly AgentTool[]
  readonly toolChoice: ToolChoice | undefined
  readonly maxTurns: number
  readonly settings: ModelSettings | undefined
  readonly streaming: boolean | undefined
  readonly onToolPermission: ToolPermissionHandler | undefined
  readonly handoffs: readonly (Agent<TOut> | Handoff<TOut>)[]
  readonly maxHandoffs: number
  readonly inputGuardrails: readonly Guardrail<string>[]
  readonly outputGuardrails: readonly Guardrail[]
  readonly contextWindow: ContextWindow | undefined
}

/** Makes agents; the type of the output follows from `outputSchema`. */
export interface AgentConstructor {
  /** @throws OPTION_INVALID */
  new <const R extends TypeRef = StringConstructor>(options: AgentOptions<R>): Agent<TypeOf<R>>
  readonly prototype: Agent<unknown>
}

const optionKeys = {
  client: true,
  model: true,
  name: true,
  description: true,
  instructions: true,
  outputSchema: true,
  outputMode: true,
  partialOutput: true,
  tools: true,
  toolChoice: true,
  maxTurns: true,
  settings: true,
  streaming: true,
  onToolPermission: true,
  handoffs: true,
  maxHandoffs: true,
  inputGuardrails: true,
  outputGuardrails: true,
  contextWindow: true,
} satisfies Record<keyof AgentOptions, true>

class ConfiguredAgent implements Agent<unknown> {
  readonly client: ModelClient
  readonly model: string
  readonly name: string
  readonly description: string | undefined
  readonly instructions: AgentInstructions
  readonly outputFormat: OutputFormat<unknown>
  readonly outputMode: OutputMode
  readonly partialOutput: boolean
  readonly tools: readonly AgentTool[]
  readonly toolChoice: ToolChoice | undefined
  readonly maxTurns: number
  readonly settings: ModelSettings | undefined
  readonly streaming: boolean | undefined
  readonly onToolPermission: ToolPermissionHandler | undefined
  readonly maxHandoffs: number
  readonly inputGuardrails: readonly Guardrail<string>[]
  readonly outputGuardrails: readonly Guardrail[]
  readonly contextWindow: ContextWindow | undefined
  readonly #handoffs: HandoffTargets<unknown>

  constructor(options: AgentOptions<TypeRef>) {
    checkOptionNames('an agent', options, optionKeys)
    const { outputSchema = String } = options
    this.client = modelOfClient(options.client)
    this.model = checkText('model', options.model)
    this.name = checkText('name', options.name ?? 'Assistant')
    this.description = options.description
    this.instructions = checkInstructions(options.instructions)
    this.outputFormat = outputSchema === String ? textOutput : new StructuredOutput(outputSchema)
    this.outputMode = checkOutputMode(options.outputMode ?? 'auto')
    this.partialOutput = options.partialOutput === true
    this.tools = distinctTools(options.tools ?? [])
    this.#handoffs = options.handoffs ?? []
    // What a handoff is called may not be known yet.
    this.toolChoice = options.handoffs === undefined ? knownChoice(options.toolChoice, this.tools) : options.toolChoice
    this.maxTurns = checkMaxTurns(options.maxTurns ?? 10)
    this.settings = options.settings === undefined ? undefined : checkModelSettings(options.settings)
    this.streaming = options.streaming
    this.onToolPermission = options.onToolPermission
    this.maxHandoffs = checkMaxHandoffs(options.maxHandoffs ?? 8)
    this.inputGuardrails = checkGuardrails('inputGuardrails', options.inputGuardrails)
    this.outputGuardrails = checkGuardrails('outputGuardrails', options.outputGuardrails)
    this.contextWindow = options.contextWindow
  }

  get handoffs(): readonly (Agent<unknown> | Handoff)[] {
    return typeof this.#handoffs === 'function' ? this.#handoffs() : this.#handoffs
  }
}

// The type of the output cannot be inferred for a class's own type parameter, only for one of its constructor.
export const Agent = ConfiguredAgent as AgentConstructor
