import type { AgentRequest, Delivery, Frame } from './delivery.js'

/** What an agent has decided, or, if it has only said something, what the topology has decided for it. */
export type RoutingAction =
  /** One agent goes on: it takes over, replies, or is asked. */
  | { readonly type: 'invoke_agent'; readonly target: string; readonly input: unknown }
  /** Several agents go on side by side; without `gathers` nobody waits for them. */
  | {
      readonly type: 'parallel_invoke'
      readonly targets: readonly { readonly agent: string; readonly input: unknown }[]
      /** Whether the agent goes on with all answers, or with the first. */
      readonly waitForAll: boolean
      /** Whether the answers return to the agent. */
      readonly gathers: boolean
    }
  /** The dialogue is over; `then` is what the remaining edges lead to. */
  | { readonly type: 'end_conversation'; readonly response: unknown; readonly then: readonly string[] }
  /** The answer goes to whoever waits for it: to the agent that has asked, or to the user. */
  | { readonly type: 'final_response'; readonly response: unknown; readonly to: string }

/** The output of an agent's state (`state.completed`): what it said, and where that goes. Plain data. */
export interface AgentTurn {
  readonly agent: string
  /**
   * Whose memory this turn is part of: `0:0.1` for the second entry, `0:0.1:2.0` for the first of those that this one divided into the
   * third time. Not the name of the branch in the run's events, which may be another one after branches have come together.
   */
  readonly branch: string
  readonly action: RoutingAction
  /** Whether the agent has decided itself, by calling a routing tool. */
  readonly explicit: boolean
  /** What it said: its text, the plain data of its structured output, or what it gave to the routing tool. */
  readonly response: unknown
  readonly next: NextStep
}

/** The states that come next, and what each of them gets. */
export interface NextStep {
  /** Whether each opens a branch of its own. */
  readonly fork: boolean
  readonly sends: readonly { readonly state: string; readonly value: Delivery | CallOrder | SpreadOrder }[]
}

/** An agent asks others and waits: the input of its call state. */
export interface CallOrder {
  /** The agent that waits, as its answers will find it. */
  readonly frame: Frame
  /** Those that wait above it. */
  readonly above: readonly Frame[]
  /** Whom it asks now. */
  readonly asked: readonly AgentRequest[]
}

/** What is to begin side by side inside one call, so that it can come together again there. */
export interface SpreadOrder {
  readonly sends: readonly { readonly state: string; readonly value: Delivery }[]
}
