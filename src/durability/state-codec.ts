import type { GraphNode, OrchestrationGraph } from '../core/index.js'
import {
  type Barrier,
  type Branch,
  type BranchWait,
  type CollectedFailure,
  createFork,
  createRunState,
  type Ending,
  enclosingFork,
  type Fork,
  joinScopesOf,
  type RecordedUsage,
  type RunState,
} from '../core/internal.js'
import type { Json } from '../schema/index.js'
import type { ValueCodec } from './graph-codec.js'
import { decodeFailure, encodeFailure } from './stored-failure.js'
import { decodeRules, encodeRules, type StoredRules } from './stored-rules.js'
import { freshRunnable, storedRunnable } from './stored-runnable.js'

/** A branch in a stored state. Branches that have forked are stored with the fork, without what they no longer need. */
export interface StoredBranch {
  readonly id: string
  readonly order: readonly number[]
  /** Index in {@link StoredState.forks}. */
  readonly fork: number
  readonly step: number
  state: string
  readonly phase: Branch['phase']
  input?: Json
  output?: Json
  readonly runnable?: Json
  readonly reruns?: number
  readonly failure?: Json
  readonly missed?: readonly string[]
  readonly wait?: Json
  readonly kept?: readonly (readonly [string, Json])[]
  readonly asked?: readonly {
    readonly name: string
    readonly message: string
    readonly subject: Json
    readonly until?: number
  }[]
}

interface StoredFork {
  readonly parent?: StoredBranch
  readonly step: number
  origin?: string
  endedAt?: readonly string[]
  /** Indices in {@link StoredState.failures}. */
  readonly failures?: readonly number[]
  readonly barriers?: readonly StoredBarrier[]
}

interface StoredBarrier {
  key: string
  state: string
  readonly arrivals: readonly string[]
  readonly due?: number
}

/** The state of a run as JSON: everything that `step` goes by. Names instead of positions, so that it fits a changed graph too. */
export interface StoredState {
  readonly rules: StoredRules
  readonly phase: RunState['phase']
  readonly pauseAtStart?: true
  readonly ending?: Json
  readonly outcome?: Json
  readonly startedAt: number
  readonly steps: number
  visits: Readonly<Record<string, number>>
  outputs: Readonly<Record<string, Json>>
  results: readonly { state: string; readonly order: readonly number[]; value: Json }[]
  failures: readonly { state: string; readonly failures: readonly Json[]; readonly absorbed: boolean }[]
  properties: readonly (readonly [string, Json, readonly number[]])[]
  readonly usage?: readonly RecordedUsage[]
  readonly forks: readonly StoredFork[]
  readonly branches: readonly StoredBranch[]
  readonly ready: readonly string[]
  readonly nextLayer: readonly string[]
}

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
            failures: tally.failures.map(failure => state.failures.indexOf(failure)),
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

