import type { RunContext } from '../core/index.js'
import type { Agent, Handoff } from './agent.js'
import type { AgentVoice } from './agent-voice.js'
import type { Conversation } from './conversation.js'
import { handoffsOf } from './handoff.js'
import { decideHandoff, handoffRefused } from './handoff-decision.js'
import type { KeptWork } from './kept-work.js'
import type { ToolCall } from './model-message.js'

/** The handoffs of an agent in one turn. */
export interface PossibleHandoffs<TOut> {
  readonly known: readonly Handoff<TOut>[]
  /** Those that are possible at the moment. */
  readonly offered: readonly Handoff<TOut>[]
}

/** What came of the handoffs among the calls of a turn. */
export interface HandoffOutcome<TOut> {
  /** Who goes on, if another agent does. */
  readonly to: Handoff<TOut> | undefined
  /** What those calls are answered with, by their place among the calls. */
  readonly answers: ReadonlyMap<number, string>
}

/** What handoffs have to do with. */
interface HandoffEnvironment {
  readonly max: number
  readonly conversation: Conversation
  readonly context: RunContext | undefined
  readonly kept: KeptWork
  readonly voice: AgentVoice
}

/** The handoffs of one conversation: no more than so many, and a model that does not heed that ends it. */
export class HandoffTurns<TOut> {
  readonly #environment: HandoffEnvironment
  #count = 0
  #wasRefused = false

  constructor(environment: HandoffEnvironment) {
    this.#environment = environment
  }

  async possible(agent: Agent<TOut>): Promise<PossibleHandoffs<TOut>> {
    const { max, conversation, context } = this.#environment
    const known = handoffsOf(agent)
    if (known.length === 0 || this.#count >= max) return { known, offered: [] }
    const run = context === undefined ? {} : { run: context }
    const situation = { agent: agent.name, messages: [...conversation.messages], ...run }
    const answers = await Promise.all(known.map(async each => each.when?.(situation) ?? true))
    return { known, offered: known.filter((_, index) => answers[index]) }
  }

  /** Decides about the handoffs among the calls of a turn. @throws HANDOFF_REFUSED */
  async decide(
    agent: string,
    calls: readonly ToolCall[],
    turn: number,
    { known, offered }: PossibleHandoffs<TOut>,
  ): Promise<HandoffOutcome<TOut>> {
    const wanted = calls.map(call => call.name).filter(name => known.some(each => each.name === name))
    if (wanted.length === 0) return { to: undefined, answers: new Map() }
    const { max, kept, voice } = this.#environment
    const situation = { known, offered, count: this.#count, max }
    // What is offered may be another thing when the run is taken up.
    const decided = await kept.once(`h${turn}`, async () => {
      const { to, reason, answers, refused } = decideHandoff(calls, situation)
      if (to !== undefined) {
        const why = reason === undefined ? {} : { reason }
        voice.emit({ type: 'agent.handoff', agent, to: to.agent.name, ...why })
      }
      return { to: to?.name ?? null, answers: [...answers], refused }
    })
    if (decided.refused && this.#wasRefused) throw handoffRefused(agent, max, wanted)
    this.#wasRefused ||= decided.refused
    const to = known.find(each => each.name === decided.to)
    if (to !== undefined) this.#count++
    return { to, answers: new Map(decided.answers) }
  }
}
