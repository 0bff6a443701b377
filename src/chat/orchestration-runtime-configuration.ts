import type { Orchestration } from '../core/index.js'
import { ChatMessage } from './chat-message.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/** How messages become inputs, and outputs replies. */
export interface OrchestrationRuntimeOptions<TIn, TOut> {
  /** Makes the input of a message and what was said before it. @default the text of the message */
  readonly toInput?: (message: ChatMessage, history: readonly ChatMessage[]) => TIn | Promise<TIn>
  /** Makes the reply of an output. @default the output if it is a string, else its `content` if that is a string, else JSON */
  readonly toMessage?: (output: TOut) => ChatMessage | string
}

/** Optional for orchestrations that take a string; for others it has to say what the input is made of. */
type OptionsArgument<TIn, TOut> = string extends TIn
  ? [options?: OrchestrationRuntimeOptions<TIn, TOut>]
  : [
      options: OrchestrationRuntimeOptions<TIn, TOut> &
        Required<Pick<OrchestrationRuntimeOptions<TIn, TOut>, 'toInput'>>,
    ]

/**
 * Answers every message with a run of an orchestration (S4-26). The run's events are forwarded, and it is cancelled with the turn.
 *
 * ```ts
 * new OrchestrationRuntimeConfiguration(new ResearchOrchestration(), { toMessage: report => report.content })
 * ```
 */
export class OrchestrationRuntimeConfiguration<TIn, TOut> implements RuntimeConfiguration {
  readonly #orchestration: Orchestration<TIn, TOut>
  readonly #options: OrchestrationRuntimeOptions<TIn, TOut>

  constructor(orchestration: Orchestration<TIn, TOut>, ...[options = {}]: OptionsArgument<TIn, TOut>) {
    this.#orchestration = orchestration
    this.#options = options
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const { toInput, toMessage = defaultReply } = this.#options
    // Without `toInput` the types allow only orchestrations that take a string.
    const input =
      toInput === undefined ? (message.content as TIn) : await toInput(message, conversation?.messages ?? [])
    signal?.throwIfAborted()
    const run = this.#orchestration.start(input, signal === undefined ? {} : { signal })
    const subscription =
      onRuntimeEvent && run.events$.subscribe(event => onRuntimeEvent({ type: 'runtime.orchestration', event }))
    try {
      const reply = toMessage(await run.result)
      return typeof reply === 'string' ? new ChatMessage('assistant', reply) : reply
    } finally {
      subscription?.unsubscribe()
    }
  }
}

function defaultReply(output: unknown): string {
  if (typeof output === 'string') return output
  const content = (output as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : (JSON.stringify(output) ?? '')
}
