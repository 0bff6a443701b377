import type { OrchestrationEvent } from '../../core/index.js'
import type { OpenRunRequest, RunRecord } from '../../durability/index.js'
import { plainOf } from '../../durability/internal.js'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { openRequests } from '../answer-request.js'
import { RunEvents } from '../live/run-events.js'
import { waitsForPeople } from '../rest/execution-status.js'
import type { ServerContext } from '../server-context.js'
import { wireValue } from '../wire-value.js'
import type { Answer, AnswerPiece } from './answer.js'
import { ApiError, noRetry } from './api-error.js'
import { progressLine } from './progress-line.js'
import { questionText } from './question-text.js'
import type { RunModel } from './served-model.js'
import { SpokenAnswer } from './spoken-answer.js'

/** What an answer is made from. */
export interface RunAnswerOptions {
  readonly server: ServerContext
  readonly record: RunRecord
  /** The number of the first event that counts. */
  readonly from: number
  readonly model: RunModel
  readonly progress: boolean
  /** Makes the line by which an answer to a question finds back here; `from` is the number of the first event behind it. */
  readonly linkTo: (requestId: string, from: number) => Promise<string>
}

/**
 * The answer of a run, from its journal: what is said in the states that answer, then its output; or a question, once nothing goes on
 * in it before a person has decided.
 */
export class RunAnswer implements Answer {
  readonly #options: RunAnswerOptions
  #events: RunEvents | undefined
  #left = false

  constructor(options: RunAnswerOptions) {
    this.#options = options
  }

  get executionId(): string {
    return this.#options.record.runId
  }

  async *pieces(): AsyncIterableIterator<AnswerPiece> {
    const { server, record, from, model, progress } = this.#options
    const spoken = new SpokenAnswer(await model.answersOf(record))
    const usage = { input: 0, output: 0 }
    const events = await RunEvents.open(server, record, from)
    this.#events = events
    try {
      let next = from
      for (;;) {
        const batch = this.#left ? undefined : await events.next()
        if (batch === undefined) throw over(record.runId)
        for (const event of batch) {
          next = event.seq + 1
          if (event.type === 'agent.usage') {
            usage.input += event.inputTokens
            usage.output += event.outputTokens
          }
          const text = spoken.hear(event)
          if (text !== '') yield { type: 'text', text }
          const line = progress ? progressLine(event, name => server.kinds.nodeId(record, name)) : ''
          if (line !== '') yield { type: 'progress', text: line }
          if (!isEnd(event)) continue
          const output = model.textOf(event.output)
          const rest = spoken.rest(output)
          if (rest !== '') yield { type: 'text', text: rest }
          yield { type: 'end', text: output, usage }
          return
        }
        const request = batch.some(mayStandStill) ? await this.#waitsFor() : undefined
        if (request === undefined) continue
        const question = questionOf(server, record, request, await this.#options.linkTo(request.requestId, next))
        yield { type: 'text', text: spoken.rest(question) }
        yield { type: 'end', text: question, usage, requestId: request.requestId }
        return
      }
    } finally {
      events.close()
    }
  }

  leave(): void {
    this.#left = true
    this.#events?.close()
  }

  async cancel(reason: string): Promise<void> {
    this.leave()
    const { server, record } = this.#options
    try {
      await server.host.cancel(record.runId, reason)
    } catch (thrown) {
      server.logger.warn(`Execution ${record.runId} could not be cancelled`, ensureError(thrown))
    }
  }

  /** What has waited longest for a person, if nothing else goes on; an answer that has been given is something that goes on. */
  async #waitsFor(): Promise<OpenRunRequest | undefined> {
    const { server, record } = this.#options
    const { host } = server
    const [request] = await openRequests(server, record)
    if (request === undefined) return undefined
    const journal = await host.journalOf(record.runId)
    if (!waitsForPeople(await journal.stateAt(record.runId))) return undefined
    return (await host.store.answers(record.runId)).length > 0 ? undefined : request
  }
}

/** A question to a person, as a message. */
export function questionOf(
  { kinds }: ServerContext,
  record: RunRecord,
  { kind, stateName: state, message, input }: OpenRunRequest,
  link: string,
): string {
  const stateName = kinds.nodeId(record, state) ?? state
  return questionText(
    { kind, stateName, message, subject: wireValue(kinds.subject(record, plainOf(JSON.parse(input)))) },
    link,
  )
}

/** Whether nothing may go on in a run after an event. */
function mayStandStill({ type }: OrchestrationEvent): boolean {
  return !type.startsWith('agent.') && type !== 'custom'
}

/** Whether an event brings the output of the run. @throws ApiError if there will be none */
function isEnd(event: OrchestrationEvent): event is Extract<OrchestrationEvent, { type: 'orchestration.completed' }> {
  if (event.path !== undefined) return false
  if (event.type === 'orchestration.failed') {
    const code = event.error.code?.toLowerCase() ?? 'run_failed'
    throw new ApiError(500, { message: event.errorMessage, code, headers: noRetry })
  }
  if (event.type === 'orchestration.cancelled') {
    const message = `The execution was cancelled: ${event.reason}`
    throw new ApiError(500, { message, code: 'run_cancelled', headers: noRetry })
  }
  return event.type === 'orchestration.completed'
}

function over(runId: string): OrchestrationError {
  return new OrchestrationError(`Nobody waits for execution "${runId}" here any more.`, { code: 'RUN_CANCELLED' })
}
