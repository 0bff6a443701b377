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
    const runtime = model.open(principal)
    if (runtime.isBusy || (await runtime.messages).length > 0) {
      // Otherwise one conversation would be told to another.
      throw new Error(
        `What makes chats "${model.id}" has returned one that is in use: it has to make a new one each time.`,
      )
    }
    await runtime.history.append(runtime.id, withoutLinks(asked.before))
    return this.#answerOf(principal, model, new ServedTurn(runtime, asked.last), asked)
  }

  /** Goes on with a turn that has asked; `undefined` if it does not wait for that (any more). */
  async goOn(
    principal: Principal,
    model: ChatModel,
    asked: Asked,
    link: QuestionLink,
    decision: Decision | undefined,
  ): Promise<Answer | undefined> {
    const { tenant, name: by } = principal
    const turn = this.#turns.find(link.id, tenant, model.id)
    const request = (await turn?.runtime.pending)?.find(each => each.id === link.requestId)
    if (turn === undefined || request === undefined) return undefined
    if (decision?.kind === 'cancel') {
      this.#turns.release(link.id)
      turn.cancel(decision.reason ?? `cancelled by ${by}`)
      return new FixedAnswer('Cancelled.')
    }
    const answers = givenAnswers(request.kind, asked.last, decision)
    if (answers.length === 0) {
      const line = await this.#links.write(link, tenant, model.id)
      return new FixedAnswer(notUnderstood(chatQuestion(request, line)), { requestId: request.id })
    }
    requireScope(principal, 'approve')
    await giveFirstFitting(answers, async ({ approved, reason: comment, data, payload }) => {
      if (request.kind === 'signal') return turn.runtime.signal(request, payload)
      const said = { ...(comment === undefined ? {} : { comment }), ...(data === undefined ? {} : { data }) }
      if (approved === true) return turn.runtime.approve(request, { by, ...said })
      return turn.runtime.reject(request, { by, ...said })
    })
    this.#turns.release(link.id)
    return this.#answerOf(principal, model, turn, asked)
  }

  #answerOf({ tenant }: Principal, model: ChatModel, turn: ServedTurn, { progress }: Asked): Answer {
    return new ChatAnswer({
      turn,
      progress,
      hold: async request => {
        const id = this.#turns.hold(turn, tenant, model.id)
        return this.#links.write({ kind: 'conversation', id, requestId: request.id, from: 0 }, tenant, model.id)
      },
    })
  }
}