/** The run behind what {@link encodeState} wrote. @throws Error if a branch is at a state that the graph does not have */
export function decodeState(
  stored: StoredState,
  graph: OrchestrationGraph,
  runId: string,
  values: ValueCodec,
): RunState {
  const state = createRunState(graph, runId, decodeRules(stored.rules), joinScopesOf(graph), undefined)
  const joins = state.scopes !== undefined
  Object.assign(state, {
    phase: stored.phase,
    pauseAtStart: stored.pauseAtStart === true,
    ending: stored.ending === undefined ? undefined : decodeEnding(stored.ending, values),
    outcome: stored.outcome === undefined ? undefined : decodeOutcome(stored.outcome, values),
    startedAt: stored.startedAt,
    steps: stored.steps,
    usage: stored.usage === undefined ? undefined : [...stored.usage],
  })
  for (const { name, index } of graph.nodes) {
    if (Object.hasOwn(stored.visits, name)) state.visits[index] = stored.visits[name] as number
    if (Object.hasOwn(stored.outputs, name)) state.outputs[index] = values.decode(stored.outputs[name])
  }
  for (const { state: name, order, value } of stored.results) {
    const node = graph.byName.get(name)
    if (node !== undefined) state.results.push({ node, order, value: values.decode(value) })
  }
  const failures = stored.failures.map(
    ({ state: name, failures: each, absorbed }): CollectedFailure => ({
      node: nodeNamed(graph, name),
      failures: each.map(failure => decodeFailure(failure, values)),
      absorbed,
    }),
  )
  state.failures.push(...failures)
  if (stored.properties.length > 0) {
    state.properties = new Map(
      stored.properties.map(([key, value, order]) => [key, { value: values.decode(value), order }]),
    )
  }
  const forks: Fork[] = []
  for (const { parent, step, origin } of stored.forks) {
    const node = origin === undefined ? undefined : nodeNamed(graph, origin)
    const around = parent === undefined ? undefined : decodeBranch(parent, graph, forks, values)
    forks.push(parent === undefined ? state.root : createFork(around, step, node, joins))
  }
  for (const each of stored.branches) {
    const branch = decodeBranch(each, graph, forks, values)
    state.branches.set(branch.id, branch)
    if (branch.phase === 'working' || branch.phase === 'routing') state.active++
    else if (branch.phase === 'waiting') state.waiting++
    for (let fork: Fork | undefined = branch.fork; fork?.tally !== undefined; fork = enclosingFork(fork)) {
      const { live } = fork.tally
      live.set(branch.node, (live.get(branch.node) ?? 0) + 1)
    }
  }
  const branchNamed = (id: string): Branch => {
    const branch = state.branches.get(id)
    if (branch === undefined) throw new Error(`a branch "${id}" that is not there`)
    return branch
  }
  for (const [index, { endedAt = [], failures: own = [], barriers = [] }] of stored.forks.entries()) {
    const fork = forks[index] as Fork
    if (fork.tally === undefined) continue
    for (const name of endedAt) {
      const node = graph.byName.get(name)
      if (node !== undefined) fork.tally.endedAt.add(node)
    }
    fork.tally.failures.push(...own.flatMap(at => failures[at] ?? []))
    for (const { key, state: name, arrivals, due } of barriers) {
      const node = nodeNamed(graph, name)
      const barrier: Barrier = { key, node, fork, arrivals: arrivals.map(branchNamed), due }
      for (const branch of barrier.arrivals) branch.barrier = barrier
      fork.tally.barriers.set(node, barrier)
      if (due !== undefined) (state.timedBarriers ??= new Map()).set(key, barrier)
    }
  }
  state.ready = stored.ready.map(branchNamed)
  state.nextLayer = stored.nextLayer.map(branchNamed)
  return state
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

function encodeBranch(branch: Branch, fork: number, values: ValueCodec): StoredBranch {
  const { id, order, step, node, phase, input, output, runnable, reruns, failure, missed, wait, kept, asked } = branch
  return {
    id,
    order,
    fork,
    step,
    state: node.name,
    phase,
    ...(input === undefined ? {} : { input: values.encode(input) }),
    ...(output === undefined ? {} : { output: values.encode(output) }),
    ...(runnable === undefined ? {} : { runnable: storedRunnable(runnable, node.name, values) }),
    ...(reruns === 0 ? {} : { reruns }),
    ...(failure === undefined ? {} : { failure: values.encode(failure) }),
    ...(missed === undefined ? {} : { missed: [...missed] }),
    ...(wait === undefined ? {} : { wait: { ...wait } as unknown as Json }),
    ...(kept === undefined ? {} : { kept: [...kept].map(([name, value]) => [name, values.encode(value)] as const) }),
    ...(asked === undefined
      ? {}
      : {
          asked: [...asked].map(([name, { message, subject, until }]) => ({
            name,
            message,
            subject: values.encode(subject),
            ...(until === undefined ? {} : { until }),
          })),
        }),
  }
}

function decodeBranch(
  stored: StoredBranch,
  graph: OrchestrationGraph,
  forks: readonly Fork[],
  values: ValueCodec,
): Branch {
  const { id, order, fork, step, state, phase, reruns = 0, missed, wait, kept, asked } = stored
  const node = nodeNamed(graph, state)
  const around = forks[fork]
  if (around === undefined) throw new Error(`branch "${id}" in a fan-out that is not there`)
  return {
    id,
    order,
    fork: around,
    step,
    node,
    input: stored.input === undefined ? undefined : values.decode(stored.input),
    checked: undefined,
    runnable: stored.runnable === undefined ? undefined : freshRunnable(stored.runnable, node.runnable, values),
    reruns,
    phase,
    output: stored.output === undefined ? undefined : values.decode(stored.output),
    wait:
      wait === undefined ? undefined : ({ message: undefined, until: undefined, ...(wait as object) } as BranchWait),
    kept: kept === undefined ? undefined : new Map(kept.map(([name, value]) => [name, values.decode(value)])),
    asked:
      asked === undefined
        ? undefined
        : new Map(
            asked.map(({ name, message, subject, until }) => [
              name,
              { message, subject: values.decode(subject), until },
            ]),
          ),
    failure: stored.failure === undefined ? undefined : (values.decode(stored.failure) as Error),
    missed: missed === undefined ? undefined : new Set(missed),
    barrier: undefined,
  }
}

function encodeEnding(ending: Ending, values: ValueCodec): Json {
  if (ending.status !== 'failed') return { ...ending }
  return { status: 'failed', failures: ending.failures.map(failure => encodeFailure(failure, values)) }
}

function decodeEnding(json: Json, values: ValueCodec): Ending {
  const ending = json as unknown as Ending
  if (ending.status !== 'failed') return ending
  return { status: 'failed', failures: ending.failures.map(failure => decodeFailure(failure, values)) }
}

function encodeOutcome({ output, failure }: NonNullable<RunState['outcome']>, values: ValueCodec): Json {
  return {
    ...(output === undefined ? {} : { output: values.encode(output) }),
    ...(failure === undefined ? {} : { failure: encodeFailure(failure, values) }),
  }
}

function decodeOutcome(json: Json, values: ValueCodec): NonNullable<RunState['outcome']> {
  const { output, failure } = json as { readonly output?: Json; readonly failure?: Json }
  return {
    output: output === undefined ? undefined : values.decode(output),
    failure: failure === undefined ? undefined : decodeFailure(failure, values),
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

function nodeNamed(graph: OrchestrationGraph, name: string): GraphNode {
  const node = graph.byName.get(name)
  if (node === undefined) throw new Error(`state "${name}", which the definition does not have`)
  return node
}
