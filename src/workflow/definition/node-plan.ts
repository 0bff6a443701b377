import type { RetryStrategy } from '../../resilience/index.js'
import type { ConditionTest } from '../conditions/condition-test.js'
import type { Template } from '../templates/template.js'
import type { NodeType } from './node-type.js'

/** With which end of its source an edge is taken. */
export type EdgeKind = 'completed' | 'true' | 'false' | 'failed' | 'rejected' | 'expired'

/** An edge as it is followed. */
export interface EdgePlan {
  readonly from: string
  readonly to: string
  readonly on: EdgeKind
}

/** Nodes that run together, in layers: those of a workflow, or of a body. */
export interface GraphPlan {
  /** The node whose body it is; `undefined` for the workflow itself. */
  readonly owner: string | undefined
  readonly nodes: ReadonlyMap<string, NodePlan>
  readonly edges: readonly EdgePlan[]
  readonly layers: readonly (readonly string[])[]
}

interface NodeBase {
  readonly id: string
  readonly type: NodeType
  /** Where it is written, for faults that come up later. */
  readonly path: string
  readonly incoming: readonly EdgePlan[]
  /** The nodes that run before it, in the order of its edges, each once. */
  readonly predecessors: readonly string[]
  /** The names around its body whose values the body reads. */
  readonly outer: readonly string[]
  readonly retry: RetryStrategy | undefined
  readonly timeoutMs: number | undefined
  readonly fallback: Template | undefined
  readonly onError: 'fail' | 'continue' | 'route'
}

export interface AgentCallPlan extends NodeBase {
  readonly type: 'agent_call'
  readonly agentId: string | undefined
  readonly endpoint: string | undefined
  readonly config: Template
  /** What the agent gets; by default the input of the node and its config. */
  readonly payload: Template | undefined
}

export interface ConditionPlan extends NodeBase {
  readonly type: 'condition'
  readonly test: ConditionTest
  /** The nodes that each outcome leads to. */
  readonly branches: { readonly true: readonly string[]; readonly false: readonly string[] }
}

export interface ParallelGroupPlan extends NodeBase {
  readonly type: 'parallel_group'
  readonly body: GraphPlan
  readonly policy: 'all' | 'any' | { readonly quorum: number }
  readonly maxConcurrency: number | undefined
}

export interface LoopPlan extends NodeBase {
  readonly type: 'loop'
  readonly body: GraphPlan
  readonly until: ConditionTest | undefined
  readonly while: ConditionTest | undefined
  /** Comes to the items. */
  readonly forEach: Template | undefined
  readonly maxIterations: number
  readonly onExhausted: 'fail' | 'proceed'
  readonly concurrency: number | undefined
}

export interface HumanApprovalPlan extends NodeBase {
  readonly type: 'human_approval'
  readonly message: Template
  /** Whether an edge takes up a rejection, and one that nobody has decided in time. */
  readonly routesRejection: boolean
  readonly routesExpiry: boolean
}

export interface SubworkflowPlan extends NodeBase {
  readonly type: 'subworkflow'
  readonly workflowId: string
  readonly version: number | undefined
  readonly input: Template | undefined
}

/** A node as it is compiled. */
export type NodePlan =
  | AgentCallPlan
  | ConditionPlan
  | ParallelGroupPlan
  | LoopPlan
  | HumanApprovalPlan
  | SubworkflowPlan
