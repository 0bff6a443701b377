import { type Observable, Subject } from 'rxjs'
import {
  type ApprovalRef,
  type Clock,
  consoleLogger,
  type Decision,
  type Logger,
  type OpenRequest,
  type SignalRef,
  systemClock,
} from '../core/index.js'
import { ensureError, OptionError, OrchestrationError } from '../errors/index.js'
import { chatBusy, chatCancelled, leftUnfinished } from './chat-errors.js'
import { type ChatHistory, InMemoryChatHistory } from './chat-history.js'
import { type ChatMessage, isChatMessage, spokenMessage, withDetails } from './chat-message.js'
import type { ChatRuntimeEvent, ChatRuntimeEventName, OwnEvent } from './chat-runtime-event.js'
import { type Chat, ChatTurn, cancelReason, type TurnSubject } from './chat-turn.js'
import type { KeptTurns, TurnAnswer } from './kept-turns.js'
import { abandonLeftOver, leftOver } from './left-over-turn.js'
import { ReplyStream } from './reply-stream.js'
import { isRequestUnknown, requestUnknown } from './request-unknown.js'
import type { AnswerDesk, RuntimeConfiguration } from './runtime-configuration.js'
import { type Slot, TurnQueue } from './turn-queue.js'
import { checkMode, type WhenBusy } from './when-busy.js'

/** How a {@link ChatRuntime} is set up. */
export interface ChatRuntimeOptions {
  /** Names the chat in its history. @default a random UUID */
  readonly id?: string
  /** Where the chat is kept. @default in memory */
  readonly history?: ChatHistory
  /** What happens to a message that comes while another one is being answered. @default 'reject' */
  readonly whenBusy?: WhenBusy
  /** Where the time of events comes from. @default the system's clock */
  readonly clock?: Clock
  /** Where listeners that throw are reported. @default the console */
  readonly logger?: Logger
}

/** How one message is answered. */
export interface ChatInvokeOptions {
  /** Cancels the turn when it aborts; a message that still waits is taken out of the queue. */
  readonly signal?: AbortSignal | undefined
  /** @default that of the runtime */
  readonly whenBusy?: WhenBusy
}

/**
 * A chat with whoever its configuration names: an orchestration, an agent, several agents, a class of your own (S4-27).
 *
 * ```ts
 * const runtime = new ChatRuntime(new OrchestrationRuntimeConfiguration(new ResearchOrchestration()))
 * runtime.events$.subscribe(event => console.log(event.type))
 * const reply = await runtime.invoke(new ChatMessage(ChatMessageRoles.User, 'Research AI in healthcare'))
 * ```
 *
 * A turn enters the history as a whole, when its reply is there; one that fails or is cancelled leaves no trace in it, unless a
 * message has interrupted it. One turn is at work at a time.
 */
export class ChatRuntime {
  readonly id: string
  readonly #chat: Chat
  readonly #whenBusy: WhenBusy
  readonly #events = new Subject<ChatRuntimeEvent>()
  readonly #queue = new TurnQueue()
  #atWork: { readonly turn: ChatTurn; readonly reply: Promise<ChatMessage> } | undefined
  /** The turn that goes on because of an answer, also before it is at work. */
  #goingOn: Promise<ChatMessage | undefined> | undefined

  /** @throws OPTION_INVALID */
  constructor(configuration: RuntimeConfiguration, options: ChatRuntimeOptions = {}) {
    const { id = globalThis.crypto.randomUUID(), history = new InMemoryChatHistory(), whenBusy = 'reject' } = options
    const { clock = systemClock, logger = consoleLogger } = options
    if (typeof id !== 'string' || id === '') throw new OptionError('id', 'a non-empty string', id)
    if (typeof configuration?.invoke !== 'function')
      throw new OptionError('configuration', 'an object with an `invoke` method', configuration)
    this.id = id
    this.#whenBusy = checkMode(whenBusy)
    const emit = (event: OwnEvent): void =>
      this.#events.next({ ...event, runtimeId: id, at: clock.now() } as ChatRuntimeEvent)
    this.#chat = { id, configuration, history, clock, logger, emit }
  }

  /**
   * What happens in this chat, from now on. Only ever nexts: a failure is an event, and rejects `invoke`. What a subscriber throws is an
   * uncaught error, as with every observable; {@link ChatRuntime.on} catches it.
   */
  get events$(): Observable<ChatRuntimeEvent> {
    return this.#events.asObservable()
  }

