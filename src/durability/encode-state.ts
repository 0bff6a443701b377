import type { OrchestrationGraph } from '../core/index.js'
import { type Branch, enclosingFork, type Fork, type RunState } from '../core/internal.js'
import type { ValueCodec } from './graph-codec.js'
import { encodeBranch } from './stored-branch.js'
import { encodeEnding, encodeOutcome } from './stored-ending.js'
import { encodeFailure } from './stored-failure.js'
import { encodeRules } from './stored-rules.js'
import type { StoredBranch, StoredState } from './stored-state.js'

/** Writes the state of a run. */
export function encodeState(state: RunState, values: ValueCodec): StoredState {
  const places = new Map<Fork, number>([[state.root, 0]])
  for (const branch of state.branches.values()) {
    const line: Fork[] = []
    for (let fork: Fork | undefined = branch.fork; fork !== undefined; fork = enclosingFork(fork)) line.unshift(fork)
    for (const fork of line) if (!places.has(fork)) places.set(fork, places.size)
  }
  // Nobody waits any more for those who had arrived.
  const isEnding = state.phase === 'ending' || state.phase === 'ended'
  const placeOf = (fork: Fork): number => places.get(fork) as number
  const branchOf = (branch: Branch): StoredBranch => encodeBranch(branch, placeOf(branch.fork), values)
  return {
    rules: encodeRules(state.rules),
    phase: state.phase,
    ...(state.pauseAtStart ? { pauseAtStart: true } : {}),
    ...(state.ending === undefined ? {} : { ending: encodeEnding(state.ending, values) }),
    ...(state.outcome === undefined ? {} : { outcome: encodeOutcome(state.outcome, values) }),
    startedAt: state.startedAt,
    steps: state.steps,
    visits: byName(state.graph, state.visits, visits => visits),
    outputs: byName(state.graph, state.outputs, output => values.encode(output)),
    results: state.results.map(({ node, order, value }) => ({ state: node.name, order, value: values.encode(value) })),
    failures: state.failures.map(({ node, failures, absorbed }) => ({
      state: node.name,
      failures: failures.map(failure => encodeFailure(failure, values)),
      absorbed,
    })),
    properties: [...(state.properties ?? [])].map(([key, { value, order }]) => [key, values.encode(value), order]),
    ...(state.usage === undefined ? {} : { usage: state.usage }),
    forks: [...places.keys()].map(({ parent, step, origin, tally }) => ({
      ...(parent === undefined ? {} : { parent: encodeBranch(ghost(parent), placeOf(parent.fork), values) }),
      step,
      ...(origin === undefined ? {} : { origin: origin.name }),
      ...(tally === undefined
        ? {}
        : {
            endedAt: [...tally.endedAt].map(node => node.name),
            failures: [...tally.failures].map(([failure, place]) => {
              const index = state.failures.indexOf(failure)
              return place === failure.node ? index : ([index, place.name] as const)
            }),
            barriers: (isEnding ? [] : [...tally.barriers.values()]).map(({ key, node, arrivals, due }) => ({
              key,
              state: node.name,
              arrivals: arrivals.map(branch => branch.id),
              ...(due === undefined ? {} : { due }),
            })),
          }),
    })),
    branches: [...state.branches.values()].map(branchOf),
    ready: state.ready.slice(state.readyFrom).flatMap(branch => (branch.phase === 'ready' ? branch.id : [])),
    nextLayer: state.nextLayer.flatMap(branch => (branch.phase === 'ready' ? branch.id : [])),
  }
}

/** A branch that has forked, as far as it still matters: who it was, and where it stood. */
function ghost(branch: Branch): Branch {
  return {
    ...branch,
    input: undefined,
    output: undefined,
    runnable: undefined,
    failure: undefined,
    kept: undefined,
    asked: undefined,
  }
}

function byName<T, R>(
  graph: OrchestrationGraph,
  list: readonly T[],
  write: (item: T) => R,
): Readonly<Record<string, R>> {
  // No name of a state can reach a prototype.
  const named = Object.create(null) as Record<string, R>
  for (const { name, index } of graph.nodes) {
    // A hole is a state that was not visited.
    if (index in list && list[index] !== undefined) named[name] = write(list[index])
  }
  return named
}
