import type { ChatMessage } from '../../chat/index.js'
import { OrchestrationError } from '../../errors/index.js'
import type { GivenAnswer } from '../answer-request.js'
import { type Decision, payloadsIn } from './decision.js'

/** What a message may answer to a request, the likeliest first; nothing if it is no answer to that. */
export function givenAnswers(
  kind: 'approval' | 'signal',
  message: ChatMessage,
  decision: Decision | undefined,
): readonly GivenAnswer[] {
  if (kind === 'signal') {
    const payloads = decision?.kind === 'payload' ? [decision.payload] : payloadsIn(message.content)
    return payloads.map(payload => ({ payload }))
  }
  if (decision?.kind !== 'decision') return []
  const { approved, reason, data } = decision
  return [{ approved, ...(reason === undefined ? {} : { reason }), ...(data === undefined ? {} : { data }) }]
}

/** Gives the first answer that fits. @throws what the first one was refused with, if none does */
export async function giveFirstFitting(
  answers: readonly GivenAnswer[],
  give: (answer: GivenAnswer) => Promise<unknown>,
): Promise<void> {
  let refusal: unknown
  for (const answer of answers) {
    try {
      await give(answer)
      return
    } catch (thrown) {
      if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'PAYLOAD_INVALID') throw thrown
      refusal ??= thrown
    }
  }
  throw refusal as Error
}