  /**
   * Calls `handler` for each event of a type; what it throws, or rejects with, goes to the logger. Returns what takes it off again.
   */
  on<T extends ChatRuntimeEventName>(
    type: T,
    handler: (event: Extract<ChatRuntimeEvent, { type: T }>) => unknown,
  ): () => void {
    const report = (thrown: unknown): void =>
      this.#chat.logger.warn(`a listener of "${type}" failed`, ensureError(thrown))
    const subscription = this.#events.subscribe(event => {
      if (event.type !== type) return
      try {
        const pending = handler(event as Extract<ChatRuntimeEvent, { type: T }>)
        if (pending instanceof Promise) pending.catch(report)
      } catch (thrown) {
        report(thrown)
      }
    })
    return () => subscription.unsubscribe()
  }

  /** Who answers. */
  get configuration(): RuntimeConfiguration {
    return this.#chat.configuration
  }

  /** Where the chat is kept, under its {@link ChatRuntime.id}. What is added while a message is being answered counts from the next one on. */
  get history(): ChatHistory {
    return this.#chat.history
  }

  /** What was said so far, every role, the oldest first. */
  get messages(): Promise<readonly ChatMessage[]> {
    return this.#chat.history.load(this.id)
  }

  /** Whether a message is being answered, or waits to be. */
  get isBusy(): boolean {
    return this.#queue.isBusy
  }

  /** The messages that wait until those before them are answered, the next one first. */
  get queued(): readonly ChatMessage[] {
    return this.#queue.waiting.filter(isChatMessage)
  }

  /**
   * Answers a message; a string is one of the user. Rejects with what the configuration failed with, with PAYLOAD_INVALID if that
   * returns no message, with `RUN_CANCELLED` after {@link ChatRuntime.cancel} or if another message has taken its place, with the
   * reason of the signal if that aborts, and with `CHAT_BUSY` (see {@link WhenBusy}) while another message is being answered.
   */
  async invoke(message: ChatMessage | string, options: ChatInvokeOptions = {}): Promise<ChatMessage> {
    return this.#enter({ message: spokenMessage(message) }, options)
  }

  /**
   * Answers a message piece by piece:
   *
   * ```ts
   * for await (const piece of runtime.stream('Tell me a story')) if (piece.type === 'delta') process.stdout.write(piece.text)
   * ```
   */
  stream(message: ChatMessage | string, options: ChatInvokeOptions = {}): ReplyStream {
    const said = spokenMessage(message)
    return new ReplyStream(subscriber => {
      const controller = new AbortController()
      const { signal = controller.signal } = options
      const either = AbortSignal.any([signal, controller.signal])
      this.#enter(
        { message: said, onSpoken: spoken => subscriber.next({ type: 'delta', ...spoken }) },
        { ...options, signal: either },
      ).then(
        reply => {
          subscriber.next({ type: 'message', message: reply })
          subscriber.complete()
        },
        (thrown: unknown) => subscriber.error(thrown),
      )
      return () => controller.abort(chatCancelled(this.id, 'the subscriber has left'))
    })
  }

  /**
   * Gives up the message that is being answered, and with `{ queued: true }` those that wait as well; has no effect if there is none.
   */
  cancel(reason = 'no reason given', options: { readonly queued?: boolean } = {}): void {
    const error = chatCancelled(this.id, reason)
    if (options.queued === true) this.#queue.cancelWaiting(error)
    this.#queue.cancel(error)
  }

  /**
   * Empties the history, in its store too, and ends a turn that an earlier process has left. While a message is being answered it does
   * as {@link WhenBusy} says for messages: it rejects with `CHAT_BUSY`, waits for its turn, or cancels the message first.
   */
  async clear(options: ChatInvokeOptions = {}): Promise<void> {
    const { whenBusy = this.#whenBusy, signal } = options
    const { configuration, history, emit } = this.#chat
    await this.#queue.enter(
      async slot => {
        slot.signal.throwIfAborted()
        slot.seal()
        await configuration.turns?.clear(this.id)
        await history.clear(this.id)
        slot.leave()
        emit({ type: 'runtime.cleared' })
      },
      { whenBusy: checkMode(whenBusy), signal, refusal: () => chatBusy(this.id, 'be cleared') },
    )
  }

  /** What the chat waits for from outside: the turn at work, or the one that an earlier process has left. */
  get pending(): Promise<readonly OpenRequest[]> {
    return this.#pending()
  }

  /**
   * Approves what the chat waits for; resolves when the answer counts. A turn that an earlier process has left goes on with it. Rejects
   * with REQUEST_UNKNOWN if nothing of this name is open (any more).
   */
  async approve(request: ApprovalRef, decision: Decision = {}): Promise<void> {
    const answer = { kind: 'decision', approved: true, decision } as const
    await this.#answer(request, answer, desk => desk.approve(request, decision))
  }

  /** Rejects what the chat waits for; otherwise like {@link ChatRuntime.approve}. */
  async reject(request: ApprovalRef, decision: Decision = {}): Promise<void> {
    const answer = { kind: 'decision', approved: false, decision } as const
    await this.#answer(request, answer, desk => desk.reject(request, decision))
  }

  /** Sends the payload that the chat waits for; otherwise like {@link ChatRuntime.approve}. Rejects with PAYLOAD_INVALID, too. */
  async signal<TSignal>(request: SignalRef<TSignal> | OpenRequest | string, payload: NoInfer<TSignal>): Promise<void> {
    // What a desk takes is checked when it arrives there.
    const ref = request as OpenRequest | string
    await this.#answer(request, { kind: 'signal', payload }, desk => desk.signal(ref, payload))
  }

  /**
   * Goes on with the turn that an earlier process has left, or waits for the one at work, and returns its reply; `undefined` if there
   * is none. Rejects as `invoke` does, and with RUN_BUSY if another process is at work on the turn: that one tells the reply, and enters
   * it in the history. An answer that was given before counts all the same.
   */
  async resume(options: Pick<ChatInvokeOptions, 'signal'> = {}): Promise<ChatMessage | undefined> {
    const reply = this.#atWork?.reply ?? this.#goingOn
    if (reply !== undefined) return reply
    const { turns } = this.#chat.configuration
    if (turns === undefined) return undefined
    return this.#queue.enter(
      async slot => {
        const found = await leftOver(this.#chat, turns)
        if (found === undefined || 'reply' in found) return found?.reply
        return this.#perform(slot, { message: found.left.message, left: found.left })
      },
      { whenBusy: 'enqueue', signal: options.signal, refusal: () => chatBusy(this.id, 'go on') },
    )
  }

  async #enter(subject: TurnSubject, options: ChatInvokeOptions): Promise<ChatMessage> {
    const { whenBusy = this.#whenBusy, signal } = options
    const { message } = subject
    const { emit, configuration } = this.#chat
    const { turns } = configuration
    checkMode(whenBusy)
    return this.#queue.enter(
      async slot => {
        if (turns !== undefined) await this.#clearTheWay(slot, turns, whenBusy)
        return this.#perform(slot, subject)
      },
      {
        whenBusy,
        signal,
        label: message,
        refusal: () => chatBusy(this.id, 'answer another message'),
        onWait: () => emit({ type: 'runtime.queued', message }),
        onDrop: reason => emit({ type: 'runtime.cancelled', reason: cancelReason(reason), message, kept: false }),
      },
    )
  }

  /** A turn that an earlier process has left is in the way just as one that is at work. */
  async #clearTheWay(slot: Slot, turns: KeptTurns, whenBusy: WhenBusy): Promise<void> {
    const found = await leftOver(this.#chat, turns)
    if (found === undefined || 'reply' in found) return
    const { left } = found
    if (whenBusy === 'reject') throw leftUnfinished(this.id, left.id)
    if (whenBusy === 'enqueue') {
      const inner: Slot = {
        signal: slot.signal,
        get yields() {
          return slot.yields
        },
        seal: () => undefined,
        leave: () => undefined,
      }
      // How it ends is told in the events; the message that waits is answered in any case.
      await this.#perform(inner, { message: left.message, left }).catch(() => undefined)
      return
    }
    const keep = whenBusy === 'interrupt' ? [withDetails(left.message, { turn: left.id })] : []
    await abandonLeftOver(this.#chat, turns, left, 'another message came in', keep)
  }

  async #perform(slot: Slot, subject: TurnSubject): Promise<ChatMessage> {
    const turn = new ChatTurn(this.#chat, slot, subject)
    const ended = (): void => {
      if (this.#atWork?.turn === turn) this.#atWork = undefined
    }
    const reply = turn.toEnd()
    this.#atWork = { turn, reply }
    reply.then(ended, ended)
    return reply
  }

  async #pending(): Promise<readonly OpenRequest[]> {
    const open = this.#desks.flatMap(desk => desk.requests)
    if (open.length > 0) return open
    return (await this.#chat.configuration.turns?.unfinished(this.id))?.requests ?? []
  }

  async #answer(request: unknown, answer: TurnAnswer, give: (desk: AnswerDesk) => Promise<void>): Promise<void> {
    // Who has just heard of a request may answer at once: by then it is open.
    await Promise.resolve()
    for (const desk of this.#desks) {
      try {
        return await give(desk)
      } catch (thrown) {
        if (!isRequestUnknown(thrown)) throw thrown
      }
    }
    const { turns } = this.#chat.configuration
    const left = await turns?.unfinished(this.id)
    if (turns === undefined || left === undefined) throw requestUnknown(request, await this.#pending())
    await turns.answer(left, request, answer)
    if (!this.isBusy) this.#goOn()
  }

  #goOn(): void {
    const { logger, id } = this.#chat
    const reply = this.resume()
    this.#goingOn = reply
    const over = (): void => {
      if (this.#goingOn === reply) this.#goingOn = undefined
    }
    // Whoever wants the reply asks for it; another process that is at work on the turn goes on with it itself, and who cancels knows.
    reply.then(over, (thrown: unknown) => {
      over()
      const isNoNews = OrchestrationError.isInstance(thrown) && ['RUN_BUSY', 'RUN_CANCELLED'].includes(thrown.code)
      if (!isNoNews) logger.warn(`chat "${id}" could not go on`, ensureError(thrown))
    })
  }

  get #desks(): readonly AnswerDesk[] {
    return this.#atWork?.turn.desks ?? []
  }
}
