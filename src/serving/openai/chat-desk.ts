import { randomUUID } from 'node:crypto'
import type { ChatRuntime } from '../../chat/index.js'
import type { OpenRequest } from '../../core/index.js'
import type { GivenAnswer } from '../answer-request.js'
import type { Principal } from '../principal.js'
import { requireScope } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import type { Answer } from './answer.js'
import type { Asked } from './asked.js'
import { ChatAnswer, chatQuestion } from './chat-answer.js'
import type { Decision } from './decision.js'
import { FixedAnswer } from './fixed-answer.js'
import { giveFirstFitting, givenAnswers } from './given-answers.js'
import { HeldTurns } from './held-turns.js'
import { type QuestionLink, type QuestionLinks, withoutLinks } from './question-link.js'
import { notUnderstood } from './question-text.js'
import type { ChatModel } from './served-model.js'
import { ServedTurn } from './served-turn.js'

/** Begins the answers of chats. */
export class ChatDesk {
  readonly #links: QuestionLinks
  readonly #turns: HeldTurns

  constructor(server: ServerContext, links: QuestionLinks) {
    this.#links = links
    this.#turns = new HeldTurns(server)
  }

  /** Makes a chat of what was said, and sends it the last message. */
  async begin(principal: Principal, model: ChatModel, asked: Asked): Promise<Answer> {
    const id = randomUUID()
    const runtime = model.open(principal, id)
    if (runtime.isBusy || (await runtime.messages).length > 0) {
      // Otherwise one conversation would be told to another.
      throw new Error(
        `What makes chats "${model.id}" has returned one that is in use: it has to make a new one each time.`,
      )
    }
    await runtime.history.append(runtime.id, withoutLinks(asked.before))
    const turn = new ServedTurn(runtime)
    void turn.endWith(runtime.invoke(asked.last))
    return this.#answerOf(principal, model, turn, asked, { isKept: runtime.id === id, from: asked.before.length })
  }

  /** Goes on with a turn that has asked; `undefined` if it does not wait for that (any more). */
  async goOn(
    principal: Principal,
    model: ChatModel,
    asked: Asked,
    link: QuestionLink,
    decision: Decision | undefined,
  ): Promise<Answer | undefined> {
    const held = this.#turns.find(link.id, principal.tenant, model.id)
    const runtime = held?.runtime ?? (await this.#madeAgain(principal, model, asked, link))
    const request = (await runtime?.pending)?.find(each => each.id === link.requestId)
    if (runtime === undefined || request === undefined) return undefined
    if (decision?.kind === 'cancel') {
      this.#turns.release(link.id)
      if (held === undefined) await runtime.clear()
      else held.cancel(decision.reason ?? `cancelled by ${principal.name}`)
      return new FixedAnswer('Cancelled.')
    }
    const answers = givenAnswers(request.kind, asked.last, decision)
    if (answers.length === 0) {
      const line = await this.#links.write(link, principal.tenant, model.id)
      return new FixedAnswer(notUnderstood(chatQuestion(request, line)), { requestId: request.id })
    }
    requireScope(principal, 'approve')
    const turn = held ?? new ServedTurn(runtime)
    try {
      await giveFirstFitting(answers, answer => give(runtime, request, answer, principal.name))
    } catch (thrown) {
      if (held === undefined) turn.close()
      throw thrown
    }
    this.#turns.release(link.id)
    if (held === undefined) void turn.endWith(runtime.resume())
    return this.#answerOf(principal, model, turn, asked, { isKept: held === undefined, from: link.from })
  }

  /** The chat that a question was asked in, if its turn is kept. */
  async #madeAgain(
    principal: Principal,
    model: ChatModel,
    { before }: Asked,
    { id, from }: QuestionLink,
  ): Promise<ChatRuntime | undefined> {
    const runtime = model.open(principal, id)
    if (runtime.id !== id || runtime.configuration.turns === undefined) return undefined
    if ((await runtime.messages).length === 0) await runtime.history.append(id, withoutLinks(before.slice(0, from)))
    return runtime
  }

  #answerOf(
    { tenant }: Principal,
    model: ChatModel,
    turn: ServedTurn,
    { progress }: Asked,
    { isKept, from }: { readonly isKept: boolean; readonly from: number },
  ): Answer {
    const { id: chatId, configuration } = turn.runtime
    return new ChatAnswer({
      turn,
      progress,
      hold: async ({ id: requestId }) => {
        // What rests in its store needs no place here, and is found by whoever gets the answer.
        const rests = isKept && (await configuration.turns?.putAside?.(chatId)) === true
        if (rests) turn.close()
        const id = rests ? chatId : this.#turns.hold(turn, tenant, model.id)
        return this.#links.write({ kind: 'conversation', id, requestId, from }, tenant, model.id)
      },
    })
  }
}

async function give(
  runtime: ChatRuntime,
  request: OpenRequest,
  { approved, reason: comment, data, payload }: GivenAnswer,
  by: string,
): Promise<void> {
  if (request.kind === 'signal') return runtime.signal(request, payload)
  const said = { ...(comment === undefined ? {} : { comment }), ...(data === undefined ? {} : { data }) }
  if (approved === true) return runtime.approve(request, { by, ...said })
  return runtime.reject(request, { by, ...said })
}
