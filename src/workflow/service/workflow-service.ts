import { consoleLogger, type OrchestrationEvent, systemClock } from '../../core/index.js'
import { type HostRecovery, RunHost, type RunRecord } from '../../durability/index.js'
import { OptionError } from '../../errors/index.js'
import type { PriceTable } from '../../resilience/index.js'
import type { NodeStatus } from '../status/node-status.js'
import { type WorkflowTemplate, workflowTemplates } from '../workflow-templates.js'
import { defaultTenant, refOf } from './run-tags.js'
import { WorkflowDefinitions } from './workflow-definitions.js'
import type { ExecutionCost, PreparedExecution, StartedExecution, WorkflowExecution } from './workflow-execution.js'
import { WorkflowExecutions } from './workflow-executions.js'
import { type ExecutableWorkflow, WorkflowLibrary } from './workflow-library.js'
import type {
  WorkflowPage,
  WorkflowRecord,
  WorkflowValidation,
  WorkflowVersion,
  WorkflowVersionPage,
} from './workflow-record.js'
import type {
  ArchiveOptions,
  CancelExecutionOptions,
  CreateOptions,
  ExecuteWorkflowOptions,
  ListOptions,
  ResumeExecutionOptions,
  TenantOptions,
  UpdateOptions,
  VersionListOptions,
  WorkflowServiceLimits,
  WorkflowServiceOptions,
} from './workflow-service-options.js'
import { WorkflowStarts } from './workflow-starts.js'

/**
 * Workflows that are kept in a store: creates, versions and executes them, each tenant for itself. Executions are durable runs; what was
 * under way when a process ended goes on with `recover()` of the next, under the version of the definition that it was started with.
 *
 * ```ts
 * const service = new WorkflowService({ store, environment: { agents: { 'web-search': search } } })
 * await service.recover()
 * const { id } = await service.create(json)
 * const { executionId } = await service.execute(id, { input: { topic: 'quantum computing' }, maxBudget: 1 })
 * await service.execution(executionId) // { status: 'running' | 'paused' | 'completed' … }
 * ```
 *
 * What another tenant has is unknown here, with the same errors as what nobody has.
 */
export class WorkflowService {
  /** What drives the executions. */
  readonly host: RunHost
  readonly #definitions: WorkflowDefinitions
  readonly #starts: WorkflowStarts
  readonly #executions: WorkflowExecutions
  readonly #ownsHost: boolean

  /** @throws OPTION_INVALID */
  constructor(options: WorkflowServiceOptions) {
    const { environment = {}, clock = systemClock, logger = consoleLogger } = options
    this.#ownsHost = !('host' in options)
    this.host =
      'host' in options
        ? options.host
        : new RunHost({ store: options.store, resolve: run => this.definitionOf(run), logger })
    const { host } = this
    const library = new WorkflowLibrary(host.store, typeof environment === 'function' ? environment : () => environment)
    this.#definitions = new WorkflowDefinitions({ store: host.store, library, clock, limits: limitsOf(options.limits) })
    const { start = (orchestration, input, how) => host.start(orchestration, input, how) } = options
    this.#starts = new WorkflowStarts({ host, library, start })
    this.#executions = new WorkflowExecutions({ host, library, logger })
  }

  /**
   * Creates a workflow of a definition (S2-19): of JSON text, of data, in whatever form `parseWorkflow` takes, or of a record of another
   * workflow. `graph_json` may stand for `nodes` and `edges`.
   * @throws WORKFLOW_INVALID with everything that is wrong; WORKFLOW_EXISTS; IDEMPOTENCY_CONFLICT; LIMIT_REACHED
   */
  create(definition: unknown, options: CreateOptions = {}): Promise<WorkflowRecord> {
    return this.#definitions.create(definition, options)
  }

  /** The workflows, the youngest first (S2-20). @throws OPTION_INVALID */
  list(options: ListOptions = {}): Promise<WorkflowPage> {
    return this.#definitions.list(options)
  }

  /** A workflow with its latest definition, also one that is archived (S2-21). @throws WORKFLOW_UNKNOWN */
  get(id: string, options: TenantOptions = {}): Promise<WorkflowRecord> {
    return this.#definitions.get(id, options)
  }

  /**
   * Changes a workflow (S2-22): what is given takes the place of what was there, `null` takes it away; new `nodes` come with their own
   * `edges`. A definition that has become another one is a new version; executions go on under theirs. `status: 'active'` brings an
   * archived workflow back.
   * @throws WORKFLOW_INVALID; WORKFLOW_UNKNOWN; WORKFLOW_CHANGED if it is not at `revision`; WORKFLOW_INACTIVE if it is archived;
   * LIMIT_REACHED
   */
  update(id: string, changes: unknown, options: UpdateOptions = {}): Promise<WorkflowRecord> {
    return this.#definitions.update(id, changes, options)
  }

