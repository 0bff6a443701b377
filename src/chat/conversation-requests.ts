import {
  type ApprovalOutcome,
  type ApprovalQuestion,
  type ApprovalRef,
  Approved,
  type Clock,
  type Decision,
  Expired,
  type OpenRequest,
  Rejected,
} from '../core/index.js'
import { untilAborted } from '../core/internal.js'
import { requestUnknown } from './request-unknown.js'
import type { AnswerDesk } from './runtime-configuration.js'

interface OpenQuestion {
  readonly request: OpenRequest
  answer(approved: boolean, decision: Decision): void
}

/** What a turn asks the person in the chat itself, without an orchestration. */
export class ConversationRequests implements AnswerDesk {
  readonly #clock: Clock
  readonly #onRequest: (request: OpenRequest) => void
  readonly #open = new Map<string, OpenQuestion>()
  #count = 0

  constructor(clock: Clock, onRequest: (request: OpenRequest) => void) {
    this.#clock = clock
    this.#onRequest = onRequest
  }

  get requests(): readonly OpenRequest[] {
    return [...this.#open.values()].map(({ request }) => request)
  }

  /** Asks, and waits for the decision. */
  async ask<T>(name: string, question: ApprovalQuestion<T>, signal: AbortSignal): Promise<ApprovalOutcome<T>> {
    const { message, subject, timeoutMs } = question
    signal.throwIfAborted()
    const id = `${name}#${++this.#count}`
    const until = timeoutMs === undefined ? undefined : this.#clock.now() + timeoutMs
    const request: OpenRequest = { id, kind: 'approval', stateName: name, input: subject, message, until }
    const decided = new Promise<ApprovalOutcome<T>>(resolve => {
      const answer = (approved: boolean, decision: Decision): void =>
        resolve(approved ? new Approved(subject, decision) : new Rejected(subject, decision))
      this.#open.set(id, { request, answer })
    })
    let expire = (_outcome: ApprovalOutcome<T>): void => {}
    const expired = new Promise<ApprovalOutcome<T>>(resolve => {
      expire = resolve
    })
    const timer =
      timeoutMs === undefined ? undefined : this.#clock.setTimeout(() => expire(new Expired(subject)), timeoutMs)
    try {
      this.#onRequest(request)
      return await untilAborted(Promise.race([decided, expired]), signal)
    } finally {
      this.#clock.clearTimeout(timer)
      this.#open.delete(id)
    }
  }

  async approve(ref: ApprovalRef, decision: Decision = {}): Promise<void> {
    this.#take(ref).answer(true, decision)
  }

  async reject(ref: ApprovalRef, decision: Decision = {}): Promise<void> {
    this.#take(ref).answer(false, decision)
  }

  async signal(ref: OpenRequest | string): Promise<void> {
    throw requestUnknown(ref, [])
  }

  #take(ref: unknown): OpenQuestion {
    const { id = ref, requestId = id } = (typeof ref === 'object' && ref !== null ? ref : {}) as {
      readonly id?: unknown
      readonly requestId?: unknown
    }
    const named = [...this.#open.values()].filter(({ request }) => request.stateName === ref)
    const found = this.#open.get(String(requestId)) ?? (named.length === 1 ? named[0] : undefined)
    if (found === undefined) throw requestUnknown(ref, this.requests)
    this.#open.delete(found.request.id)
    return found
  }
}
