import type { AgentTurn, CallOrder, NextStep, RoutingAction } from './agent-turn.js'
import { branchOf, placeInside } from './branch-ids.js'
import type { AgentRequest, CallBatch, Delivery, Frame, TurnCounts } from './delivery.js'
import { type AgentPlan, isOpen, type Link, type RoutingPlan, turnsAfter, turnsWithout } from './routing-plan.js'
import { stateNames } from './state-names.js'

/** What follows from an answer, apart from who gave it. */
export type Routed = Pick<AgentTurn, 'action' | 'explicit' | 'response' | 'next'>

/** Where an agent's answer may go at this moment, and where it goes. */
export class Visit {
  readonly #plan: RoutingPlan
  readonly #agent: AgentPlan
  readonly #delivery: Delivery
  readonly #token: string

  /** `token` is that of the step, which the names of new branches begin with. */
  constructor(plan: RoutingPlan, agent: string, delivery: Delivery, token: string) {
    this.#plan = plan
    this.#agent = plan.agent(agent)
    this.#delivery = delivery
    this.#token = token
  }

  get agent(): string {
    return this.#agent.name
  }

  /** Who gets what this agent comes to. */
  get caller(): string {
    return this.#delivery.frames.at(-1)?.agent ?? this.#plan.user
  }

  /** Whom the agent may address. */
  get targets(): readonly string[] {
    return this.#agent.links.filter(link => isOpen(link, this.#delivery.turns)).map(({ to }) => to)
  }

  /** Whom it could address if their turns were not used up. */
  get closed(): readonly string[] {
    return this.#agent.links.filter(link => !isOpen(link, this.#delivery.turns)).map(({ to }) => to)
  }

  /** With whom it speaks, so that it can put an end to that. */
  get partner(): string | undefined {
    return this.#speakingWith?.to
  }

  /** Whether it may answer to whoever waits, whatever its edges lead to. */
  get mayFinish(): boolean {
    return this.#delivery.frames.length > 0 || this.#agent.toUser || !this.#plan.hasExits
  }

  /** Whom an answer without a decision goes to: agents, whoever waits, or both. */
  get byDefault(): readonly string[] {
    const { spokes, speaking } = this.#upcoming
    if (spokes.length > 0) return spokes
    return speaking === undefined ? this.#onward(this.#asked) : [speaking.to]
  }

