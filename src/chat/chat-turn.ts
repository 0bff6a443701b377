import type { Clock, Logger, OpenRequest } from '../core/index.js'
import { eventError, untilAborted } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import type { ChatHistory } from './chat-history.js'
import { type ChatMessage, replyMessage, withDetails } from './chat-message.js'
import type { ConfigurationEvent, OwnEvent } from './chat-runtime-event.js'
import { ConversationRequests } from './conversation-requests.js'
import type { KeptTurns, ResumedTurn, UnfinishedTurn } from './kept-turns.js'
import { PartialReply, type Spoken, spokenIn } from './partial-reply.js'
import { RequestAnnouncer } from './request-announcer.js'
import type { AnswerDesk, ChatConversation, RuntimeConfiguration } from './runtime-configuration.js'
import type { Slot } from './turn-queue.js'

/** The chat that a turn belongs to. */
export interface Chat {
  readonly id: string
  readonly configuration: RuntimeConfiguration
  readonly history: ChatHistory
  readonly clock: Clock
  readonly logger: Logger
  emit(event: OwnEvent): void
}

/** What a turn is about. */
export interface TurnSubject {
  readonly message: ChatMessage
  /** The turn that an earlier process has left, if it is one. */
  readonly left?: UnfinishedTurn
  /** Hears the text of the reply as it comes. */
  readonly onSpoken?: ((spoken: Spoken) => void) | undefined
}

/** A message, and what it takes to answer it. */
export class ChatTurn {
  readonly #chat: Chat
  readonly #slot: Slot
  readonly #subject: TurnSubject
  readonly #id: string
  readonly #recorded: ChatMessage[] = []
  readonly #partial = new PartialReply()
  readonly #announcer = new RequestAnnouncer()
  readonly #questions: ConversationRequests
  readonly #desks: AnswerDesk[]
  #over = false
  #isAnswered = false

  constructor(chat: Chat, slot: Slot, subject: TurnSubject) {
    this.#chat = chat
    this.#slot = slot
    this.#subject = subject
    this.#id = subject.left?.id ?? globalThis.crypto.randomUUID()
    this.#questions = new ConversationRequests(chat.clock, request => this.#announce(request))
    this.#desks = [this.#questions]
  }

  /** What can be answered while the turn is at work. */
  get desks(): readonly AnswerDesk[] {
    return this.#desks
  }

  /**
   * Answers the message; the turn is in the history as a whole when it resolves. A turn that was left, and cannot be taken up, rejects
   * before anything has happened.
   */
  async toEnd(): Promise<ChatMessage> {
    const { message, left } = this.#subject
    const { emit } = this.#chat
    if (left === undefined) {
      emit({ type: 'runtime.started', message })
      return this.#settled(() => this.#reply())
    }
    const { reply } = await this.#takeUp(left)
    emit({ type: 'runtime.resumed', message })
    for (const request of left.requests) this.#announce(request)
    return this.#settled(async () => replyMessage(await reply))
  }

  async #settled(work: () => Promise<ChatMessage>): Promise<ChatMessage> {
    const { message } = this.#subject
    const { signal } = this.#slot
    try {
      signal.throwIfAborted()
      const reply = this.#marked(await untilAborted(work(), signal))
      // From here on it is too late to cancel: what is in the history has been said.
      this.#slot.seal()
      this.#over = true
      this.#isAnswered = true
      await this.#enter([this.#marked(message), ...this.#recorded, reply])
      await this.#settle('completed')
      this.#end({ type: 'runtime.completed', message: reply })
      return reply
    } catch (thrown) {
      this.#over = true
      this.#slot.seal()
      if (signal.aborted) throw await this.#cancelled(thrown)
      // A reply that could not be written down is not lost if the turn is kept.
      if (!this.#isAnswered) await this.#settle('failed')
      throw this.#failed(thrown)
    }
  }

