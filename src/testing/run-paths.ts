import type { OrchestrationEvent } from '../core/index.js'

/** Which ways a run has gone, as far as its events tell. */
export interface RunPaths {
  /** The ways to each state that completed, without the rounds of loops; each as {@link pathKey}. */
  readonly completed: ReadonlySet<string>
  readonly states: ReadonlySet<string>
  /** Each as {@link pathKey} of two states. */
  readonly transitions: ReadonlySet<string>
}

/** A path in one string, for comparing. */
export function pathKey(states: readonly string[]): string {
  return JSON.stringify(states)
}

type Paths = ReadonlyMap<string, readonly string[]>

/** Follows the tokens of a run. Events of sub-orchestrations are left out. */
export function pathsOf(events: Iterable<OrchestrationEvent>): RunPaths {
  const completed = new Set<string>()
  const states = new Set<string>()
  const transitions = new Set<string>()
  const byToken = new Map<string, Paths>()
  const waiting = new Map<string, string>()
  const begin = (token: string, stateName: string): void => {
    states.add(stateName)
    if (byToken.size === 0) byToken.set(token, new Map([[pathKey([stateName]), [stateName]]]))
  }
  for (const event of events) {
    if (event.path !== undefined) continue
    if (event.type === 'state.started') begin(event.token, event.stateName)
    else if (event.type === 'state.transition') {
      const { fromToken, toToken, fromState, toState } = event
      transitions.add(pathKey([fromState, toState]))
      byToken.set(toToken, merged(byToken.get(toToken), extended(byToken.get(fromToken), toState)))
    } else if (event.type === 'state.rerun') {
      byToken.set(event.token, byToken.get(tokenBefore(event.token)) ?? new Map())
    } else if (event.type === 'join.waiting') {
      begin(event.token, event.stateName)
      waiting.set(branchOf(event.token), event.token)
    } else if (event.type === 'join.fired') {
      const arrivals = event.branches.map(branch => byToken.get(waiting.get(branch) ?? ''))
      byToken.set(event.token, arrivals.reduce<Paths>(merged, new Map()))
    } else if (event.type === 'state.completed') {
      for (const key of byToken.get(event.token)?.keys() ?? []) completed.add(key)
    }
  }
  return { completed, states, transitions }
}

function extended(paths: Paths = new Map(), state: string): Paths {
  return new Map(
    [...paths.values()].map(path => {
      const round = path.indexOf(state)
      const longer = round < 0 ? [...path, state] : path.slice(0, round + 1)
      return [pathKey(longer), longer]
    }),
  )
}

function merged(a: Paths = new Map(), b: Paths = new Map()): Paths {
  return new Map([...a, ...b])
}

function branchOf(token: string): string {
  return token.slice(0, token.lastIndexOf(':'))
}

function tokenBefore(token: string): string {
  return `${branchOf(token)}:${Number(token.slice(token.lastIndexOf(':') + 1)) - 1}`
}
