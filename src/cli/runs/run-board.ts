import type { OrchestrationEvent } from '../../core/index.js'
import { printableLine } from '../terminal/printable.js'
import { stateOf } from './event-words.js'

/** A visit of a state that has not ended. */
export interface OpenVisit {
  readonly state: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly phase: 'working' | 'waiting'
  /** What is known of what it does; empty if nothing. */
  readonly note: string
}

/** A visit that has ended. */
export interface EndedVisit {
  readonly state: string
  readonly outcome: 'completed' | 'failed' | 'skipped'
  /** `undefined` if it is not known when it began. */
  readonly ms: number | undefined
  readonly note: string
}

/**
 * The states of an orchestration that people are told of: of a JSON workflow its nodes, whose ids have no dot, and not what leads from one
 * to the next.
 */
export function statesShown(orchestration: string): (stateName: string) => boolean {
  return orchestration.startsWith('workflow/') ? stateName => !stateName.includes('.') : () => true
}

/** What a run is doing and what it has used, gathered from its events. */
export class RunBoard {
  readonly #open = new Map<string, OpenVisit>()
  readonly #isShown: (stateName: string) => boolean
  #states = 0
  #tokens = 0
  #cost = 0

  /** @param isShown whether people are told of a state; of others nothing but what they have used is taken in */
  constructor(isShown: (stateName: string) => boolean = () => true) {
    this.#isShown = isShown
  }

  /** The visits that have not ended, the oldest first. */
  get open(): readonly OpenVisit[] {
    return [...this.#open.values()]
  }

  /** How many visits have ended, how many tokens were used, and what that cost, as far as anybody has told. */
  get totals(): { readonly states: number; readonly tokens: number; readonly cost: number } {
    return { states: this.#states, tokens: this.#tokens, cost: this.#cost }
  }

  /** Takes an event in; returns the visit that ends with it, if one does. */
  add(event: OrchestrationEvent): EndedVisit | undefined {
    if (event.type === 'agent.usage') {
      this.#tokens += event.inputTokens + event.outputTokens
      this.#cost += event.cost ?? 0
    }
    if (!('token' in event) || !this.#isShown(event.stateName)) return undefined
    const key = `${event.innerRunId ?? ''}|${event.token}`
    switch (event.type) {
      case 'state.started':
      case 'join.waiting':
        if (!this.#open.has(key)) {
          const phase = event.type === 'join.waiting' ? 'waiting' : 'working'
          this.#open.set(key, { state: stateOf(event, this.#isShown), since: event.at, phase, note: '' })
        }
        return undefined
      case 'state.completed':
        return this.#end(key, event, 'completed', '')
      case 'state.failed':
        return this.#end(key, event, 'failed', printableLine(event.errorMessage))
      case 'state.skipped':
        return this.#end(key, event, 'skipped', printableLine(event.reason))
      default:
        this.#note(key, event)
        return undefined
    }
  }

  #note(key: string, event: OrchestrationEvent): void {
    const visit = this.#open.get(key)
    const change = visit === undefined ? undefined : noteOf(visit, event)
    if (visit !== undefined && change !== undefined) this.#open.set(key, { ...visit, ...change })
  }

  #end(key: string, event: OrchestrationEvent, outcome: EndedVisit['outcome'], note: string): EndedVisit {
    const since = this.#open.get(key)?.since
    this.#open.delete(key)
    this.#states++
    return {
      state: stateOf(event, this.#isShown),
      outcome,
      ms: since === undefined ? undefined : event.at - since,
      note,
    }
  }
}

function noteOf({ note }: OpenVisit, event: OrchestrationEvent): Partial<OpenVisit> | undefined {
  switch (event.type) {
    case 'state.waiting':
      return {
        phase: 'waiting',
        note: event.kind === 'delay' ? '' : `waits for ${event.kind === 'approval' ? 'an approval' : 'a message'}`,
      }
    case 'approval.requested':
      return { phase: 'waiting', note: printableLine(event.message) }
    case 'approval.answered':
      return { phase: 'working', note: event.outcome }
    case 'state.retrying':
      return { note: `attempt ${event.attempt} failed: ${printableLine(event.errorMessage)}` }
    case 'state.rerun':
      return { note: `once more, ${event.rerun} of ${event.reruns}` }
    case 'join.fired':
      return { phase: 'working', note: `joined ${event.branches.length} branches` }
    case 'agent.tool.called':
      return { note: `calls ${printableLine(event.tool)}` }
    case 'agent.tool.completed':
      return { note: '' }
    case 'agent.handoff':
      return { note: `${printableLine(event.to)} goes on` }
    case 'agent.delta':
      // The end of it is what is new.
      return { note: printableLine(`${note}${event.text}`).slice(-200) }
    default:
      return undefined
  }
}
