import type { RunRecord } from '../../durability/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { answerRequest, openRequests } from '../answer-request.js'
import type { Principal } from '../principal.js'
import { resumeRun } from '../resume-run.js'
import { isOf, type ServerContext } from '../server-context.js'
import { checkRoom } from '../start-run.js'
import type { Answer } from './answer.js'
import { ApiError, noRetry } from './api-error.js'
import type { Asked } from './asked.js'
import type { Decision } from './decision.js'
import { FixedAnswer } from './fixed-answer.js'
import { giveFirstFitting, givenAnswers } from './given-answers.js'
import { type QuestionLink, type QuestionLinks, withoutLinks } from './question-link.js'
import { notUnderstood } from './question-text.js'
import { questionOf, RunAnswer } from './run-answer.js'
import type { RunModel } from './served-model.js'

/** Begins the answers of runs. */
export class RunDesk {
  readonly #server: ServerContext
  readonly #links: QuestionLinks

  constructor(server: ServerContext, links: QuestionLinks) {
    this.#server = server
    this.#links = links
  }

  /** Starts a run. */
  async begin(principal: Principal, model: RunModel, asked: Asked): Promise<Answer> {
    const runId = await model.start(principal, [...withoutLinks(asked.before), asked.last])
    return this.#answerOf(principal, model, await this.#server.host.record(runId), asked, 0)
  }

  /** Goes on with a run that has asked; `undefined` if it does not wait for that (any more). */
  async goOn(
    principal: Principal,
    model: RunModel,
    asked: Asked,
    link: QuestionLink,
    decision: Decision | undefined,
  ): Promise<Answer | undefined> {
    const { host } = this.#server
    const record = await host.store.get(link.id)
    if (record === undefined || !isOf(record, principal.tenant) || !model.has(record)) return undefined
    const request = (await openRequests(this.#server, record)).find(each => each.requestId === link.requestId)
    if (request === undefined) return undefined
    const { runId: executionId } = record
    const { requestId } = request
    if (decision?.kind === 'cancel') {
      const isOver = await host.cancel(executionId, decision.reason ?? `cancelled by ${principal.name}`)
      return new FixedAnswer(isOver ? 'Cancelled.' : 'It will be cancelled when its server has heard.', { executionId })
    }
    const answers = givenAnswers(request.kind, asked.last, decision)
    if (answers.length === 0) {
      const line = await this.#links.write(link, principal.tenant, model.id)
      const text = notUnderstood(questionOf(this.#server, record, request, line))
      return new FixedAnswer(text, { executionId, requestId })
    }
    if (record.status === 'paused') throw isPaused(record)
    const isDriven = host.driven(executionId) !== undefined
    if (!isDriven) checkRoom(this.#server, principal.tenant)
    await giveFirstFitting(answers, answer => answerRequest(this.#server, principal, record, requestId, answer))
    if (!isDriven) await this.#takeUp(executionId)
    return this.#answerOf(principal, model, record, asked, link.from)
  }

  #answerOf({ tenant }: Principal, model: RunModel, record: RunRecord, { progress }: Asked, from: number): Answer {
    return new RunAnswer({
      server: this.#server,
      record,
      from,
      model,
      progress,
      linkTo: (requestId, next) =>
        this.#links.write({ kind: 'execution', id: record.runId, requestId, from: next }, tenant, model.id),
    })
  }

  /** Goes on with a run whose process has ended since it asked. */
  async #takeUp(runId: string): Promise<void> {
    try {
      await resumeRun(this.#server, runId)
    } catch (thrown) {
      // Another process goes on with it.
      if (!OrchestrationError.isInstance(thrown) || !['RUN_BUSY', 'RUN_CONFLICT'].includes(thrown.code)) throw thrown
    }
  }
}

function isPaused({ runId }: RunRecord): ApiError {
  const message = `Execution "${runId}" is paused. Resume it, then answer.`
  return new ApiError(409, { message, param: 'messages', code: 'execution_paused', headers: noRetry })
}