  async #enter(said: readonly ChatMessage[]): Promise<void> {
    const { configuration, history, id } = this.#chat
    if (configuration.turns === undefined) return history.append(id, said)
    await configuration.turns.enter(id, this.#id, async () => {
      const isThere = (await history.load(id)).some(({ turn }) => turn === this.#id)
      if (!isThere) await history.append(id, said)
    })
  }

  async #reply(): Promise<ChatMessage> {
    const { configuration, history, id } = this.#chat
    const { signal } = this.#slot
    const conversation = this.#conversation(await history.load(id))
    signal.throwIfAborted()
    return replyMessage(
      await configuration.invoke(this.#subject.message, event => this.#hear(event), signal, conversation),
    )
  }

  async #takeUp(left: UnfinishedTurn): Promise<ResumedTurn> {
    const { configuration, history, id } = this.#chat
    const { signal } = this.#slot
    const conversation = this.#conversation(await history.load(id))
    // A turn was left, so there is somebody who keeps turns. If it is cancelled by now, its work ends as soon as it is taken up.
    return (configuration.turns as KeptTurns).resume(left, conversation, event => this.#hear(event), signal)
  }

  #conversation(messages: readonly ChatMessage[]): ChatConversation {
    const { id } = this.#chat
    const { signal } = this.#slot
    return {
      id,
      turnId: this.#id,
      messages,
      record: (...recorded) => {
        if (this.#over || signal.aborted) return
        this.#recorded.push(...recorded.map(message => this.#marked(message)))
        this.#partial.forget()
      },
      attend: desk => void this.#desks.push(desk),
      requestApproval: (name, question) => this.#questions.ask(name, question, signal),
    }
  }

  #hear(event: ConfigurationEvent): void {
    if (this.#over || this.#slot.signal.aborted) return
    this.#partial.hear(event)
    this.#chat.emit(event)
    const spoken = spokenIn(event)
    if (spoken !== undefined) this.#subject.onSpoken?.(spoken)
    const request = event.type === 'runtime.orchestration' ? this.#announcer.read(event.event) : undefined
    if (request !== undefined) this.#announce(request)
  }

  #announce(request: OpenRequest): void {
    const type = request.kind === 'approval' ? 'runtime.approval.requested' : 'runtime.signal.requested'
    this.#chat.emit({ type, request })
  }

  /** Where turns outlive the process, messages tell to which they belong, so that none enters the history twice. */
  #marked(message: ChatMessage): ChatMessage {
    return this.#chat.configuration.turns === undefined ? message : withDetails(message, { turn: this.#id })
  }

  /** The turn was cancelled; what it is rejected with. */
  async #cancelled(thrown: unknown): Promise<unknown> {
    const { message } = this.#subject
    const { history, id } = this.#chat
    const { yields, signal } = this.#slot
    const kept = yields === 'interrupt'
    try {
      if (kept) await history.append(id, [this.#marked(message), ...this.#recorded, ...this.#partialMessages])
    } catch (failure) {
      await this.#settle('cancelled')
      return this.#failed(failure)
    }
    await this.#settle('cancelled')
    this.#end({ type: 'runtime.cancelled', reason: cancelReason(signal.reason), message, kept })
    return thrown
  }

  get #partialMessages(): readonly ChatMessage[] {
    return this.#partial.messages.map(message => this.#marked(message))
  }

  #failed(thrown: unknown): unknown {
    const error = ensureError(thrown)
    this.#end({ type: 'runtime.failed', error: eventError(error), errorMessage: error.message })
    return thrown
  }

  /** What cannot be forgotten now is recognised later by its place in the history, and forgotten then. */
  async #settle(outcome: 'completed' | 'failed' | 'cancelled'): Promise<void> {
    const { configuration, id, logger } = this.#chat
    try {
      await configuration.turns?.settle(id, this.#id, outcome)
    } catch (thrown) {
      logger.warn(`the turn "${this.#id}" of chat "${id}" could not be settled`, ensureError(thrown))
    }
  }

  /** A listener of the last event may already send the next message. */
  #end(event: OwnEvent): void {
    this.#slot.leave()
    this.#chat.emit(event)
  }
}

/** Why something was cancelled, in words. */
export function cancelReason(reason: unknown): string {
  const given = OrchestrationError.isInstance(reason) ? reason.details['reason'] : undefined
  return typeof given === 'string' ? given : ensureError(reason).message
}
