import type { Branch, RecordedUsage } from '../core/internal.js'
import type { StoredRunStatus } from './journal-records.js'
import type { TreeNode } from './run-tree.js'

/** A branch of a run at some place in its journal. */
export interface BranchView {
  /** Identity of its step, `branch:step`. */
  readonly token: string
  readonly stateName: string
  /**
   * `ready`: waits for a slot; `working`; `routing`: its output is being routed; `waiting`: for a person, a message, a moment or a run
   * inside; `joining`: at a join, for other branches.
   */
  readonly phase: 'ready' | 'working' | 'routing' | 'waiting' | 'joining'
  readonly input: unknown
  /** What its state has returned, while that is routed. */
  readonly output?: unknown
  /** What it waits for, and until when (milliseconds since 1970). */
  readonly waitsFor?: { readonly kind: string; readonly message?: string; readonly until?: number }
}

/** A run as it was after some entry of its journal. */
export interface RunView {
  readonly runId: string
  readonly orchestration: string
  /** The last entry that counts. */
  readonly seq: number
  readonly status: StoredRunStatus | 'pending'
  /** How many states had been invoked. */
  readonly steps: number
  readonly branches: readonly BranchView[]
  /** The last output of each state that had one. */
  readonly outputs: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
  /** The outputs that may become the result. */
  readonly results: readonly unknown[]
  /** Set when the run had ended: its output, or why there is none. */
  readonly output?: unknown
  readonly errors: readonly Error[]
  /** Why it was cancelled, if it was. */
  readonly reason?: string
  /** What its states had reported as used up. */
  readonly usage: readonly RecordedUsage[]
  /** Runs of sub-orchestrations, by the tokens that lead to them. */
  readonly inner: readonly RunView[]
}

/** What a run looks like from outside; `inner` are all runs inside it, at any depth. */
export function viewOf({ runId, graph, state }: TreeNode, seq: number, inner: readonly TreeNode[]): RunView {
  const { ending, outcome } = state
  const failures =
    outcome?.failure !== undefined ? [outcome.failure] : ending?.status === 'failed' ? ending.failures : []
  const outputs: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { name, index } of graph.nodes) if (index in state.outputs) outputs[name] = state.outputs[index]
  return {
    runId,
    orchestration: graph.name,
    seq,
    status: statusOf(state),
    steps: state.steps,
    branches: [...state.branches.values()].map(branchView),
    outputs,
    properties: Object.fromEntries(
      [...(state.properties ?? [])].flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const])),
    ),
    results: state.results.map(({ value }) => value),
    ...(outcome === undefined ? {} : { output: outcome.output }),
    errors: failures.map(({ error }) => error),
    ...(ending?.status === 'cancelled' ? { reason: ending.reason } : {}),
    usage: state.usage ?? [],
    inner: inner.map(node => viewOf(node, seq, [])),
  }
}

/** The status of a run. */
export function statusOf({ phase, ending, outcome }: TreeNode['state']): StoredRunStatus | 'pending' {
  if (phase === 'created') return 'pending'
  if (phase === 'paused') return 'paused'
  if (phase !== 'ended') return 'running'
  return outcome?.failure !== undefined ? 'failed' : (ending?.status ?? 'failed')
}

function branchView({ id, step, node, phase, input, output, wait }: Branch): BranchView {
  const { kind, message, until } = wait ?? {}
  return {
    token: `${id}:${step}`,
    stateName: node.name,
    phase: phase as BranchView['phase'],
    input,
    ...(phase === 'routing' ? { output } : {}),
    ...(kind === undefined
      ? {}
      : {
          waitsFor: { kind, ...(message === undefined ? {} : { message }), ...(until === undefined ? {} : { until }) },
        }),
  }
}
