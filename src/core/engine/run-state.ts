import type { Schema } from '../../schema/index.js'
import type { GraphNode, OrchestrationGraph } from '../graph.js'
import type { ResolvedRules } from '../orchestration-options.js'
import type { PropertyEntry } from '../properties.js'
import type { RecordedUsage } from '../recorded-usage.js'
import type { RunFailure } from '../run-errors.js'
import type { AnyRunnable } from '../runnable.js'
import type { TokenOrder } from '../token-order.js'
import type { JoinScopes } from './join-scopes.js'

/**
 * Where the token of a branch is in its step:
 * waiting for a slot, at work, having its output routed, waiting for somebody, waiting at a join, or no longer of interest.
 */
export type BranchPhase = 'ready' | 'working' | 'routing' | 'waiting' | 'joining' | 'gone'

/** A line of steps, one after the other. It has exactly one token at a time, `id:step`. */
export interface Branch {
  readonly id: string
  /** Where the branch is in token order; its token is at `[...order, step]`. */
  readonly order: TokenOrder
  /** The fan-out that opened the branch, or the root. */
  readonly fork: Fork
  step: number
  node: GraphNode
  /** What the state gets; for a join that fired, the array of its inputs. */
  input: unknown
  checked: Schema | undefined
  /** The instance an advancer made for this step, instead of the registered one. */
  runnable: AnyRunnable | undefined
  reruns: number
  phase: BranchPhase
  /** What its state returned, while that is routed. */
  output: unknown
  /** What it waits for, while it does. */
  wait: BranchWait | undefined
  /** What the step has done that it must not do again, by name. */
  kept: Map<string, unknown> | undefined
  /** What its state, while at work, has asked a person and has no answer to, by name. */
  asked: Map<string, Question> | undefined
  /** Why the state failed, while its `onError` routes are asked. */
  failure: Error | undefined
  /** Keys of barriers that fired without this branch and let it go on: their joins take it up without firing again. */
  missed: ReadonlySet<string> | undefined
  /** Where the branch waits for others, while it does. */
  barrier: Barrier | undefined
}

/** What a state at work asks a person. */
export interface Question {
  readonly message: string
  readonly subject: unknown
  /** When the time is up, in milliseconds since 1970. */
  readonly until: number | undefined
}

/** What a branch waits for. */
export interface BranchWait {
  readonly kind: 'approval' | 'signal' | 'delay' | 'orchestration'
  /** What a person is asked. */
  readonly message: string | undefined
  /** When the time is up, in milliseconds since 1970. */
  readonly until: number | undefined
}

/** A fan-out whose branches may come together again. The root fork stands for the run itself. */
export interface Fork {
  /** The branch that forked, as it was; `undefined` for the root. */
  readonly parent: Branch | undefined
  readonly step: number
  readonly origin: GraphNode | undefined
  /** Kept only if the graph has joins. */
  readonly tally: ForkTally | undefined
}

/** What joins have to know of the branches inside a fork, nested ones included. */
export interface ForkTally {
  /** How many branches are at each state. */
  readonly live: Map<GraphNode, number>
  /** The states at which branches ended without being joined, as seen from the fork. */
  readonly endedAt: Set<GraphNode>
  /** What failed, and at which state that was as seen from the fork. */
  readonly failures: Map<CollectedFailure, GraphNode>
  readonly barriers: Map<GraphNode, Barrier>
}

/** What has arrived at a join, from one fork. */
export interface Barrier {
  readonly key: string
  readonly node: GraphNode
  readonly fork: Fork
  readonly arrivals: Branch[]
  /** When its time is up, in milliseconds since 1970; known only of a run that is recorded or observed. */
  readonly due: number | undefined
}

/** A failure that did not end the run at once. */
export interface CollectedFailure {
  /** What the state threw; then, if asking its `onError` routes failed as well, what they threw. */
  readonly failures: readonly RunFailure[]
  readonly node: GraphNode
  /** A join went on without the branch, as its policy allows. */
  absorbed: boolean
}

/** One output of the run. */
export interface RunOutput {
  readonly node: GraphNode
  readonly order: TokenOrder
  readonly value: unknown
}

/** How a run has ended: with this output, or, although all states went well, with this failure. */
export interface RunOutcome {
  readonly output: unknown
  readonly failure: RunFailure | undefined
}

