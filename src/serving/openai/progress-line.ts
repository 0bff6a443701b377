import type { AgentEvent } from '../../agents/index.js'
import type { OrchestrationEvent } from '../../core/index.js'

type NameOf = (stateName: string) => string | undefined
type StateEvent = { readonly path?: readonly string[] }

/**
 * What happens, for those who asked to be told: a line for each state and tool, and what a model lets be seen of its thoughts as it
 * comes; the empty string for everything else.
 * @param nameOf what callers know a state by; `undefined` for one that they are told nothing of
 */
export function progressLine(event: OrchestrationEvent | AgentEvent, nameOf: NameOf = name => name): string {
  const named = 'stateName' in event && event.stateName !== undefined ? nameOf(event.stateName) : undefined
  const around = ((event as StateEvent).path ?? []).map(nameOf).filter(name => name !== undefined)
  const state = named === undefined ? undefined : [...around, named].join('/')
  switch (event.type) {
    case 'agent.reasoning':
      return event.text
    case 'agent.tool.called':
      return line(`${event.agent} calls ${event.tool}`)
    case 'agent.handoff':
      return line(`${event.agent} hands over to ${event.to}`)
    case 'state.started':
      return state === undefined ? '' : line(`state ${state} started`)
    case 'state.completed':
      return state === undefined ? '' : line(`state ${state} completed`)
    case 'state.failed':
      return state === undefined ? '' : line(`state ${state} failed: ${event.errorMessage}`)
    case 'state.retrying':
      return state === undefined ? '' : line(`state ${state} is tried again: ${event.errorMessage}`)
    case 'state.waiting':
      return state === undefined ? '' : line(`state ${state} waits`)
    case 'state.skipped':
      return state === undefined ? '' : line(`state ${state} skipped`)
    default:
      return ''
  }
}

function line(text: string): string {
  return `> ${text.replaceAll(/\s+/g, ' ')}\n`
}
