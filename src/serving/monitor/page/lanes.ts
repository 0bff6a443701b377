import type { RunView } from './run-words.js'
import type { RunEvent } from './wire.js'

/** One visit of a state by a branch. */
export interface LaneVisit {
  readonly state: string
  readonly start: number
  /** `undefined` while it lasts. */
  end: number | undefined
  /** Since when it waits for something, if it does. */
  waits: number | undefined
  outcome: 'active' | 'waiting' | 'visited' | 'failed' | 'skipped'
}

/** What one branch did, or what was done in one node. */
export interface Lane {
  readonly name: string
  /** Where it is, if its name does not say so. */
  readonly place: string
  readonly visits: LaneVisit[]
  outcome: string | undefined
}

/** Gathers from events which branch was where, and when. Times are milliseconds since 1970. */
export class Lanes {
  readonly all = new Map<string, Lane>()
  start: number | undefined
  end = 0
  readonly #open = new Map<string, LaneVisit>()
  readonly #view: RunView

  /** Nodes have lanes of their own; states share that of the branch that visits them. */
  constructor(view: RunView = 'states') {
    this.#view = view
  }

  /** Whether some visit has not ended. */
  get isOpen(): boolean {
    return this.#open.size > 0
  }

  add(event: RunEvent): void {
    const { type, path = [], inner_execution_id: inner = '', token, state_name: state } = event
    const at = Date.parse(event.at)
    this.start ??= at
    this.end = Math.max(this.end, at)
    const step = `${inner}|${token}`
    switch (type) {
      case 'state.started': {
        // A rerun begins where the last attempt has not been told to end.
        this.#finish(step, at, 'visited')
        const visit: LaneVisit = { state: state ?? '', start: at, end: undefined, waits: undefined, outcome: 'active' }
        this.#open.set(step, visit)
        const lane =
          this.#view === 'nodes' ? this.#lane('', path, visit.state) : this.#lane(inner, path, branchOf(token ?? ''))
        lane.visits.push(visit)
        break
      }
      case 'state.waiting': {
        const visit = this.#open.get(step)
        if (visit === undefined) break
        visit.waits ??= at
        visit.outcome = 'waiting'
        break
      }
      case 'state.completed':
        this.#finish(step, at, 'visited')
        break
      case 'state.failed':
        this.#finish(step, at, 'failed')
        break
      case 'state.skipped':
        this.#finish(step, at, 'skipped')
        break
      case 'branch.completed':
        this.#lane(inner, path, String(event['branch'])).outcome = String(event['outcome'])
        break
      case 'orchestration.completed':
      case 'orchestration.failed':
      case 'orchestration.cancelled':
        if (path.length === 0) for (const open of [...this.#open.keys()]) this.#finish(open, at, 'skipped')
        break
      default:
    }
  }

  #finish(step: string, at: number, outcome: LaneVisit['outcome']): void {
    const visit = this.#open.get(step)
    if (visit === undefined) return
    visit.end = at
    visit.outcome = outcome
    this.#open.delete(step)
  }

  #lane(inner: string, path: readonly string[], branch: string): Lane {
    const key = this.#view === 'nodes' ? JSON.stringify([...path, branch]) : `${inner}|${branch}`
    let lane = this.all.get(key)
    if (lane === undefined) {
      const place = [...path, branch].join(' › ')
      // The ids of nodes are unique, and there is little room.
      lane = { name: this.#view === 'nodes' ? branch : place, place, visits: [], outcome: undefined }
      this.all.set(key, lane)
    }
    return lane
  }
}

/** The branch of a step: `0:7.2:4` is step 4 of branch `0:7.2`. */
function branchOf(token: string): string {
  return token.slice(0, Math.max(0, token.lastIndexOf(':')))
}
