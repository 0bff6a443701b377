import type { BranchView, HostedRunOptions, RunView } from '../../durability/index.js'
import type { ErrorCode } from '../../errors/index.js'
import type { NodeStatus } from '../status/node-status.js'
import type { ExecutableWorkflow } from './workflow-library.js'

/** What an execution can be (S2-40). */
export type ExecutionStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'

/** An execution that has been started. */
export interface StartedExecution {
  readonly executionId: string
  readonly status: ExecutionStatus
}

/** What an execution is started with, for whoever starts its run itself. */
export interface PreparedExecution {
  readonly orchestration: ExecutableWorkflow
  /** As plain JSON. */
  readonly input: unknown
  /** The labels by which the service knows the run, and its limit of cost; the run has to be started with them. */
  readonly options: HostedRunOptions
}

/** An approval that an execution waits for. Times are milliseconds since 1970. */
export interface PendingApproval {
  readonly requestId: string
  readonly nodeId: string
  readonly message: string
  /** What the node was given. */
  readonly input: unknown
  readonly requestedAt: number
  /** When it stops waiting; missing if never. */
  readonly expiresAt?: number
}

/** An execution of a workflow (S2-25). Times are milliseconds since 1970. */
export interface WorkflowExecution extends StartedExecution {
  readonly workflowId: string
  readonly workflowVersion: number
  /** What it was started with. */
  readonly input: unknown
  /** Once it has completed. */
  readonly output?: unknown
  /** Once it has failed. */
  readonly error?: { readonly name: string; readonly message: string; readonly code?: ErrorCode }
  /** In USD, as far as it is known. */
  readonly totalCost: number
  readonly maxBudget?: number
  /** The nodes that are at work or wait, those in bodies included. */
  readonly currentNodes: readonly string[]
  readonly pendingApprovals: readonly PendingApproval[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** What an execution has cost, in USD (S2-30). */
export interface ExecutionCost {
  readonly executionId: string
  readonly workflowId: string
  readonly status: ExecutionStatus
  readonly totalCost: number
  /** Of every node; what is inside of a node is part of its cost. */
  readonly nodeCosts: readonly Pick<NodeStatus, 'nodeId' | 'nodeType' | 'parent' | 'cost' | 'status'>[]
}

/**
 * Whether nothing goes on in a run until somebody from outside decides. To its clients such a run is paused (C24), though it has not been
 * stopped: other branches are drained, not aborted.
 */
export function waitsForPeople({ branches, inner }: RunView): boolean {
  const all = [branches, ...inner.map(run => run.branches)].flat()
  return all.some(waitsForDecision) && all.every(branch => branch.phase === 'joining' || standsStill(branch))
}

function waitsForDecision({ phase, waitsFor }: BranchView): boolean {
  return phase === 'waiting' && waitsFor?.kind === 'approval'
}

function standsStill({ phase, waitsFor }: BranchView): boolean {
  return phase === 'waiting' && waitsFor?.kind !== 'delay'
}

/** Costs added up, without the crumbs that adding binary fractions leaves. */
export function totalCost(nodes: readonly NodeStatus[]): number {
  const total = nodes.reduce((sum, { parent, cost }) => (parent === undefined ? sum + cost : sum), 0)
  return Number(total.toFixed(10))
}
