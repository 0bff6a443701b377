import { type Observable, Subject } from 'rxjs'
import { type Clock, systemClock } from '../core/index.js'
import { eventError, untilAborted } from '../core/internal.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { type ChatHistory, InMemoryChatHistory } from './chat-history.js'
import { ChatMessage } from './chat-message.js'
import type { ChatRuntimeEvent, ConfigurationEvent } from './chat-runtime-event.js'
import type { RuntimeConfiguration } from './runtime-configuration.js'

/** How a {@link ChatRuntime} is set up. */
export interface ChatRuntimeOptions {
  /** Names the chat in its history. @default a random UUID */
  readonly id?: string
  /** Where the chat is kept. @default in memory */
  readonly history?: ChatHistory
  /** Where the time of events comes from. @default the system's clock */
  readonly clock?: Clock
}

/** How one message is answered. */
export interface ChatInvokeOptions {
  /** Cancels the turn when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/** What a runtime tells of itself, without what every event has. */
type OwnEvent = ChatRuntimeEvent extends infer E ? (E extends unknown ? Omit<E, 'runtimeId' | 'at'> : never) : never

/**
 * A chat with whoever its configuration names: an orchestration, an agent, a class of your own (S4-27).
 *
 * ```ts
 * const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(new ResearchOrchestration()))
 * runtime.events$.subscribe(event => console.log(event.type))
 * const reply = await runtime.invoke(new ChatMessage(ChatMessageRoles.User, 'Research AI in healthcare'))
 * ```
 *
 * A turn enters the history as a whole, when its reply is there; one that fails or is cancelled leaves no trace in it.
 */
export class ChatRuntime {
  readonly id: string
  readonly #configuration: RuntimeConfiguration
  readonly #history: ChatHistory
  readonly #clock: Clock
  readonly #events = new Subject<ChatRuntimeEvent>()
  #turn: AbortController | undefined

  /** @throws OPTION_INVALID */
  constructor(configuration: RuntimeConfiguration, options: ChatRuntimeOptions = {}) {
    const { id = globalThis.crypto.randomUUID(), history = new InMemoryChatHistory(), clock = systemClock } = options
    if (typeof id !== 'string' || id === '') throw new OptionError('id', 'a non-empty string', id)
    this.id = id
    this.#configuration = configuration
    this.#history = history
    this.#clock = clock
  }

  /** What happens in this chat, from now on. Only ever nexts: a failure is an event, and rejects `invoke`. */
  get events$(): Observable<ChatRuntimeEvent> {
    return this.#events.asObservable()
  }

  /** What was said so far, every role, the oldest first. */
  get messages(): Promise<readonly ChatMessage[]> {
    return this.#history.load(this.id)
  }

  /**
   * Answers a message; a string is one of the user. Rejects with what the configuration failed with, with `RUN_CANCELLED` after
   * {@link ChatRuntime.cancel}, with the reason of the signal if that aborts, and with `CHAT_BUSY` while another message is
   * being answered.
   */
  async invoke(message: ChatMessage | string, options: ChatInvokeOptions = {}): Promise<ChatMessage> {
    if (this.#turn !== undefined) throw this.#busy('answer another message')
    const turn = new AbortController()
    this.#turn = turn
    const { signal } = options
    const onAbort = (): void => turn.abort(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#answer(typeof message === 'string' ? new ChatMessage('user', message) : message, turn)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      if (this.#turn === turn) this.#turn = undefined
    }
  }

  /** Gives up the message that is being answered; has no effect if there is none. */
  cancel(reason = 'no reason given'): void {
    this.#turn?.abort(
      new OrchestrationError(`Chat "${this.id}" was cancelled: ${reason}`, {
        code: 'RUN_CANCELLED',
        details: { chatId: this.id, reason },
      }),
    )
  }

  /** Empties the history, in its store too. Rejects with `CHAT_BUSY` while a message is being answered. */
  async clear(): Promise<void> {
    if (this.#turn !== undefined) throw this.#busy('be cleared')
    await this.#history.clear(this.id)
    this.#emit({ type: 'runtime.cleared' })
  }

  async #answer(message: ChatMessage, turn: AbortController): Promise<ChatMessage> {
    this.#emit({ type: 'runtime.started', message })
    try {
      const said = await untilAborted(this.#exchange(message, turn), turn.signal)
      // From here on it is too late to cancel: what is in the history has been said.
      await this.#history.append(this.id, said)
      const reply = said.at(-1) as ChatMessage
      this.#end(turn, { type: 'runtime.completed', message: reply })
      return reply
    } catch (thrown) {
      if (turn.signal.aborted) {
        this.#end(turn, { type: 'runtime.cancelled', reason: reasonOf(turn.signal.reason) })
      } else {
        const error = ensureError(thrown)
        this.#end(turn, { type: 'runtime.failed', error: eventError(error), errorMessage: error.message })
      }
      throw thrown
    }
  }

  /** What a turn adds to the history: the message, what was recorded, the reply. */
  async #exchange(message: ChatMessage, { signal }: AbortController): Promise<readonly ChatMessage[]> {
    const messages = await this.#history.load(this.id)
    signal.throwIfAborted()
    const between: ChatMessage[] = []
    const forward = (event: ConfigurationEvent): void => {
      if (!signal.aborted) this.#emit(event)
    }
    const reply = await this.#configuration.invoke(message, forward, signal, {
      id: this.id,
      messages,
      record: (...recorded) => void between.push(...recorded),
    })
    return [message, ...between, reply]
  }

  /** A listener of the last event may already send the next message. */
  #end(turn: AbortController, event: OwnEvent): void {
    if (this.#turn === turn) this.#turn = undefined
    this.#emit(event)
  }

  #emit(event: OwnEvent): void {
    this.#events.next({ ...event, runtimeId: this.id, at: this.#clock.now() } as ChatRuntimeEvent)
  }

  #busy(what: string): OrchestrationError {
    return new OrchestrationError(
      `Chat "${this.id}" is answering a message and cannot ${what}. Wait for the reply, or cancel() first.`,
      { code: 'CHAT_BUSY', retryable: true, details: { chatId: this.id } },
    )
  }
}

function reasonOf(reason: unknown): string {
  const given = OrchestrationError.isInstance(reason) ? reason.details['reason'] : undefined
  return typeof given === 'string' ? given : ensureError(reason).message
}
