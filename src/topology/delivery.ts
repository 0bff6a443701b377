/** Something that an agent, or the user, has said. Plain data. */
export interface Said {
  /** The agent's name, or that of the user. */
  readonly from: string
  /** A text, or the plain data of a structured output. */
  readonly content: unknown
}

/**
 * Why an agent gets what it gets: `task`: it begins; `handover`: the work is its own now; `dialogue`: its partner speaks to it; `call`:
 * somebody waits for its answer; `results`: what it has asked others for. And `answer`: what comes of a call, on its way back.
 */
export type DeliveryKind = 'task' | 'handover' | 'dialogue' | 'call' | 'results' | 'answer'

/** An agent that waits for answers. */
export interface Frame {
  readonly agent: string
  /** Whose memory it goes on with. */
  readonly branch: string
  /** How often that branch had divided when it asked. */
  readonly forks: number
  /** Whether it waits for all answers or for the first. */
  readonly wait: 'all' | 'any'
  /** All that it has asked since it was addressed. */
  readonly asked: readonly string[]
  /** Who speaks with it. */
  readonly partner?: string
  /** Whether branches had come together before it asked. */
  readonly converged?: true
  /** The turns that had been taken when it asked. */
  readonly turns: TurnCounts
  /** What it will ask when the present answers are there. */
  readonly later: readonly CallBatch[]
  /** The answers of what it asked before. */
  readonly results: readonly Said[]
}

/** How many turns of a conversation have been taken, by its two agents as in `Writer <-> Reviewer`. */
export type TurnCounts = Readonly<Record<string, number>>

/** Agents that are asked side by side. */
export interface CallBatch {
  readonly asked: readonly AgentRequest[]
  readonly wait: 'all' | 'any'
}

/** What one agent is asked. */
export interface AgentRequest {
  readonly agent: string
  readonly content: unknown
  /** Whether the asking agent has written it for the asked one, with a routing tool. */
  readonly explicit: boolean
}

/** What moves from agent to agent: the input of their states. Plain data, so that a run can be stored anywhere on its way. */
export interface Delivery {
  readonly kind: DeliveryKind
  /** What is delivered: one thing, or several where branches come together and where answers return. */
  readonly said: readonly Said[]
  /** Whether the sender has written it for the receiver, with a routing tool. */
  readonly explicit: boolean
  /** The branch whose memory the receiver goes on with. */
  readonly branch: string
  /** How often that branch has divided so far. */
  readonly forks: number
  /** The branch of the run's events that it arrives in. */
  readonly at: string
  /** Who waits for what comes of this, the outermost first; the user waits for the rest. */
  readonly frames: readonly Frame[]
  readonly turns: TurnCounts
  /** Who speaks with the receiver and waits for a reply. */
  readonly partner?: string
  /** Of `results`: whom the receiver has asked since it was addressed. */
  readonly asked?: readonly string[]
  /** Whether branches have come together on the way. */
  readonly converged?: true
}
