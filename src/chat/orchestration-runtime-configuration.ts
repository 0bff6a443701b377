import type { Orchestration, OrchestrationRun, RunOptions } from '../core/index.js'
import type { JournalStore } from '../durability/index.js'
import { ChatMessage } from './chat-message.js'
import { KeptRuns } from './kept-runs.js'
import type { KeptTurns } from './kept-turns.js'
import type { ChatConversation, RuntimeConfiguration, RuntimeEventHandler } from './runtime-configuration.js'

/** How messages become inputs, and outputs replies; and how the runs between them are started. */
export interface OrchestrationRuntimeOptions<TIn, TOut> {
  /** Makes the input of a message and what was said before it. @default the text of the message */
  readonly toInput?: (message: ChatMessage, history: readonly ChatMessage[]) => TIn | Promise<TIn>
  /** Makes the reply of an output. @default the output if it is a string, else its `content` if that is a string, else JSON */
  readonly toMessage?: (output: TOut) => ChatMessage | string
  /**
   * Keeps each run together with the message that it answers, so that the turn outlives the process: what it waits for can be answered
   * later, and `runtime.resume()` goes on with it. The run has the id of the turn. Give the runtime a history that outlives the process
   * too, and an id. @default runs end with the process
   */
  readonly store?: JournalStore
  /** Goes on with runs that were begun under a definition that has changed, as `orchestration.resume()` does. @default false */
  readonly allowModified?: boolean
  /** What each run is started with besides: properties, tags, limits, a clock. @default nothing */
  readonly run?: Omit<RunOptions, 'runId' | 'signal' | 'store' | 'recorder'>
}

/** Optional for orchestrations that take a string; for others it has to say what the input is made of. */
type OptionsArgument<TIn, TOut> = string extends TIn
  ? [options?: OrchestrationRuntimeOptions<TIn, TOut>]
  : [
      options: OrchestrationRuntimeOptions<TIn, TOut> &
        Required<Pick<OrchestrationRuntimeOptions<TIn, TOut>, 'toInput'>>,
    ]

/**
 * Answers every message with a run of an orchestration (S4-26). The run's events are forwarded, what it waits for is answered through
 * the runtime, and it is cancelled with the turn.
 *
 * ```ts
 * new OrchestrationRuntimeConfiguration(new ResearchOrchestration(), { toMessage: report => report.content })
 * ```
 */
export class OrchestrationRuntimeConfiguration<TIn, TOut> implements RuntimeConfiguration {
  /** The turns whose runs are kept; undefined without a store. */
  readonly turns: KeptTurns | undefined
  /** What each message is answered with a run of. */
  readonly orchestration: Orchestration<TIn, TOut>
  readonly #options: OrchestrationRuntimeOptions<TIn, TOut>
  readonly #runs: KeptRuns<TIn, TOut> | undefined
  /** The runs of kept turns that are at work here, by their chats. */
  readonly #atWork = new Map<string, OrchestrationRun<TOut>>()

  constructor(orchestration: Orchestration<TIn, TOut>, ...[options = {}]: OptionsArgument<TIn, TOut>) {
    this.orchestration = orchestration
    this.#options = options
    const { store } = options
    this.#runs = store && new KeptRuns(orchestration, store)
    this.turns = this.#runs && this.#turnsOf(this.#runs)
  }

  async invoke(
    message: ChatMessage,
    onRuntimeEvent?: RuntimeEventHandler,
    signal?: AbortSignal,
    conversation?: ChatConversation,
  ): Promise<ChatMessage> {
    const input = await this.#inputOf(message, conversation?.messages ?? [])
    signal?.throwIfAborted()
    // Nobody could ask for the run of a message that is in no chat.
    if (this.#runs === undefined || conversation === undefined) {
      const run = this.orchestration.start(input, { ...this.#options.run, signal })
      return this.#replyOf(run, onRuntimeEvent, conversation)
    }
    const { id, turnId } = conversation
    await this.#runs.begin(id, turnId, message)
    signal?.throwIfAborted()
    const run = this.#runs.start(input, turnId, { ...this.#options.run, signal })
    return this.#replyOf(run, onRuntimeEvent, conversation)
  }

  #turnsOf(runs: KeptRuns<TIn, TOut>): KeptTurns {
    return {
      unfinished: chatId => runs.find(chatId),
      resume: async ({ id, message }, conversation, onRuntimeEvent, signal) => {
        const run =
          (await runs.takeUp(id, signal, this.#options.allowModified)) ??
          runs.start(await this.#inputOf(message, conversation.messages), id, { ...this.#options.run, signal })
        const reply = this.#replyOf(run, onRuntimeEvent, conversation)
        // Whoever waits for it comes a moment later.
        reply.catch(() => undefined)
        return { reply }
      },
      answer: ({ id }, request, answer) => runs.answer(id, request, answer),
      putAside: async chatId => {
        const run = this.#atWork.get(chatId)
        return run !== undefined && runs.putAside(run)
      },
      enter: (chatId, turnId, write) => runs.enter(chatId, turnId, write),
      abandon: ({ id }) => runs.cancel(id),
      clear: chatId => runs.clear(chatId),
      settle: async (chatId, turnId, outcome) => {
        if (outcome === 'failed' && (await runs.isUnderWay(turnId))) return
        await runs.forget(chatId, turnId)
      },
    }
  }

  async #inputOf(message: ChatMessage, history: readonly ChatMessage[]): Promise<TIn> {
    const { toInput } = this.#options
    // Without `toInput` the types allow only orchestrations that take a string.
    return toInput === undefined ? (message.content as TIn) : toInput(message, history)
  }

  async #replyOf(
    run: OrchestrationRun<TOut>,
    onRuntimeEvent: RuntimeEventHandler | undefined,
    conversation: ChatConversation | undefined,
  ): Promise<ChatMessage> {
    conversation?.attend(run)
    const chatId = this.#runs === undefined ? undefined : conversation?.id
    if (chatId !== undefined) this.#atWork.set(chatId, run)
    const subscription =
      onRuntimeEvent && run.events$.subscribe(event => onRuntimeEvent({ type: 'runtime.orchestration', event }))
    try {
      const { toMessage = defaultReply } = this.#options
      const reply = toMessage(await run.result)
      return typeof reply === 'string' ? new ChatMessage('assistant', reply) : reply
    } finally {
      subscription?.unsubscribe()
      if (chatId !== undefined && this.#atWork.get(chatId) === run) this.#atWork.delete(chatId)
    }
  }
}

function defaultReply(output: unknown): string {
  if (typeof output === 'string') return output
  const content = (output as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : (JSON.stringify(output) ?? '')
}
