import type { OpenRunRequest } from '../../durability/index.js'
import { answerRequest } from '../answer-request.js'
import { basePath } from '../base-path.js'
import { readAs } from '../request-body.js'
import { readQuery } from '../request-query.js'
import type { RouteTable } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import { ApprovalsBody, RequestsBody } from './execution-body.js'
import { requestBody, requestOfTenant } from './execution-view.js'
import { filteredPage, PageQuery, type StorePage } from './paging.js'
import { AnswerBody, AnsweredBody } from './steering-body.js'

const tag = 'Approvals'

/** What executions wait for from outside, and the answers to it (S2-10). */
export function addRequestRoutes(table: RouteTable, server: ServerContext): void {
  const { store } = server.host
  const open =
    (query: Parameters<typeof store.requests>[0]) =>
    async (limit: number, cursor: string | undefined): Promise<StorePage<OpenRunRequest>> => {
      const { requests, next } = await store.requests({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) })
      return { items: requests, next }
    }
  table.add(
    {
      method: 'GET',
      path: `${basePath}/approvals`,
      access: 'read',
      operation: 'list_approvals',
      summary: 'The approvals that are open, of all executions, the oldest first.',
      tag,
      query: PageQuery,
      answers: { 200: { description: 'A page of them.', body: ApprovalsBody } },
      handle: async (context, { tenant }) => {
        const { items, next } = await filteredPage(readQuery(context, PageQuery), open({ kind: 'approval' }), request =>
          requestOfTenant(server, tenant, request),
        )
        return context.json({ approvals: items, ...(next === undefined ? {} : { next_cursor: next }) })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/requests`,
      access: 'read',
      operation: 'list_requests',
      summary: 'What an execution waits for from outside, the oldest first.',
      tag,
      query: PageQuery,
      answers: { 200: { description: 'A page of it.', body: RequestsBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const { items, next } = await filteredPage(
          readQuery(context, PageQuery),
          open({ runId: record.runId }),
          request => requestBody(server, request, record),
        )
        return context.json({ requests: items, ...(next === undefined ? {} : { next_cursor: next }) })
      },
    },
    {
      method: 'POST',
      path: `${basePath}/executions/{execution_id}/requests/{request_id}`,
      access: 'approve',
      operation: 'answer_request',
      summary: 'Answers what an execution waits for; of several answers exactly one counts.',
      description: 'The id of a request inside a sub-orchestration has slashes in it; write them as %2F.',
      tag,
      body: AnswerBody,
      answers: { 200: { description: 'The answer counts.', body: AnsweredBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const body = await readAs(context.req.raw, AnswerBody, server.limits)
        const request = await answerRequest(server, principal, record, context.req.param('request_id') ?? '', body)
        return context.json({
          execution_id: record.runId,
          request_id: request.requestId,
          node_id: server.kinds.nodeId(record, request.stateName) ?? request.stateName,
          ...(body.approved === undefined ? {} : { approved: body.approved }),
        })
      },
    },
  )
}
