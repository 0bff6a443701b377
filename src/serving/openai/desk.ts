import type { Principal } from '../principal.js'
import type { ServerContext } from '../server-context.js'
import type { Answer } from './answer.js'
import { ApiError, noRetry } from './api-error.js'
import type { Asked } from './asked.js'
import { ChatDesk } from './chat-desk.js'
import { decisionIn } from './decision.js'
import { type QuestionLink, QuestionLinks } from './question-link.js'
import { RunDesk } from './run-desk.js'
import type { ServedModel } from './served-model.js'

/** Begins the answers to what clients ask. */
export class Desk {
  readonly #links: QuestionLinks
  readonly #runs: RunDesk
  readonly #chats: ChatDesk

  constructor(server: ServerContext) {
    this.#links = new QuestionLinks(server.host.store)
    this.#runs = new RunDesk(server, this.#links)
    this.#chats = new ChatDesk(server, this.#links)
  }

  /**
   * Begins an answer: a run or a turn of a chat, or what goes on because a question has been answered. Everything that can be refused is
   * refused by now.
   * @throws ApiError, Problem, PAYLOAD_INVALID
   */
  async begin(principal: Principal, model: ServedModel, asked: Asked): Promise<Answer> {
    const question = asked.before.at(-1)
    const link =
      question?.role === 'assistant' ? await this.#links.read(question.content, principal.tenant, model.id) : undefined
    const goesOn = link === undefined ? undefined : await this.#goOn(principal, model, asked, link)
    if (goesOn !== undefined) return goesOn
    return model.kind === 'chat'
      ? this.#chats.begin(principal, model, asked)
      : this.#runs.begin(principal, model, asked)
  }

  /** What follows from an answer to a question; `undefined` if the message is a new one, and answers nothing. */
  async #goOn(
    principal: Principal,
    model: ServedModel,
    asked: Asked,
    link: QuestionLink | 'foreign',
  ): Promise<Answer | undefined> {
    const decision = decisionIn(asked.last.content)
    if (link === 'foreign') {
      if (decision !== undefined) throw notAsked(model)
      return undefined
    }
    // The seal is that of the model, so the link is of its kind.
    const found =
      model.kind === 'chat'
        ? await this.#chats.goOn(principal, model, asked, link, decision)
        : await this.#runs.goOn(principal, model, asked, link, decision)
    if (found === undefined && decision !== undefined) throw notOpen(link)
    return found
  }
}

function notAsked({ id }: ServedModel): ApiError {
  const message = `The question before this message is none that model "${id}" of this server has asked this caller.`
  return new ApiError(400, { message, param: 'messages', code: 'question_unknown' })
}

function notOpen({ kind, id, requestId }: QuestionLink): ApiError {
  const message = `Request "${requestId}" of ${kind} "${id}" is not open: it has been answered already, or does not wait any more.`
  return new ApiError(409, { message, param: 'messages', code: 'request_not_open', headers: noRetry })
}
