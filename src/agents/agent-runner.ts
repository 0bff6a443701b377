import { consoleLogger, type RunContext } from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { type Agent, checkMaxTurns } from './agent.js'
import type { AgentEvent, AgentEventHandler, EmittedAgentEvent } from './agent-event.js'
import { AgentResult } from './agent-result.js'
import { checkAnswer } from './answer-check.js'
import type { ModelRequest, ModelResponse, ModelTool, ModelUsage } from './model-client.js'
import { ModelError } from './model-error.js'
import type { AssistantMessage, ModelMessage } from './model-message.js'
import type { ReadOutput } from './output-format.js'
import { answerToolCalls } from './tool-calls.js'
import type { ToolPermissionHandler } from './tool-permission.js'

/** How {@link AgentRunner.run} runs. */
export interface AgentRunOptions {
  /** The conversation so far; the input follows it. @default none */
  readonly messages?: readonly ModelMessage[]
  /** Aborts the run, down to the model's connection and the tools. */
  readonly signal?: AbortSignal | undefined
  /** The state the agent works for: its signal aborts the agent, and the agent's events go into the run's stream. */
  readonly context?: RunContext
  readonly onEvent?: AgentEventHandler
  /** @default the agent's */
  readonly maxTurns?: number
  /** @default the agent's */
  readonly onToolPermission?: ToolPermissionHandler
}

/** Runs agents (S4-19). */
export class AgentRunner {
  /**
   * Lets an agent work on an input until it has an answer: calls the model, answers its tool calls, and calls it again. An output
   * that is not what `outputSchema` says is sent back once, with what is wrong with it.
   *
   * Rejects with a {@link ModelError}, with `MAX_TURNS_EXCEEDED`, with `TOOL_FAILED` if a tool with `onError: 'fail'` fails, and
   * with the signal's reason when it aborts.
   */
  static async run<TOut>(
    agent: Agent<TOut>,
    input: string | readonly ModelMessage[],
    options: AgentRunOptions = {},
  ): Promise<AgentResult<TOut>> {
    return new AgentRun(agent, input, options).toEnd()
  }
}

/** One conversation with an agent, while it lasts. */
class AgentRun<TOut> {
  readonly #agent: Agent<TOut>
  readonly #options: AgentRunOptions
  readonly #signal: AbortSignal | undefined
  readonly #maxTurns: number
  readonly #messages: ModelMessage[]
  #usage: ModelUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  #isRepairing = false

