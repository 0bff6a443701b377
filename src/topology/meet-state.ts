import { type JoinOptions, JoinRunnable, type RunContext } from '../core/index.js'
import type { NextStep, SpreadOrder } from './agent-turn.js'
import type { TaskState } from './boundary-states.js'
import { placeTogether } from './branch-ids.js'
import type { SpreadState } from './call-states.js'
import type { Delivery, TurnCounts } from './delivery.js'
import { stateNames } from './state-names.js'

/** Whom branches come together for, and among whom. */
interface Meeting {
  readonly agent: string
  /** Who waits for what comes of it: an agent, or the user. */
  readonly caller: string
  readonly forkedBy: SpreadState | TaskState
  /** Whether it goes on inside a call, where it may come together again. */
  readonly inCall: boolean
  readonly policy: 'all' | 'any'
}

/** Where an agent waits for everybody who can still send it something, in declared order. */
export class MeetState extends JoinRunnable<Delivery, NextStep> {
  readonly #meeting: Meeting

  constructor(meeting: Meeting) {
    super()
    this.#meeting = meeting
  }

  override get joinOptions(): JoinOptions {
    const { policy, forkedBy } = this.#meeting
    // Whoever comes too late for `any` may have other things to do first.
    return { policy, forkedBy, cancelRest: false }
  }

  join(deliveries: readonly Delivery[], { token }: RunContext): NextStep {
    const { agent, caller, inCall } = this.#meeting
    const [first] = deliveries as readonly [Delivery, ...Delivery[]]
    const isAlone = deliveries.length === 1
    const delivery: Delivery = {
      ...(isAlone ? first : { kind: 'handover', explicit: false, frames: first.frames }),
      said: deliveries.flatMap(({ said }) => said),
      ...placeTogether(deliveries, token),
      turns: mostTurns(deliveries),
      converged: true,
    }
    if (!inCall) return { fork: false, sends: [{ state: agent, value: delivery }] }
    const order: SpreadOrder = { sends: [{ state: agent, value: delivery }] }
    return { fork: false, sends: [{ state: stateNames.spread(caller), value: order }] }
  }
}

function mostTurns(deliveries: readonly Delivery[]): TurnCounts {
  const most: Record<string, number> = {}
  for (const { turns } of deliveries) {
    for (const [pair, count] of Object.entries(turns)) most[pair] = Math.max(most[pair] ?? 0, count)
  }
  return most
}
