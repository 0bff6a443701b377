import type { Logger, OrchestrationEvent } from '../../core/index.js'
import type { OpenRunRequest, RunHost, RunRecord } from '../../durability/index.js'
import { JournalReader, plainOf } from '../../durability/internal.js'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import type { PriceTable } from '../../resilience/index.js'
import type { NodeStatus } from '../status/node-status.js'
import { nodeStatuses } from '../status/node-statuses.js'
import { WorkflowError } from '../workflow-error.js'
import { DefinitionStore } from './definition-store.js'
import { openApprovals, statusNow, statusOf } from './execution-status.js'
import { defaultTenant, refOf, runTags, type WorkflowRef } from './run-tags.js'
import { subjectOfApproval } from './subject-of-approval.js'
import {
  type ExecutionCost,
  type PendingApproval,
  type StartedExecution,
  totalCost,
  type WorkflowExecution,
} from './workflow-execution.js'
import type { ExecutableWorkflow, WorkflowLibrary } from './workflow-library.js'
import { hasCode, refusal } from './workflow-service-error.js'
import type { CancelExecutionOptions, ResumeExecutionOptions, TenantOptions } from './workflow-service-options.js'

/** What executions are driven with. */
export interface ExecutionSetup {
  readonly host: RunHost
  readonly library: WorkflowLibrary
  readonly logger: Logger
}

/** A run of a workflow. */
interface Execution {
  readonly record: RunRecord
  readonly ref: WorkflowRef
}

/** Steers and looks at executions; `WorkflowService` says what its methods promise. */
export class WorkflowExecutions {
  readonly #setup: ExecutionSetup

  constructor(setup: ExecutionSetup) {
    this.#setup = setup
  }