  constructor(agent: Agent<TOut>, input: string | readonly ModelMessage[], options: AgentRunOptions) {
    this.#agent = agent
    this.#options = options
    this.#signal = eitherSignal(options.signal, options.context?.signal)
    this.#maxTurns = checkMaxTurns(options.maxTurns ?? agent.maxTurns)
    const asked: readonly ModelMessage[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input
    this.#messages = [...(options.messages ?? []), ...asked]
  }

  async toEnd(): Promise<AgentResult<TOut>> {
    const { model, outputFormat } = this.#agent
    for (let turn = 1; ; turn++) {
      const response = await this.#callModel(turn)
      checkAnswer(response, model)
      const { content: text, toolCalls } = response
      this.#messages.push(assistantMessage(response))
      if (toolCalls.length > 0) {
        // With no turn left nobody would read what the tools return.
        if (turn >= this.#maxTurns) throw this.#tooManyTurns(toolCalls.map(call => call.name))
        await this.#answer(toolCalls)
        continue
      }
      const read = await outputFormat.read(text)
      if ('value' in read) {
        const { value: output } = read
        return new AgentResult(model, { output, text, messages: this.#messages, usage: this.#usage, turns: turn })
      }
      this.#askForRepair(read, turn)
    }
  }

  async #callModel(turn: number): Promise<ModelResponse> {
    const { client, name, model } = this.#agent
    const signal = this.#signal
    signal?.throwIfAborted()
    const onDelta = (text: string): void => this.#emit({ type: 'agent.delta', agent: name, text })
    const call = client.complete(this.#request(turn), {
      ...(signal === undefined ? {} : { signal }),
      ...(this.#isStreaming ? { onDelta } : {}),
    })
    const response = await untilAborted(call, signal)
    const { usage } = response
    if (usage !== undefined) {
      this.#usage = sum(this.#usage, usage)
      const { inputTokens, outputTokens } = usage
      const used = { agent: name, model: response.model || model, inputTokens, outputTokens }
      this.#tell({ type: 'agent.usage', ...used })
      this.#options.context?.usage(used)
    }
    return response
  }

  #request(turn: number): ModelRequest {
    const { model, instructions, tools, toolChoice, outputFormat, settings } = this.#agent
    const described = tools.map(({ name, description, parameters, strict }): ModelTool => {
      return { name, description, parameters, strict }
    })
    return {
      model,
      messages: [{ role: 'system', content: instructions }, ...this.#messages],
      ...(described.length === 0 ? {} : { tools: described }),
      // Forced again in every turn, a tool would be called for ever.
      ...(toolChoice === undefined || (turn > 1 && toolChoice !== 'none') ? {} : { toolChoice }),
      ...(outputFormat.schema === undefined ? {} : { output: outputFormat.schema }),
      ...(settings === undefined ? {} : { settings }),
    }
  }

  get #isStreaming(): boolean {
    const { onEvent, context } = this.#options
    const canBeHeard = onEvent !== undefined || context !== undefined
    return canBeHeard && this.#agent.streaming !== false
  }

  async #answer(calls: ModelResponse['toolCalls']): Promise<void> {
    const results = await answerToolCalls(calls, {
      agent: this.#agent.name,
      tools: this.#agent.tools,
      signal: this.#signal,
      run: this.#options.context,
      onPermission: this.#options.onToolPermission ?? this.#agent.onToolPermission,
      emit: event => this.#emit(event),
    })
    this.#messages.push(...results)
  }

  #askForRepair(read: Exclude<ReadOutput<TOut>, { value: TOut }>, turn: number): void {
    const { model, name, outputFormat } = this.#agent
    const { problem, issues, cause } = read
    if (this.#isRepairing || turn >= this.#maxTurns) {
      const tried = this.#isRepairing ? 'even after it was told what is wrong' : 'and no turn is left to repair it'
      throw new ModelError(
        `The answer of model "${model}" for agent "${name}" is not a ${outputFormat.schema?.name ?? 'text'}, ${tried}: ` +
          `${problem}. Trying again may help; a simpler output class or a stronger model helps more.`,
        { code: 'MODEL_OUTPUT_INVALID', model, retryable: true, issues, cause },
      )
    }
    this.#isRepairing = true
    const content = `Your answer is not what was asked for: ${problem}. Answer again with the corrected JSON only.`
    this.#messages.push({ role: 'user', content })
  }

  #emit(event: EmittedAgentEvent): void {
    if (this.#signal?.aborted === true) return
    this.#options.context?.emit(event)
    this.#tell(event)
  }

  #tell(event: AgentEvent): void {
    try {
      this.#options.onEvent?.(event)
    } catch (thrown) {
      consoleLogger.warn(`a listener of "${event.type}" failed`, ensureError(thrown))
    }
  }

  #tooManyTurns(called: readonly string[]): OrchestrationError {
    const { name: agent } = this.#agent
    const maxTurns = this.#maxTurns
    return new OrchestrationError(
      `Agent "${agent}" did not come to an answer within ${maxTurns} turn${maxTurns === 1 ? '' : 's'}; in the last one it still ` +
        `called ${called.join(', ')}. Raise maxTurns, or tell it in its instructions when to stop.`,
      { code: 'MAX_TURNS_EXCEEDED', details: { agent, maxTurns, called } },
    )
  }
}

function assistantMessage({ content, toolCalls }: ModelResponse): AssistantMessage {
  return { role: 'assistant', content, ...(toolCalls.length === 0 ? {} : { toolCalls }) }
}

function sum(a: ModelUsage, b: ModelUsage): ModelUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
  }
}

function eitherSignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
}
