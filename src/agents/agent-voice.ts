import { consoleLogger, type RunContext } from '../core/index.js'
import { ensureError } from '../errors/index.js'
import { isRetried } from '../resilience/internal.js'
import type { AgentEvent, AgentEventHandler, EmittedAgentEvent } from './agent-event.js'
import type { ModelUsage } from './model-client.js'

/** Tells of a conversation: in the run's stream, and to who listens to the agent. After an abort it says nothing more. */
export class AgentVoice {
  readonly onEvent: AgentEventHandler | undefined
  readonly #context: RunContext | undefined
  readonly #signal: AbortSignal | undefined

  constructor(
    context: RunContext | undefined,
    onEvent: AgentEventHandler | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context
    this.onEvent = onEvent
    this.#signal = signal
  }

  /** Whether there may be somebody to hear it. */
  get canBeHeard(): boolean {
    return this.onEvent !== undefined || this.#context !== undefined
  }

  /** Whether a retry policy stands around it, so that a model's client has to leave trying again to that. */
  get isRetried(): boolean {
    return this.#context !== undefined && isRetried(this.#context)
  }

  emit(event: EmittedAgentEvent): void {
    if (this.#signal?.aborted === true) return
    this.#context?.emit(event)
    this.#tell(event)
  }

  /** Usage counts also when the conversation has been aborted: it has been spent. @throws if a budget is exceeded by it */
  usage(agent: string, model: string, { inputTokens, outputTokens }: ModelUsage): void {
    const used = { agent, model, inputTokens, outputTokens }
    this.#tell({ type: 'agent.usage', ...used })
    this.#context?.usage(used)
  }

  #tell(event: AgentEvent): void {
    const failed = (thrown: unknown): void => {
      consoleLogger.warn(`a listener of "${event.type}" failed`, ensureError(thrown))
    }
    try {
      const told: unknown = this.onEvent?.(event)
      // The type says that nothing is returned, which an async function is taken for too.
      if (told instanceof Promise) told.catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }
}
