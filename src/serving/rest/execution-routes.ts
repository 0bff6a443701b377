import { IsIn, IsOptional, IsString } from 'class-validator'
import type { RunQuery, StoredRunStatus } from '../../durability/index.js'
import { Description } from '../../schema/index.js'
import { basePath } from '../base-path.js'
import { forgetKey } from '../idempotency.js'
import { Problem } from '../problem.js'
import { readQuery } from '../request-query.js'
import type { RouteTable } from '../route-table.js'
import { idempotencyTag, isOf, runOf, type ServerContext, tenantTag, workflowTags } from '../server-context.js'
import { DeletedBody, ExecutionBody, type ExecutionSummaryBody, ExecutionsBody } from './execution-body.js'
import { type ExecutionStatus, executionStatuses } from './execution-status.js'
import { executionBody, executionSummary } from './execution-view.js'
import { filteredPage, PageQuery } from './paging.js'
import { definitionOf } from './run-reader.js'

const tag = 'Executions'

/** Which executions are wanted; every criterion that is given has to hold. */
class ExecutionsQuery extends PageQuery {
  @Description('One of these.')
  @IsOptional()
  @IsIn(executionStatuses, { each: true })
  status?: ExecutionStatus[]

  @IsOptional()
  @IsString()
  workflow_id?: string

  @IsOptional()
  @IsString()
  orchestration?: string

  @Description('Waits for an answer of this kind; true: of any kind, false: of none.')
  @IsOptional()
  @IsIn(['approval', 'signal', 'true', 'false'])
  open_request?: 'approval' | 'signal' | 'true' | 'false'
}

class DeleteQuery {
  @Description('Also one that has not ended, if no process drives it, such as one whose definition has changed.')
  @IsOptional()
  @IsIn(['true', 'false'])
  force?: 'true' | 'false'
}

/** Executions: lists, looks at and deletes them. */
export function addExecutionRoutes(table: RouteTable, server: ServerContext): void {
  table.add(
    {
      method: 'GET',
      path: `${basePath}/executions`,
      access: 'read',
      operation: 'list_executions',
      summary: 'Executions, the youngest first.',
      tag,
      query: ExecutionsQuery,
      answers: { 200: { description: 'A page of them.', body: ExecutionsBody } },
      handle: async (context, { tenant }) => {
        const { items, next } = await executionsOf(server, tenant, readQuery(context, ExecutionsQuery))
        return context.json({ executions: items, ...(next === undefined ? {} : { next_cursor: next }) })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}`,
      access: 'read',
      operation: 'get_execution',
      summary: 'What an execution is doing, and what has come of it.',
      tag,
      answers: { 200: { description: 'The execution.', body: ExecutionBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        return context.json(await executionBody(server, record))
      },
    },
    {
      method: 'DELETE',
      path: `${basePath}/executions/{execution_id}`,
      access: 'run',
      operation: 'delete_execution',
      summary: 'Deletes an execution that has ended, with everything that is known of it.',
      tag,
      query: DeleteQuery,
      answers: { 200: { description: 'It is gone. Forks of it stay.', body: DeletedBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const { runId, status, tags } = record
        const isOver = status !== 'running' && status !== 'paused'
        const isForced = readQuery(context, DeleteQuery).force === 'true'
        if (!isOver && (!isForced || (await server.host.isDriven(runId)))) {
          const advice = isForced
            ? 'and a process drives it. Cancel it first.'
            : 'so it cannot be deleted. Cancel it first.'
          throw new Problem(409, { code: 'CONFLICT', detail: `Execution "${runId}" is ${status}, ${advice}` })
        }
        const definition = await definitionOf(server, record)
        if (definition === undefined) await server.host.store.delete(runId)
        else await (await server.host.journalOf(runId)).delete(runId)
        const { [idempotencyTag]: key } = tags
        if (key !== undefined) await forgetKey(server, key, runId)
        return context.json({ detail: 'The execution was deleted.', execution_id: runId })
      },
    },
  )
}

/** A page of the executions of a tenant. */
async function executionsOf(
  server: ServerContext,
  tenant: string,
  query: ExecutionsQuery,
): Promise<{ readonly items: readonly ExecutionSummaryBody[]; readonly next?: string | undefined }> {
  const { status, workflow_id: workflowId, orchestration, open_request: openRequest } = query
  // What has no label belongs to the default tenant, so its own cannot be asked for by label.
  const labels = tenant === 'default' ? {} : { [tenantTag]: tenant }
  const wanted: RunQuery = {
    tags: { ...labels, ...(workflowId === undefined ? {} : { [workflowTags.id]: workflowId }) },
    ...(orchestration === undefined ? {} : { orchestration }),
    ...(openRequest === undefined ? {} : { openRequest: requestKind(openRequest) }),
    ...(status === undefined ? {} : { status: storedStatuses(status) }),
  }
  if (wanted.status?.length === 0) return { items: [] }
  return filteredPage(
    query,
    async (limit, cursor) => {
      const { runs, next } = await server.host.store.list({
        ...wanted,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: runs, next }
    },
    async record => {
      if (!isOf(record, tenant)) return undefined
      const summary = await executionSummary(server, record)
      return status === undefined || status.includes(summary.status) ? summary : undefined
    },
  )
}

/** What the store calls them: it does not know of those that wait for people as paused. */
function storedStatuses(status: readonly ExecutionStatus[]): readonly StoredRunStatus[] {
  const stored = status.filter(each => each !== 'pending')
  return status.includes('paused') && !status.includes('running') ? [...stored, 'running'] : stored
}

function requestKind(text: NonNullable<ExecutionsQuery['open_request']>): NonNullable<RunQuery['openRequest']> {
  return text === 'approval' || text === 'signal' ? text : text === 'true'
}
