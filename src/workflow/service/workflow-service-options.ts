import type { Clock, Logger } from '../../core/index.js'
import type { HostedOrchestration, HostedRunOptions, JournalStore, RunHost } from '../../durability/index.js'
import type { WorkflowEnvironment } from '../workflow-environment.js'
import type { DefinitionStatus } from './workflow-record.js'

/** What the workflows of a service find around them; the other workflows are those of the service. */
export type ServiceEnvironment = Omit<WorkflowEnvironment, 'workflows' | 'maxBudget' | 'breakers'>

/** What is bounded, so that a tenant cannot use up the store. */
export interface WorkflowServiceLimits {
  /** How many workflows a tenant may have, archived ones included. @default 1000 */
  readonly maxWorkflows?: number
  /** How many versions a workflow may have. @default 1000 */
  readonly maxVersions?: number
}

/** Starts a run, as {@link RunHost.start} does. */
export type StartRun = (
  orchestration: HostedOrchestration,
  input: unknown,
  options: HostedRunOptions,
) => Promise<{ readonly id: string }>

/** What a service is made of: of a store, or of a host of runs whose `resolve` asks {@link WorkflowService.definitionOf}. */
export type WorkflowServiceOptions = WorkflowServiceSettings &
  ({ readonly store: JournalStore } | { readonly host: RunHost })

/** What all services have. */
export interface WorkflowServiceSettings {
  /** What definitions find around them, such as their agents; by tenant, if it is a function. @default nothing */
  readonly environment?: ServiceEnvironment | ((tenant: string) => ServiceEnvironment)
  readonly limits?: WorkflowServiceLimits
  /** What runs are started with, to bound how many there are. @default the host */
  readonly start?: StartRun
  /** @default the system's clock */
  readonly clock?: Clock
  /** @default the console */
  readonly logger?: Logger
}

/** Whose workflows and executions are meant; those of others are not there. */
export interface TenantOptions {
  /** @default 'default' */
  readonly tenant?: string
}

/** How a workflow is created. */
export interface CreateOptions extends TenantOptions {
  /** @default the `id` of what is given, else a random UUID */
  readonly id?: string
  /** @default the `status` of what is given, else 'active' */
  readonly status?: DefinitionStatus
  /** Creating again with the same key and the same definition has no further effect, and returns the same workflow. @default none */
  readonly idempotencyKey?: string
}

/** How a workflow is updated. */
export interface UpdateOptions extends TenantOptions {
  /** The revision that it must be at. @default whatever it is at */
  readonly revision?: number
}

/** How a workflow is archived. */
export interface ArchiveOptions extends UpdateOptions {
  /** Whether its executions that are under way are cancelled; otherwise they go on to their ends. @default false */
  readonly cancelExecutions?: boolean
}

/** Which workflows are listed. */
export interface ListOptions extends TenantOptions {
  /** @default ['draft', 'active'] */
  readonly status?: readonly DefinitionStatus[]
  /** From 1 to 200. @default 50 */
  readonly limit?: number
  /** How many are left out. @default 0 */
  readonly offset?: number
}

/** Which versions are listed. */
export type VersionListOptions = Omit<ListOptions, 'status'>

/** How a workflow is executed. */
export interface ExecuteWorkflowOptions extends TenantOptions {
  /** What templates read as `input`; any JSON. @default {} */
  readonly input?: unknown
  /** What it may cost in USD; takes the place of what the definition says. 0: nothing. @default that of the definition */
  readonly maxBudget?: number
  /** @default the latest */
  readonly version?: number
  /** The id of the execution. @default a random UUID */
  readonly runId?: string
  /** Executing again with the same key and the same input starts nothing more, and returns the same execution. @default none */
  readonly idempotencyKey?: string
  /** Labels of the run, besides those that the service sets. @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** What a resumed execution is told. */
export interface ResumeExecutionOptions extends TenantOptions {
  /** The node whose approval is decided. @default every one that is open */
  readonly nodeId?: string
  /** @default true */
  readonly approved?: boolean
  /** Why, for whoever reads it later. @default nothing */
  readonly reason?: string
  /** Plain JSON that the nodes behind the approval read as `{{approval.data}}`. @default nothing */
  readonly data?: unknown
  /** Who decided. @default nobody in particular */
  readonly by?: string
}

/** How an execution is cancelled. */
export interface CancelExecutionOptions extends TenantOptions {
  /** @default none */
  readonly reason?: string
}
