import type { Subject } from 'rxjs'
import type { ChatRuntime } from '../chat/index.js'
import type { Clock, Logger } from '../core/index.js'
import type { RunHost, RunRecord } from '../durability/index.js'
import type { WorkflowService } from '../workflow/index.js'
import type { A2aServingOptions } from './a2a/a2a-options.js'
import type { McpServingOptions } from './mcp/mcp-options.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import type { RunKinds } from './run-kind.js'
import type { BoundedLimits, ServedOrchestration } from './serving-options.js'
import type { StreamGate } from './stream-gate.js'

/** What every route has to do with. */
export interface ServerContext {
  /** Starts, takes up, pauses, cancels and observes runs; its `store` is where everything is. New runs go through `startRun`. */
  readonly host: RunHost
  /** Orchestrations in code, by name. */
  readonly orchestrations: ReadonlyMap<string, ServedOrchestration>
  readonly chats: ReadonlyMap<string, (caller: Principal, id: string) => ChatRuntime>
  /** Runs of definitions that are kept elsewhere; JSON workflows add themselves. */
  readonly kinds: RunKinds
  /** The JSON workflows; where none are served, none can be created, and those of the store find no agents. */
  readonly workflows: WorkflowService
  readonly limits: BoundedLimits
  readonly mcp: Required<McpServingOptions>
  readonly a2a: A2aServingOptions
  /** Tells the id of every run that is started for a caller, or taken up for one. */
  readonly started$: Subject<string>
  /** Lets streams of events in. */
  readonly streams: StreamGate
  /** What `/metrics` tells. (Naming its class here would make the declarations need OpenTelemetry.) */
  readonly metrics: { text(): string }
  readonly logger: Logger
  readonly clock: Clock
}

/** The label of a run that says whose it is. */
export const tenantTag = 'tenant'

/** The labels of a run of a JSON workflow: what it runs, and what it may cost in USD. */
export const workflowTags = { id: 'workflow_id', version: 'workflow_version', maxBudget: 'max_budget' } as const

/** The label of a run that a request with an idempotency key has started. */
export const idempotencyTag = 'idempotency'

/** The tenant of a run, by its labels. */
export function tenantOf(tags: RunRecord['tags']): string {
  return (Object.hasOwn(tags, tenantTag) ? tags[tenantTag] : undefined) ?? 'default'
}

/** Whether a run belongs to a tenant. */
export function isOf({ tags }: RunRecord, tenant: string): boolean {
  return tenantOf(tags) === tenant
}

/**
 * A run of the caller's tenant. That of another one is not there, as far as the caller can tell.
 * @throws Problem 404
 */
export async function runOf(server: ServerContext, { tenant }: Principal, runId: string): Promise<RunRecord> {
  const record = await server.host.store.get(runId)
  if (record !== undefined && isOf(record, tenant)) return record
  throw new Problem(404, { code: 'RUN_UNKNOWN', detail: `There is no execution "${runId}".` })
}