/** How a run is going to end, once everything is wound up. */
export type Ending =
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly failures: readonly RunFailure[] }
  | { readonly status: 'cancelled'; readonly reason: string }

/** What a run is doing. `ending`: decided, hooks are still at work. */
export type RunPhase = 'created' | 'running' | 'pausing' | 'paused' | 'ending' | 'ended'

/** The rules that decide what follows from a fact. */
export type StepRules = Pick<ResolvedRules, 'lockstep' | 'failFast' | 'maxSteps' | 'maxConcurrency' | 'maxFanOut'>

/** All there is to know of a run. Only `step` changes it. */
export interface RunState {
  readonly graph: OrchestrationGraph
  readonly runId: string
  readonly rules: StepRules
  /** Undefined if the graph has no joins: then nothing is counted for them. */
  readonly scopes: JoinScopes | undefined
  phase: RunPhase
  /** `pause` came before the run had started. */
  pauseAtStart: boolean
  ending: Ending | undefined
  /** Set when the run has ended. */
  outcome: RunOutcome | undefined
  /** When it started, in milliseconds since 1970; known only of a run that is recorded or observed. */
  startedAt: number
  readonly root: Fork
  /** Every branch that is still under way, by id. */
  readonly branches: Map<string, Branch>
  /** Branches that may start, first come first served; `readyFrom` is the first that has not. */
  ready: Branch[]
  readyFrom: number
  /** Lockstep: branches that wait for the current layer to finish. */
  nextLayer: Branch[]
  /** How many branches are working or routing. */
  active: number
  /** How many branches wait for somebody. */
  waiting: number
  /** States invoked so far. */
  steps: number
  readonly visits: number[]
  /** The last output of each state, by the state's index. */
  readonly outputs: unknown[]
  results: RunOutput[]
  failures: CollectedFailure[]
  properties: Map<string, PropertyEntry> | undefined
  /** What its states have used up, kept of runs that are recorded. */
  usage: RecordedUsage[] | undefined
  /** Forks whose joins may have become ready. */
  touched: Fork[]
  /** Joins that have a time limit and wait, by key. */
  timedBarriers: Map<string, Barrier> | undefined
}

/** The state of a run that has not started. */
export function createRunState(
  graph: OrchestrationGraph,
  runId: string,
  rules: StepRules,
  scopes: JoinScopes | undefined,
  properties: Readonly<Record<string, unknown>> | undefined,
): RunState {
  return {
    graph,
    runId,
    rules,
    scopes,
    phase: 'created',
    pauseAtStart: false,
    ending: undefined,
    outcome: undefined,
    startedAt: 0,
    root: createFork(undefined, 0, undefined, scopes !== undefined),
    branches: new Map(),
    ready: [],
    readyFrom: 0,
    nextLayer: [],
    active: 0,
    waiting: 0,
    steps: 0,
    visits: [],
    outputs: [],
    results: [],
    failures: [],
    properties:
      properties === undefined
        ? undefined
        : new Map(Object.entries(properties).map(([key, value]) => [key, { value, order: [] }])),
    usage: undefined,
    touched: [],
    timedBarriers: undefined,
  }
}

/** A fan-out of `parent` at its current step; without a parent, the root. */
export function createFork(
  parent: Branch | undefined,
  step: number,
  origin: GraphNode | undefined,
  joins: boolean,
): Fork {
  const tally = joins
    ? { live: new Map(), endedAt: new Set<GraphNode>(), failures: new Map(), barriers: new Map() }
    : undefined
  return { parent, step, origin, tally }
}

/** The fork around a fork; `undefined` for the root. */
export function enclosingFork(fork: Fork): Fork | undefined {
  return fork.parent?.fork
}

/** Identity of a branch's current step. */
export function tokenOf(branch: { readonly id: string; readonly step: number }): string {
  return `${branch.id}:${branch.step}`
}

/** Under what name an answer is kept. */
export function answerKey(name: string): string {
  return `approval:${name}`
}

/** Identity of a question of a branch's current step. */
export function questionId(branch: { readonly id: string; readonly step: number }, name: string): string {
  return `${tokenOf(branch)}#${name}`
}

/** Place of a branch's current step in token order. */
export function orderOf(branch: Branch): TokenOrder {
  return [...branch.order, branch.step]
}
