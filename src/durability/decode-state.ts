import type { OrchestrationGraph } from '../core/index.js'
import {
  type Barrier,
  type Branch,
  createFork,
  createRunState,
  enclosingFork,
  type Fork,
  joinScopesOf,
  type RunState,
} from '../core/internal.js'
import type { ValueCodec } from './graph-codec.js'
import { decodeBranch, nodeNamed } from './stored-branch.js'
import { decodeEnding, decodeOutcome } from './stored-ending.js'
import { decodeFailure } from './stored-failure.js'
import { decodeRules } from './stored-rules.js'
import type { StoredState } from './stored-state.js'

/** The run behind what `encodeState` wrote. @throws Error if a branch is at a state that the graph does not have */
export function decodeState(
  stored: StoredState,
  graph: OrchestrationGraph,
  runId: string,
  values: ValueCodec,
): RunState {
  const state = createRunState(graph, runId, decodeRules(stored.rules), joinScopesOf(graph), undefined)
  const { phase, pauseAtStart = false, ending, outcome, startedAt, steps, usage } = stored
  Object.assign(state, {
    ...{ phase, pauseAtStart, startedAt, steps },
    ending: ending === undefined ? undefined : decodeEnding(ending, values),
    outcome: outcome === undefined ? undefined : decodeOutcome(outcome, values),
    usage: usage === undefined ? undefined : [...usage],
  } satisfies Partial<RunState>)
  restoreValues(state, stored, values)
  const forks = restoreForks(state, stored, values)
  restoreBranches(state, stored, forks, values)
  restoreTallies(state, stored, forks)
  return state
}

function restoreValues(state: RunState, stored: StoredState, values: ValueCodec): void {
  const { graph } = state
  for (const { name, index } of graph.nodes) {
    if (Object.hasOwn(stored.visits, name)) state.visits[index] = stored.visits[name] as number
    if (Object.hasOwn(stored.outputs, name)) state.outputs[index] = values.decode(stored.outputs[name])
  }
  for (const { state: name, order, value } of stored.results) {
    const node = graph.byName.get(name)
    if (node !== undefined) state.results.push({ node, order, value: values.decode(value) })
  }
  for (const { state: name, failures, absorbed } of stored.failures) {
    const decoded = failures.map(failure => decodeFailure(failure, values))
    state.failures.push({ node: nodeNamed(graph, name), failures: decoded, absorbed })
  }
  if (stored.properties.length === 0) return
  state.properties = new Map(
    stored.properties.map(([key, value, order]) => [key, { value: values.decode(value), order }]),
  )
}

/** The fan-outs, in the order in which they are stored: each after the one around it. */
function restoreForks(state: RunState, stored: StoredState, values: ValueCodec): readonly Fork[] {
  const { graph, root, scopes } = state
  const forks: Fork[] = []
  for (const { parent, step, origin } of stored.forks) {
    if (parent === undefined) {
      forks.push(root)
      continue
    }
    const node = origin === undefined ? undefined : nodeNamed(graph, origin)
    forks.push(createFork(decodeBranch(parent, graph, forks, values), step, node, scopes !== undefined))
  }
  return forks
}

function restoreBranches(state: RunState, stored: StoredState, forks: readonly Fork[], values: ValueCodec): void {
  for (const each of stored.branches) {
    const branch = decodeBranch(each, state.graph, forks, values)
    state.branches.set(branch.id, branch)
    if (branch.phase === 'working' || branch.phase === 'routing') state.active++
    else if (branch.phase === 'waiting') state.waiting++
    for (let fork: Fork | undefined = branch.fork; fork?.tally !== undefined; fork = enclosingFork(fork)) {
      const { live } = fork.tally
      live.set(branch.node, (live.get(branch.node) ?? 0) + 1)
    }
  }
  state.ready = stored.ready.map(id => branchNamed(state, id))
  state.nextLayer = stored.nextLayer.map(id => branchNamed(state, id))
}

/** What joins know of the fan-outs. */
function restoreTallies(state: RunState, stored: StoredState, forks: readonly Fork[]): void {
  const { graph } = state
  for (const [index, { endedAt = [], failures = [], barriers = [] }] of stored.forks.entries()) {
    const fork = forks[index] as Fork
    if (fork.tally === undefined) continue
    for (const name of endedAt) {
      const node = graph.byName.get(name)
      if (node !== undefined) fork.tally.endedAt.add(node)
    }
    for (const each of failures) {
      const [at, name] = typeof each === 'number' ? [each] : each
      const failure = state.failures[at]
      const place = name === undefined ? failure?.node : graph.byName.get(name)
      if (failure !== undefined && place !== undefined) fork.tally.failures.set(failure, place)
    }
    for (const { key, state: name, arrivals, due } of barriers) {
      const node = nodeNamed(graph, name)
      const barrier: Barrier = { key, node, fork, arrivals: arrivals.map(id => branchNamed(state, id)), due }
      for (const branch of barrier.arrivals) branch.barrier = barrier
      fork.tally.barriers.set(node, barrier)
      if (due !== undefined) (state.timedBarriers ??= new Map()).set(key, barrier)
    }
  }
}

function branchNamed({ branches }: RunState, id: string): Branch {
  const branch = branches.get(id)
  if (branch === undefined) throw new Error(`a branch "${id}" that is not there`)
  return branch
}