  /**
   * Puts a workflow away (S2-23): it is executed no more, and stays readable. Executions that are under way go on, or are cancelled;
   * `notCancelled` are those that another process drives.
   * @throws WORKFLOW_UNKNOWN, WORKFLOW_CHANGED
   */
  async archive(
    id: string,
    options: ArchiveOptions = {},
  ): Promise<WorkflowRecord & { readonly notCancelled: readonly string[] }> {
    const { tenant = defaultTenant, cancelExecutions = false } = options
    const record = await this.#definitions.update(id, { status: 'archived' }, options)
    const reason = `workflow "${id}" was archived`
    return { ...record, notCancelled: cancelExecutions ? await this.#executions.cancelAll(id, tenant, reason) : [] }
  }

  /** The versions of a workflow, the latest first. @throws WORKFLOW_UNKNOWN, OPTION_INVALID */
  versions(id: string, options: VersionListOptions = {}): Promise<WorkflowVersionPage> {
    return this.#definitions.versions(id, options)
  }

  /** A version of a workflow. @throws WORKFLOW_UNKNOWN */
  version(id: string, version: number, options: TenantOptions = {}): Promise<WorkflowVersion> {
    return this.#definitions.version(id, version, options)
  }

  /** What is wrong with a definition, and what it lacks; nothing is kept of it. */
  validate(definition: unknown, options: TenantOptions = {}): Promise<WorkflowValidation> {
    return this.#definitions.validate(definition, options)
  }

  /** Definitions to start from (S2-31). */
  get templates(): readonly WorkflowTemplate[] {
    return workflowTemplates
  }

  /**
   * Starts an execution and returns at once, when it is in the store (S2-24). Workflows inside it are those of the tenant; which versions
   * are meant by their latest is decided now.
   * @throws WORKFLOW_UNKNOWN; WORKFLOW_INACTIVE for drafts and archived ones; PAYLOAD_INVALID if the input lacks what templates read;
   * WORKFLOW_INVALID if agents or workflows are not there; RUN_EXISTS; IDEMPOTENCY_CONFLICT; OPTION_INVALID
   */
  execute(id: string, options: ExecuteWorkflowOptions = {}): Promise<StartedExecution> {
    return this.#starts.execute(id, options)
  }

  /** Checks everything that {@link execute} checks, and starts nothing; throws what it throws. `idempotencyKey` has no effect. */
  prepare(id: string, options: ExecuteWorkflowOptions = {}): Promise<PreparedExecution> {
    return this.#starts.prepare(id, options)
  }

  /** What an execution is doing, and what has come of it (S2-25). @throws RUN_UNKNOWN */
  execution(executionId: string, options: TenantOptions = {}): Promise<WorkflowExecution> {
    return this.#executions.execution(executionId, options)
  }

  /** Where the nodes of an execution are (S2-29). @throws RUN_UNKNOWN */
  nodes(executionId: string, options: TenantOptions = {}): Promise<readonly NodeStatus[]> {
    return this.#executions.nodes(executionId, options)
  }

  /** What an execution has cost so far, and which of its nodes how much (S2-30). @throws RUN_UNKNOWN */
  cost(executionId: string, options: TenantOptions = {}): Promise<ExecutionCost> {
    return this.#executions.cost(executionId, options)
  }

  /**
   * Starts no more nodes; resolves when those at work are done, or when another process, which drives it, has been asked for ten seconds
   * (S2-26). @throws RUN_UNKNOWN, RUN_ENDED
   */
  pause(executionId: string, options: TenantOptions = {}): Promise<StartedExecution> {
    return this.#executions.pause(executionId, options)
  }

  /**
   * Goes on with an execution (S2-27). One that somebody has paused goes on. One that waits for approvals gets its decision: all that are
   * open are approved, unless it is said otherwise. One that is paused and waits gets a decision only if there is one in the options, so
   * that nobody approves by accident. A rejection fails the node and cancels the execution, unless the definition leads on from it.
   * @throws RUN_UNKNOWN, RUN_ENDED; REQUEST_UNKNOWN if it waits for no such approval; RUN_BUSY
   */
  resume(executionId: string, options: ResumeExecutionOptions = {}): Promise<StartedExecution> {
    return this.#executions.resume(executionId, options)
  }

  /**
   * Ends an execution and aborts what is at work (S2-28), also if another process drives it; no effect on one that is cancelled.
   * @throws RUN_UNKNOWN, RUN_ENDED
   */
  cancel(executionId: string, options: CancelExecutionOptions = {}): Promise<StartedExecution> {
    return this.#executions.cancel(executionId, options)
  }

  /** Whether a run is an execution of a workflow, of whatever tenant. */
  has(run: Pick<RunRecord, 'orchestration' | 'tags'>): boolean {
    return refOf(run) !== undefined
  }

  /**
   * The definition of a run, for a host of runs; `undefined` if it is no execution of a workflow.
   * @throws ORCHESTRATION_UNKNOWN with what is missing for it to go on
   */
  definitionOf(run: Pick<RunRecord, 'orchestration' | 'tags'>): Promise<ExecutableWorkflow | undefined> {
    return this.#executions.definitionOf(run)
  }

  /** Where the nodes of an execution are after some of its events; none if it is no execution of a workflow. */
  nodesOf(
    run: Pick<RunRecord, 'orchestration' | 'tags'>,
    events: Iterable<OrchestrationEvent>,
  ): Promise<readonly NodeStatus[]> {
    return this.#executions.nodesOfRun(run, events)
  }

  /** What models cost for a run, as the environment of its tenant says; `undefined` if it does not, or it is no execution of a workflow. */
  pricesOf(run: Pick<RunRecord, 'orchestration' | 'tags'>): PriceTable | undefined {
    return this.#executions.pricesOf(run)
  }

  /** Takes up the executions that were under way when a process ended; with a host of its own, all runs of that. */
  recover(): Promise<HostRecovery> {
    return this.host.recover()
  }

  /** Lets nodes at work finish, for at most `graceMs` milliseconds, and starts no more; no effect on a host that it was given. */
  async close(graceMs?: number): Promise<void> {
    if (this.#ownsHost) await this.host.close(graceMs)
  }
}

function limitsOf({
  maxWorkflows = 1000,
  maxVersions = 1000,
}: WorkflowServiceLimits = {}): Required<WorkflowServiceLimits> {
  for (const [name, limit] of Object.entries({ maxWorkflows, maxVersions })) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new OptionError(`limits.${name}`, 'a whole number of at least 1', limit)
  }
  return { maxWorkflows, maxVersions }
}
