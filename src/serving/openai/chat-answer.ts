import {
  type ChatRuntime,
  ConcurrentRuntimeConfiguration,
  OrchestrationRuntimeConfiguration,
  SequentialRuntimeConfiguration,
} from '../../chat/index.js'
import type { OpenRequest } from '../../core/index.js'
import { OrchestrationError } from '../../errors/index.js'
import { Problem, problemOf } from '../problem.js'
import { wireValue } from '../wire-value.js'
import type { Answer, AnswerPiece } from './answer.js'
import { ApiError, noRetry } from './api-error.js'
import { progressLine } from './progress-line.js'
import { questionText } from './question-text.js'
import type { ServedTurn } from './served-turn.js'
import { type Answers, answersOf, SpokenAnswer } from './spoken-answer.js'

/** What an answer is made from. */
export interface ChatAnswerOptions {
  readonly turn: ServedTurn
  readonly progress: boolean
  /** Keeps the turn waiting, and makes the line by which the answer to a question finds back to it. */
  readonly hold: (request: OpenRequest) => Promise<string>
}

/** The answer of a chat runtime: what its agent says, then its reply; or a question, as soon as it waits for a person. */
export class ChatAnswer implements Answer {
  readonly #options: ChatAnswerOptions
  readonly #left = new AbortController()

  constructor(options: ChatAnswerOptions) {
    this.#options = options
  }

  async *pieces(): AsyncIterableIterator<AnswerPiece> {
    const { turn, progress, hold } = this.#options
    const spoken = new SpokenAnswer(answersIn(turn.runtime))
    const usage = { input: 0, output: 0 }
    for (;;) {
      const next = await turn.next(this.#left.signal)
      if (next === undefined || next.type === 'gone') throw nobodyWaits()
      if (next.type === 'failed') throw failure(next.error)
      if (next.type === 'reply') {
        const { content } = next.message
        const rest = spoken.rest(content)
        if (rest !== '') yield { type: 'text', text: rest }
        yield { type: 'end', text: content, usage }
        return
      }
      if (next.type === 'request') {
        const { request } = next
        // Somebody else may have answered it by now.
        if (!(await isOpen(turn.runtime, request))) continue
        const question = chatQuestion(request, await hold(request))
        yield { type: 'text', text: spoken.rest(question) }
        yield { type: 'end', text: question, usage, requestId: request.id }
        return
      }
      const { event } = next
      if (event.type === 'agent.usage') {
        usage.input += event.inputTokens
        usage.output += event.outputTokens
      }
      const text = spoken.hear(event)
      if (text !== '') yield { type: 'text', text }
      const line = progress ? progressLine(event) : ''
      if (line !== '') yield { type: 'progress', text: line }
    }
  }

  leave(): void {
    this.#left.abort()
  }

  async cancel(reason: string): Promise<void> {
    this.leave()
    this.#options.turn.cancel(reason)
  }
}

/** What a chat asks a person, as a message. */
export function chatQuestion({ kind, stateName, message, input }: OpenRequest, link: string): string {
  const subject = input === undefined ? undefined : wireValue(input)
  return questionText({ kind, stateName, message, subject }, link)
}

async function isOpen(runtime: ChatRuntime, { id }: OpenRequest): Promise<boolean> {
  return (await runtime.pending).some(each => each.id === id)
}

/** Whose words may be the reply: with several agents that can be told only when it is there. */
function answersIn({ configuration }: ChatRuntime): Answers {
  if (configuration instanceof OrchestrationRuntimeConfiguration) return answersOf(configuration.orchestration.graph)
  const isOne = !(
    configuration instanceof SequentialRuntimeConfiguration || configuration instanceof ConcurrentRuntimeConfiguration
  )
  return () => isOne
}

/** Why there is no reply, as far as that is for clients. */
function failure(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const problem = problemOf(thrown)
  if (problem.status < 500 || !OrchestrationError.isInstance(thrown)) return problem
  const { message, code } = thrown
  return new ApiError(500, { message, code: code.toLowerCase(), type: 'server_error', headers: noRetry })
}

function nobodyWaits(): OrchestrationError {
  return new OrchestrationError('Nobody waits for this answer any more.', { code: 'RUN_CANCELLED' })
}
