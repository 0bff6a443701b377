/** What the server tells of runs; only what the page reads. */

export type RunStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'

export interface RunSummary {
  readonly execution_id: string
  readonly status: RunStatus
  readonly orchestration: string
  readonly workflow_id?: string
  readonly workflow_version?: number
  readonly current_nodes: readonly string[]
  readonly parent?: { readonly execution_id: string; readonly seq: number }
  readonly created_at: string
  readonly updated_at: string
  readonly seq: number
}

export interface ErrorInfo {
  readonly name: string
  readonly message: string
  readonly code?: string
}

export interface RunDetails extends RunSummary {
  readonly input: unknown
  readonly output?: unknown
  readonly error?: ErrorInfo
  readonly total_cost_usd: number
  readonly max_budget?: number
  readonly pending_approvals: readonly OpenRequest[]
}

export interface OpenRequest {
  readonly request_id: string
  readonly execution_id: string
  readonly kind: 'approval' | 'signal'
  readonly node_id: string
  readonly orchestration: string
  readonly workflow_id?: string
  readonly message: string
  readonly input: unknown
  readonly requested_at: string
  readonly expires_at?: string
}

/** An event; which of the optional fields it has depends on its type. */
export interface RunEvent {
  readonly type: string
  readonly seq: number
  readonly at: string
  readonly path?: readonly string[]
  readonly inner_execution_id?: string
  readonly state_name?: string
  readonly token?: string
  readonly from_state?: string
  readonly to_state?: string
  readonly from_token?: string
  readonly to_token?: string
  readonly advancer?: string
  readonly error_message?: string
  readonly handled?: boolean
  readonly reason?: string
  /** Of a node of a workflow that is started: the edges that have led to it. */
  readonly led_by?: readonly { readonly from: string; readonly advancer: string; readonly error: boolean }[]
  readonly cost?: number
  readonly [field: string]: unknown
}

/** A branch at some place in the journal. */
export interface BranchState {
  readonly token: string
  readonly node_id: string
  readonly phase: string
  readonly input: unknown
  readonly output?: unknown
  readonly waits_for?: { readonly kind: string; readonly message?: string; readonly until?: string }
}

/** The run at some place in its journal. */
export interface RunState {
  readonly seq: number
  readonly status: RunStatus
  readonly steps: number
  readonly branches: readonly BranchState[]
  readonly outputs: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
  readonly results: unknown
  readonly output?: unknown
  readonly errors: readonly ErrorInfo[]
  readonly total_cost_usd: number
  readonly inner?: readonly RunState[]
}

export interface NodeInfo {
  readonly node_id: string
  readonly node_type: string
  readonly parent?: string
  readonly status: string
  readonly cost_usd: number
  readonly started_at?: string
  readonly completed_at?: string
  readonly error_message?: string
  readonly attempt: number
}

export interface CostInfo {
  readonly total_cost_usd: number
  readonly max_budget?: number
  readonly model_costs: readonly ModelCost[]
}

export interface ModelCost {
  readonly model: string
  readonly calls: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cost_usd: number
}

export interface HistoryEntry {
  readonly seq: number
  readonly at: string
  readonly events: readonly RunEvent[]
}

/** Something that can be started. */
export interface Startable {
  readonly kind: 'orchestration' | 'workflow'
  readonly id: string
  readonly name: string
  readonly description?: string
}

/** JSON Schema, as far as the page reads it. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly minimum?: number
  readonly [keyword: string]: unknown
}
