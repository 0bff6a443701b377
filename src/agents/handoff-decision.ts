import { OrchestrationError } from '../errors/index.js'
import type { Handoff } from './agent.js'
import { handoffReason } from './handoff.js'
import type { ToolCall } from './model-message.js'

/** What comes of the handoffs among the calls of a turn. */
export interface HandoffDecision<TOut> {
  /** Who goes on; nobody else if it is missing. */
  readonly to?: Handoff<TOut>
  readonly reason?: string | undefined
  /** What those calls are answered with, by their place among the calls. */
  readonly answers: ReadonlyMap<number, string>
  /** Whether there were too many. */
  readonly refused: boolean
}

/** What a decision goes by. */
export interface HandoffSituation<TOut> {
  /** All handoffs of the agent. */
  readonly known: readonly Handoff<TOut>[]
  /** Those of them that the model was offered. */
  readonly offered: readonly Handoff<TOut>[]
  /** How many have happened. */
  readonly count: number
  readonly max: number
}

/** Decides about the handoffs among the calls of a turn: the first that may be counts, and every call gets an answer. */
export function decideHandoff<TOut>(
  calls: readonly ToolCall[],
  { known, offered, count, max }: HandoffSituation<TOut>,
): HandoffDecision<TOut> {
  const answers = new Map<number, string>()
  let to: Handoff<TOut> | undefined
  let reason: string | undefined
  let refused = false
  for (const [index, call] of calls.entries()) {
    if (!known.some(each => each.name === call.name)) continue
    const wanted = offered.find(each => each.name === call.name)
    if (to !== undefined) {
      answers.set(index, `Error: there is one handoff at a time, and this one went to ${to.agent.name}.`)
    } else if (count >= max) {
      refused = true
      answers.set(index, `Error: the conversation has been handed over too often already. Answer it yourself.`)
    } else if (wanted === undefined) {
      answers.set(index, `Error: "${call.name}" is not possible at the moment.`)
    } else {
      to = wanted
      reason = handoffReason(call)
      answers.set(index, `${to.agent.name} goes on with the conversation.`)
    }
  }
  return { ...(to === undefined ? {} : { to, reason }), answers, refused }
}

/** A model went on handing over although it was told that it must not. */
export function handoffRefused(agent: string, max: number, called: readonly string[]): OrchestrationError {
  return new OrchestrationError(
    `Agent "${agent}" wants to hand the conversation over once more (${called.join(', ')}), although ${max} handoff` +
      `${max === 1 ? ' has' : 's have'} happened, which is all that \`maxHandoffs\` allows, and it was told to answer itself. Raise ` +
      'it, or tell the agents in their instructions who does what.',
    { code: 'HANDOFF_REFUSED', details: { agent, maxHandoffs: max, called } },
  )
}
