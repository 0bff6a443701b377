import type { EmittedEvent } from '../core/index.js'

/** What an agent tells while it works. In a state, the same events arrive in the run's stream. */
export type AgentEvent = Extract<EmittedEvent, { type: `agent.${string}` }>

/** A callback for the events of an agent; what it throws goes to the console and harms nothing. */
export type AgentEventHandler = (event: AgentEvent) => void