  async execution(executionId: string, options: TenantOptions): Promise<WorkflowExecution> {
    const { record, ref } = await this.#execution(executionId, options)
    const [events, requests] = await Promise.all([this.#eventsOf(record), openApprovals(this.#setup.host, executionId)])
    const nodes = await this.#nodesOf(ref, events)
    const outer = events.filter(event => event.path === undefined)
    const [first] = outer
    const last = outer.at(-1)
    const { [runTags.maxBudget]: maxBudget } = record.tags
    return {
      executionId,
      status: await statusOf(this.#setup.host, record, requests),
      workflowId: ref.id,
      workflowVersion: ref.version,
      input: first?.type === 'orchestration.started' ? first.input : undefined,
      ...(last?.type === 'orchestration.completed' ? { output: last.output } : {}),
      ...(last?.type === 'orchestration.failed' ? { error: errorOf(last.error) } : {}),
      totalCost: totalCost(nodes),
      ...(maxBudget === undefined ? {} : { maxBudget: Number(maxBudget) }),
      currentNodes: nodes.filter(({ status }) => status === 'running' || status === 'waiting').map(each => each.nodeId),
      pendingApprovals: requests.map(pendingApproval),
      createdAt: record.createdAt,
      updatedAt: record.updatedAt,
    }
  }

  async nodes(executionId: string, options: TenantOptions): Promise<readonly NodeStatus[]> {
    const { record, ref } = await this.#execution(executionId, options)
    return this.#nodesOf(ref, await this.#eventsOf(record))
  }

  async cost(executionId: string, options: TenantOptions): Promise<ExecutionCost> {
    const { record, ref } = await this.#execution(executionId, options)
    const nodes = await this.#nodesOf(ref, await this.#eventsOf(record))
    return {
      executionId,
      workflowId: ref.id,
      status: await statusOf(this.#setup.host, record),
      totalCost: totalCost(nodes),
      nodeCosts: nodes.map(({ nodeId, nodeType, parent, cost, status }) => {
        return { nodeId, nodeType, ...(parent === undefined ? {} : { parent }), cost, status }
      }),
    }
  }

  async pause(executionId: string, options: TenantOptions): Promise<StartedExecution> {
    checkUnderWay((await this.#execution(executionId, options)).record, 'paused')
    await this.#setup.host.pause(executionId)
    return statusNow(this.#setup.host, executionId)
  }

  async resume(executionId: string, options: ResumeExecutionOptions): Promise<StartedExecution> {
    const { record } = await this.#execution(executionId, options)
    checkUnderWay(record, 'resumed')
    const { nodeId, approved, reason, data, by } = options
    const isDecision = [nodeId, approved, reason, data].some(given => given !== undefined)
    if (record.status === 'running' || isDecision) {
      const open = await openApprovals(this.#setup.host, executionId)
      const meant = nodeId === undefined ? open : open.filter(({ stateName }) => stateName === nodeId)
      if (meant.length === 0) throw nothingOpen(record, nodeId, open)
      const journal = await this.#setup.host.journalOf(executionId)
      const decision = {
        ...(by === undefined ? {} : { by }),
        ...(reason === undefined ? {} : { comment: reason }),
        ...(data === undefined ? {} : { data }),
      }
      for (const { requestId } of meant) {
        if (approved === false) await journal.reject(executionId, requestId, decision)
        else await journal.approve(executionId, requestId, decision)
      }
    }
    // One that runs is woken up by its answer, whoever drives it.
    if (record.status === 'paused') await this.#setup.host.resume(executionId)
    return statusNow(this.#setup.host, executionId)
  }

  async cancel(executionId: string, options: CancelExecutionOptions): Promise<StartedExecution> {
    const { record } = await this.#execution(executionId, options)
    if (record.status !== 'cancelled') checkUnderWay(record, 'cancelled')
    await this.#setup.host.cancel(executionId, options.reason)
    return statusNow(this.#setup.host, executionId)
  }

  /** Cancels what runs of a workflow; returns the ids of those that could not be, because whoever drives them does not react, or something is wrong with them. */
  async cancelAll(id: string, tenant: string, reason: string): Promise<readonly string[]> {
    const { host, logger } = this.#setup
    const under: string[] = []
    let cursor: string | undefined
    do {
      const tags = { [runTags.tenant]: tenant, [runTags.id]: id }
      const page = await host.store.list({
        status: ['running', 'paused'],
        tags,
        ...(cursor === undefined ? {} : { cursor }),
      })
      under.push(...page.runs.filter(run => refOf(run) !== undefined).map(({ runId }) => runId))
      cursor = page.next
    } while (cursor !== undefined)
    const left: string[] = []
    for (const runId of under) {
      try {
        if (!(await host.cancel(runId, reason))) left.push(runId)
      } catch (thrown) {
        logger.warn(`Execution ${runId} of workflow "${id}" could not be cancelled`, ensureError(thrown))
        left.push(runId)
      }
    }
    return left
  }

  async definitionOf(run: Pick<RunRecord, 'orchestration' | 'tags'>): Promise<ExecutableWorkflow | undefined> {
    const ref = refOf(run)
    if (ref === undefined) return undefined
    try {
      return await this.#setup.library.compiled(ref)
    } catch (thrown) {
      if (thrown instanceof WorkflowError || hasCode(thrown, 'WORKFLOW_UNKNOWN'))
        throw cannotRun(run.orchestration, thrown)
      throw thrown
    }
  }

  async nodesOfRun(
    run: Pick<RunRecord, 'orchestration' | 'tags'>,
    events: Iterable<OrchestrationEvent>,
  ): Promise<readonly NodeStatus[]> {
    const ref = refOf(run)
    return ref === undefined ? [] : this.#nodesOf(ref, events)
  }

  pricesOf(run: Pick<RunRecord, 'orchestration' | 'tags'>): PriceTable | undefined {
    const ref = refOf(run)
    return ref === undefined ? undefined : this.#setup.library.environmentOf(ref.tenant).prices
  }

  /** @throws RUN_UNKNOWN */
  async #execution(executionId: string, { tenant = defaultTenant }: TenantOptions): Promise<Execution> {
    const record = await this.#setup.host.store.get(executionId)
    const ref = record === undefined ? undefined : refOf(record)
    if (record === undefined || ref?.tenant !== tenant) {
      throw refusal('RUN_UNKNOWN', `There is no execution "${executionId}".`, { runId: executionId })
    }
    return { record, ref }
  }

  async #nodesOf(
    { tenant, id, version }: WorkflowRef,
    events: Iterable<OrchestrationEvent>,
  ): Promise<readonly NodeStatus[]> {
    const { workflow } = await new DefinitionStore(this.#setup.host.store, tenant).version(id, version)
    return nodeStatuses(workflow, events, this.#setup.library.environmentOf(tenant).prices)
  }

  /** Also of a run that cannot go on, because something around it is gone. */
  async #eventsOf(record: RunRecord): Promise<readonly OrchestrationEvent[]> {
    const definition = await this.definitionOf(record).catch(() => undefined)
    const reader = new JournalReader(this.#setup.host.store, record, definition?.graph, definition?.durable.version)
    const events: OrchestrationEvent[] = []
    await reader.read(Infinity, (_entry, told) => events.push(...told))
    return events
  }
}

function pendingApproval({ requestId, stateName, message, input, openedAt, until }: OpenRunRequest): PendingApproval {
  return {
    requestId,
    nodeId: stateName,
    message,
    input: subjectOfApproval(plainOf(JSON.parse(input))),
    requestedAt: openedAt,
    ...(until === undefined ? {} : { expiresAt: until }),
  }
}

function errorOf({
  name,
  message,
  code,
}: NonNullable<WorkflowExecution['error']>): NonNullable<WorkflowExecution['error']> {
  return { name, message, ...(code === undefined ? {} : { code }) }
}

function checkUnderWay({ runId, status }: RunRecord, done: string): void {
  if (status === 'running' || status === 'paused') return
  throw refusal('RUN_ENDED', `Execution "${runId}" is ${status}, so it cannot be ${done}.`, { runId, status })
}

function nothingOpen(
  { runId, status }: RunRecord,
  nodeId: string | undefined,
  open: readonly OpenRunRequest[],
): OrchestrationError {
  const waiting = open.map(each => `"${each.stateName}"`).join(', ')
  const message =
    nodeId === undefined
      ? `Execution "${runId}" is ${status} and waits for no approval, so there is nothing to resume.`
      : `Node "${nodeId}" of execution "${runId}" waits for no approval. Waiting: ${waiting === '' ? 'none' : waiting}.`
  return refusal('REQUEST_UNKNOWN', message, { runId, ...(nodeId === undefined ? {} : { node: nodeId }) })
}

function cannotRun(orchestration: string, cause: unknown): OrchestrationError {
  return new OrchestrationError(`"${orchestration}" cannot be run any more. ${ensureError(cause).message}`, {
    code: 'ORCHESTRATION_UNKNOWN',
    details: { orchestration },
    cause,
  })
}