  /** An answer without a decision: the topology decides (C10). */
  answer(content: unknown): Routed {
    const { spokes, speaking } = this.#upcoming
    const said = { explicit: false, response: content }
    if (spokes.length > 0) {
      const batches = this.#plan.batches(this.agent, spokes).map(({ agents, wait }): CallBatch => {
        return { asked: agents.map(agent => ({ agent, content, explicit: false })), wait }
      })
      return { ...said, ...this.#call(batches) }
    }
    if (speaking !== undefined) return { ...said, ...this.#speak(speaking, content, false) }
    return { ...said, ...this.#goOn(this.#onward(this.#asked), content, this.#delivery.turns, false) }
  }

  /** The agent has decided to address another, which it may. */
  invoke(target: string, content: unknown): Routed {
    const said = { explicit: true, response: content }
    const { turns } = this.#delivery
    if (target === this.caller) return { ...said, ...this.#goOn([target], content, turns, true) }
    const link = this.#link(target)
    if (link?.kind === 'handover') return { ...said, ...this.#goOn([target], content, turns, true) }
    const isPartner =
      link?.kind === 'dialogue' && (target === this.#delivery.partner || this.#agent.partners.length === 1)
    if (isPartner) return { ...said, ...this.#speak(link, content, true) }
    return { ...said, ...this.#call([{ asked: [{ agent: target, content, explicit: true }], wait: 'all' }]) }
  }

  /** The agent has decided to ask several others, which it may. */
  invokeAll(asked: readonly Omit<AgentRequest, 'explicit'>[], waitForAll: boolean): Routed {
    const batch: CallBatch = {
      asked: asked.map(each => ({ ...each, explicit: true })),
      wait: waitForAll ? 'all' : 'any',
    }
    return {
      explicit: true,
      response: asked.map(({ agent, content }) => ({ agent, input: content })),
      ...this.#call([batch]),
    }
  }

  /** The agent has decided to end its dialogue: the remaining edges count. */
  endConversation(response: unknown): Routed {
    const link = this.#speakingWith
    const turns = link === undefined ? this.#delivery.turns : turnsWithout(link, this.#delivery.turns)
    const then = this.#onward(this.#asked)
    const { next } = this.#goOn(then, response, turns, false)
    return { explicit: true, response, action: { type: 'end_conversation', response, then }, next }
  }

  /** The agent has decided that this is its answer to whoever waits. */
  finish(response: unknown): Routed {
    return { explicit: true, response, ...this.#goOn([this.caller], response, this.#delivery.turns, false) }
  }

  get #asked(): ReadonlySet<string> {
    return new Set(this.#delivery.asked)
  }

  /** The agent that it speaks with: the one that has spoken to it, else its only partner. */
  get #speakingWith(): Link | undefined {
    const { partner, turns } = this.#delivery
    const { partners } = this.#agent
    const link = partners.find(({ to }) => to === partner) ?? (partners.length === 1 ? partners[0] : undefined)
    if (link === undefined || link.to === this.caller || !isOpen(link, turns)) return undefined
    return this.#asked.has(link.to) ? undefined : link
  }

  /** Whom an answer without a decision is put to, before the edges that lead one way count. */
  get #upcoming(): { readonly spokes: readonly string[]; readonly speaking: Link | undefined } {
    const { kind, frames, turns, partner } = this.#delivery
    const speaking = this.#speakingWith
    if (kind === 'results') return { spokes: [], speaking }
    const { links, partners } = this.#agent
    // Whoever takes part in a round above this one is not asked again, or a mesh would never come to an end.
    const above = new Set(frames.flatMap(({ agent, asked }) => [agent, ...asked]))
    const isSpoke = ({ kind: link }: Link): boolean => link === 'callee' || (link === 'dialogue' && partners.length > 1)
    const spokes = links.filter(
      link => isSpoke(link) && link.to !== partner && !above.has(link.to) && isOpen(link, turns),
    )
    return { spokes: spokes.map(({ to }) => to), speaking }
  }

  /** Where the edges that lead one way lead, without those in `asked`; if they lead nowhere, the partner's; else whoever waits. */
  #onward(asked: ReadonlySet<string>): readonly string[] {
    const { handovers, toUser } = this.#agent
    const others = handovers.flatMap(({ to }) => (asked.has(to) ? [] : [to]))
    if (toUser) return [...new Set([...others, this.caller])]
    return others.length > 0 ? others : [this.#partnerWhoGoesOn(asked) ?? this.caller]
  }

  /** Who has spoken to the agent, and has edges to go on with when their conversation is over. */
  #partnerWhoGoesOn(asked: ReadonlySet<string>): string | undefined {
    const { partner } = this.#delivery
    if (partner === undefined || asked.has(partner)) return undefined
    const { handovers, toUser } = this.#plan.agent(partner)
    return toUser || handovers.length > 0 ? partner : undefined
  }

  /** Missing where an answer returns over no edge. */
  #link(target: string): Link | undefined {
    return this.#agent.links.find(({ to }) => to === target)
  }

  #speak(link: Link, content: unknown, explicit: boolean): { action: RoutingAction; next: NextStep } {
    const { frames, turns, branch, forks, converged } = this.#delivery
    const delivery: Delivery = {
      kind: 'dialogue',
      said: [{ from: this.agent, content }],
      explicit,
      branch,
      forks,
      at: branchOf(this.#token),
      frames,
      turns: turnsAfter(this.agent, link, turns),
      partner: this.agent,
      ...(converged && { converged }),
    }
    return {
      action: { type: 'invoke_agent', target: link.to, input: content },
      next: { fork: false, sends: [{ state: this.#stateOf(link.to), value: delivery }] },
    }
  }

  /** Hands over to agents, answers to the caller, or both. */
  #goOn(
    targets: readonly string[],
    content: unknown,
    turns: TurnCounts,
    explicit: boolean,
  ): { action: RoutingAction; next: NextStep } {
    const { frames, branch, forks, converged } = this.#delivery
    const fork = targets.length > 1
    const sends = targets.map((target, index) => {
      const returns = target === this.caller
      const value: Delivery = {
        kind: returns ? 'answer' : 'handover',
        said: [{ from: this.agent, content }],
        explicit,
        ...(fork ? placeInside(this.#delivery, index, this.#token) : { branch, forks, at: branchOf(this.#token) }),
        frames,
        turns: turnsAfter(this.agent, this.#link(target), turns),
        ...(converged && { converged }),
      }
      return { state: returns ? answersOf(frames.at(-1), this.#plan) : this.#stateOf(target), value }
    })
    return { action: this.#actionOf(targets, content), next: { fork, sends } }
  }

  #actionOf(targets: readonly string[], content: unknown): RoutingAction {
    const [only] = targets
    if (targets.length > 1 || only === undefined) {
      const all = targets.map(agent => ({ agent, input: content }))
      return { type: 'parallel_invoke', targets: all, waitForAll: false, gathers: false }
    }
    if (only === this.caller) return { type: 'final_response', response: content, to: only }
    return { type: 'invoke_agent', target: only, input: content }
  }

  #call(batches: readonly CallBatch[]): { action: RoutingAction; next: NextStep } {
    const { frames, turns, branch, forks, partner, converged, asked = [] } = this.#delivery
    const [now, ...later] = batches as readonly [CallBatch, ...CallBatch[]]
    const all = batches.flatMap(batch => batch.asked.map(({ agent }) => agent))
    const order: CallOrder = {
      frame: {
        agent: this.agent,
        branch,
        forks,
        wait: now.wait,
        asked: [...new Set([...asked, ...all])],
        turns,
        later,
        results: [],
        ...(partner !== undefined && { partner }),
        ...(converged && { converged }),
      },
      above: frames,
      asked: now.asked,
    }
    const [first] = now.asked as readonly [AgentRequest, ...AgentRequest[]]
    const action: RoutingAction =
      now.asked.length === 1
        ? { type: 'invoke_agent', target: first.agent, input: first.content }
        : {
            type: 'parallel_invoke',
            targets: now.asked.map(({ agent, content }) => ({ agent, input: content })),
            waitForAll: now.wait === 'all',
            gathers: true,
          }
    return { action, next: { fork: false, sends: [{ state: stateNames.call(this.agent), value: order }] } }
  }

  #stateOf(target: string): string {
    return this.#plan.meets(target, this.agent) ? stateNames.meet(target, this.caller) : target
  }
}

/** Where whoever waits gets the answers: the user, if no agent does. */
function answersOf(frame: Frame | undefined, { user }: RoutingPlan): string {
  if (frame === undefined) return stateNames.gather(user)
  return frame.wait === 'any' ? stateNames.first(frame.agent) : stateNames.gather(frame.agent)
}
