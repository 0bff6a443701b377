import type { EmittedEvent, Usage } from '../core/index.js'

/** What an agent puts into the stream of the state it works for. */
export type EmittedAgentEvent = Extract<EmittedEvent, { type: `agent.${string}` }>

/** What an agent tells while it works. In a state, the same events arrive in the run's stream. */
export type AgentEvent = EmittedAgentEvent | ({ readonly type: 'agent.usage' } & Required<Omit<Usage, 'cost'>>)

/** A callback for the events of an agent; what it throws goes to the console and harms nothing. */
export type AgentEventHandler = (event: AgentEvent) => void
