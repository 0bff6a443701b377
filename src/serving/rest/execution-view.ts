import type { OpenRunRequest, RunRecord, RunView } from '../../durability/index.js'
import { plainOf } from '../../durability/internal.js'
import { costOfUsage, type PriceTable } from '../../resilience/index.js'
import type { Json } from '../../schema/index.js'
import { isOf, type ServerContext, workflowTags } from '../server-context.js'
import { errorForm, wireTime, wireValue } from '../wire-value.js'
import type { ExecutionBody, ExecutionSummaryBody, RequestBody, RunStateBody } from './execution-body.js'
import { executionStatus, waitsForPeople } from './execution-status.js'
import { definitionOf, inputOf } from './run-reader.js'

/** An execution as lists have it: what is known without reading its journal. */
export async function executionSummary(server: ServerContext, record: RunRecord): Promise<ExecutionSummaryBody> {
  return summary(server, record, await executionStatus(server, record))
}

/** All of what is known of an execution. */
export async function executionBody(server: ServerContext, record: RunRecord): Promise<ExecutionBody> {
  const { store } = server.host
  const [definition, input, { requests }] = await Promise.all([
    definitionOf(server, record),
    inputOf(server, record),
    store.requests({ runId: record.runId, kind: 'approval', limit: 200 }),
  ])
  // Of one whose definition is gone there is no more than the store knows.
  const view =
    definition === undefined ? undefined : await (await server.host.journalOf(record.runId)).stateAt(record.runId)
  const { [workflowTags.maxBudget]: maxBudget } = record.tags
  const [error] = view?.errors ?? []
  const isPaused = record.status === 'running' && requests.length > 0 && view !== undefined && waitsForPeople(view)
  return {
    ...summary(server, record, isPaused ? 'paused' : record.status),
    input: wireValue(input),
    ...(view?.status === 'completed' ? { output: wireValue(view.output) } : {}),
    ...(error === undefined || record.status !== 'failed' ? {} : { error: errorForm(error) }),
    ...(view?.reason === undefined ? {} : { reason: view.reason }),
    total_cost_usd: view === undefined ? 0 : costOf(view, server.kinds.of(record)?.prices?.(record)),
    ...(maxBudget === undefined ? {} : { max_budget: Number(maxBudget) }),
    pending_approvals: requests.map(request => requestBody(server, request, record)),
  }
}

/** A request as clients get it. */
export function requestBody(server: ServerContext, request: OpenRunRequest, record: RunRecord): RequestBody {
  const { requestId, runId, kind, stateName, orchestration, message, input, openedAt, until } = request
  const { [workflowTags.id]: workflowId } = record.tags
  return {
    request_id: requestId,
    execution_id: runId,
    kind,
    node_id: server.kinds.nodeId(record, stateName) ?? stateName,
    ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
    orchestration,
    message,
    input: wireValue(server.kinds.subject(record, plainOf(JSON.parse(input)))),
    requested_at: wireTime(openedAt),
    ...(until === undefined ? {} : { expires_at: wireTime(until) }),
  }
}

/** An open request, if it is one of the tenant. */
export async function requestOfTenant(
  server: ServerContext,
  tenant: string,
  request: OpenRunRequest,
): Promise<RequestBody | undefined> {
  const record = await server.host.store.get(request.runId)
  return record !== undefined && isOf(record, tenant) ? requestBody(server, request, record) : undefined
}

/** A run at some place in its journal, as clients get it: its states, or the nodes that those belong to. */
export function runStateBody(
  view: RunView,
  nodeId: (stateName: string) => string | undefined = name => name,
): RunStateBody {
  const { runId, seq, status, steps, branches, outputs, properties, results, output, errors, inner } = view
  return {
    execution_id: runId,
    seq,
    status,
    steps,
    branches: branches
      .filter(branch => nodeId(branch.stateName) !== undefined)
      .map(branch => ({
        token: branch.token,
        node_id: nodeId(branch.stateName),
        phase: branch.phase,
        input: wireValue(branch.input),
        ...(branch.output === undefined ? {} : { output: wireValue(branch.output) }),
        ...(branch.waitsFor === undefined ? {} : { waits_for: waitsForBody(branch.waitsFor) }),
      })),
    outputs: wireValue(ofNodes(outputs, nodeId)) as object,
    properties: wireValue(ofNodes(properties, nodeId)) as object,
    results: wireValue(results),
    ...(status === 'completed' ? { output: wireValue(output) } : {}),
    errors: errors.map(errorForm),
    total_cost_usd: costOf(view),
    inner: inner.map(run => runStateBody(run, nodeId)),
  }
}

/** What belongs to nodes, and not to what leads from one to the next. */
function ofNodes<T>(
  values: Readonly<Record<string, T>>,
  nodeId: (stateName: string) => string | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => nodeId(name) === name))
}

/** What a run has cost so far, in USD, as far as it was reported. */
function costOf({ usage, inner }: RunView, prices?: PriceTable): number {
  const own = usage.reduce((sum, each) => sum + (costOfUsage(each, prices) ?? 0), 0)
  return dollars(inner.reduce((sum, run) => sum + costOf(run, prices), own))
}

/** Without the crumbs that adding binary fractions leaves. */
export function dollars(amount: number): number {
  return Number(amount.toFixed(10))
}

function summary(
  { kinds }: ServerContext,
  record: RunRecord,
  status: ExecutionSummaryBody['status'],
): Omit<ExecutionSummaryBody, never> {
  const { runId, orchestration, states, parent, createdAt, updatedAt, seq, tags } = record
  const { [workflowTags.id]: workflowId, [workflowTags.version]: workflowVersion } = tags
  const current = ['running', 'paused'].includes(record.status) ? states : []
  return {
    execution_id: runId,
    status,
    orchestration,
    ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
    ...(workflowVersion === undefined ? {} : { workflow_version: Number(workflowVersion) }),
    current_nodes: [...new Set(current.map(state => kinds.nodeId(record, state)))].filter(id => id !== undefined),
    ...(parent === undefined ? {} : { parent: { execution_id: parent.runId, seq: parent.seq } }),
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
    seq,
  }
}

function waitsForBody({ kind, message, until }: NonNullable<RunView['branches'][number]['waitsFor']>): Json {
  return {
    kind,
    ...(message === undefined ? {} : { message }),
    ...(until === undefined ? {} : { until: wireTime(until) }),
  }
}
