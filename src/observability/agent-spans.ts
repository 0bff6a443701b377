import type { Context } from '@opentelemetry/api'
import type { EventOfType } from '../core/index.js'
import { GenAi, GenAiOperation, SpanAttribute } from './span-attributes.js'
import { SpanScope, type TracingEnvironment } from './span-scope.js'

/** What agents tell of their work. */
export type AgentWorkEvent = EventOfType<'agent.usage' | 'agent.tool.called' | 'agent.tool.completed'>

/**
 * The spans of the model and tool calls that are made in one attempt.
 *
 * A model call is told of when it is over. An agent calls its model as soon as it starts, or has the results of its tools, so the
 * call is taken to have begun when the agent was last heard of, and at the start of the attempt if it never was.
 */
export class AgentSpans {
  readonly #environment: TracingEnvironment
  readonly #parent: Context
  readonly #startedAt: number
  readonly #tools = new Map<string, SpanScope>()
  readonly #heard = new Map<string, number>()

  constructor(environment: TracingEnvironment, parent: Context, startedAt: number) {
    this.#environment = environment
    this.#parent = parent
    this.#startedAt = startedAt
  }

  handle(event: AgentWorkEvent): void {
    if (event.type === 'agent.usage') this.#modelCalled(event)
    else if (event.type === 'agent.tool.called') this.#toolCalled(event)
    else this.#toolCompleted(event)
    this.#heard.set(event.agent, event.at)
  }

  /** Ends the spans of tools that nobody waits for any more. */
  end(at: number): void {
    for (const tool of this.#tools.values()) tool.end(at, { [SpanAttribute.Outcome]: 'abandoned' })
    this.#tools.clear()
  }

  #modelCalled({ agent, model, inputTokens, outputTokens, cost, at }: EventOfType<'agent.usage'>): void {
    const { provider } = this.#environment.options
    const providerName = typeof provider === 'function' ? provider(model) : provider
    new SpanScope(this.#environment, {
      name: `${GenAiOperation.Chat} ${model}`,
      at: this.#heard.get(agent) ?? this.#startedAt,
      parent: this.#parent,
      client: true,
      attributes: {
        [GenAi.OperationName]: GenAiOperation.Chat,
        [GenAi.AgentName]: agent,
        [GenAi.ResponseModel]: model,
        [GenAi.UsageInputTokens]: inputTokens,
        [GenAi.UsageOutputTokens]: outputTokens,
        ...(providerName === undefined ? {} : { [GenAi.ProviderName]: providerName }),
        ...(cost === undefined ? {} : { [SpanAttribute.Cost]: cost }),
      },
    }).end(at)
  }

  #toolCalled(event: EventOfType<'agent.tool.called'>): void {
    const { agent, tool, callId, at } = event
    const content = this.#environment.options.recordContent === true
    const scope = new SpanScope(this.#environment, {
      name: `${GenAiOperation.ExecuteTool} ${tool}`,
      at,
      parent: this.#parent,
      attributes: {
        [GenAi.OperationName]: GenAiOperation.ExecuteTool,
        [GenAi.AgentName]: agent,
        [GenAi.ToolName]: tool,
        [GenAi.ToolCallId]: callId,
        ...(content ? { [GenAi.ToolCallArguments]: JSON.stringify(event.arguments) ?? '' } : {}),
      },
    })
    this.#tools.set(toolKey(agent, callId), scope)
  }

  #toolCompleted({ agent, tool, callId, result, failed, at }: EventOfType<'agent.tool.completed'>): void {
    const key = toolKey(agent, callId)
    const scope = this.#tools.get(key)
    if (scope === undefined) return
    this.#tools.delete(key)
    const content = this.#environment.options.recordContent === true
    if (failed) scope.fail({ name: 'TOOL_FAILED', message: content ? result : `Tool "${tool}" failed.` }, at)
    scope.end(at, content ? { [GenAi.ToolCallResult]: result } : {})
  }
}

function toolKey(agent: string, callId: string): string {
  return `${agent}\n${callId}`
}
