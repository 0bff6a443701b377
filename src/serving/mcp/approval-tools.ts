import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator'
import { Description, type Json, JsonSchemaFragment } from '../../schema/index.js'
import { answerRequest } from '../answer-request.js'
import { parseAs } from '../request-body.js'
import { RequestBody } from '../rest/execution-body.js'
import { requestOfTenant } from '../rest/execution-view.js'
import { filteredPage, PageQuery } from '../rest/paging.js'
import { requireScope } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import type { McpTool } from './mcp-tool.js'
import { argumentsOf, objectOf } from './tool-schema.js'

/** What `approval_list` takes. */
class ApprovalListArguments extends PageQuery {
  @Description('Only those of this execution.')
  @IsOptional()
  @IsString()
  execution_id?: string
}

/** What `approval_answer` takes. */
class ApprovalAnswerArguments {
  @IsString() execution_id!: string
  @IsString() request_id!: string
  @IsBoolean() approved!: boolean
  @IsOptional() @IsString() @MaxLength(10_000) reason?: string

  @Description('What the decision hands on to what comes after.')
  @IsOptional()
  @JsonSchemaFragment({})
  data?: unknown
}

const text = { type: 'string' as const }

/** The tools that every server has for approvals (S2-10). */
export function approvalTools(server: ServerContext): readonly McpTool[] {
  const { store } = server.host
  return [
    {
      name: 'approval_list',
      title: 'Open approvals',
      description: 'The approvals that executions wait for, the oldest first.',
      input: argumentsOf(ApprovalListArguments),
      output: objectOf({ approvals: { type: 'array', items: argumentsOf(RequestBody) }, next_cursor: text }, [
        'approvals',
      ]),
      isReadOnly: true,
      run: async (args, { principal }) => {
        requireScope(principal, 'read')
        const { execution_id: runId, ...page } = await parseAs(args, ApprovalListArguments)
        if (runId !== undefined) await runOf(server, principal, runId)
        const { items, next } = await filteredPage(
          page,
          async (limit, cursor) => {
            const query = { kind: 'approval', limit, ...(runId === undefined ? {} : { runId }) } as const
            const found = await store.requests({ ...query, ...(cursor === undefined ? {} : { cursor }) })
            return { items: found.requests, next: found.next }
          },
          request => requestOfTenant(server, principal.tenant, request),
        )
        const approvals = items as unknown as Json[]
        return { structured: { approvals, ...(next === undefined ? {} : { next_cursor: next }) } }
      },
    },
    {
      name: 'approval_answer',
      title: 'Decide about an approval',
      description:
        'Approves or rejects what an execution waits for. Ask a person before, unless you were told to decide.',
      input: argumentsOf(ApprovalAnswerArguments),
      output: objectOf({ execution_id: text, request_id: text, node_id: text, approved: { type: 'boolean' } }, [
        'execution_id',
        'request_id',
        'node_id',
        'approved',
      ]),
      isReadOnly: false,
      run: async (args, { principal }) => {
        requireScope(principal, 'approve')
        const { execution_id: runId, request_id: requestId, ...answer } = await parseAs(args, ApprovalAnswerArguments)
        const record = await runOf(server, principal, runId)
        const request = await answerRequest(server, principal, record, requestId, answer)
        return {
          structured: {
            execution_id: runId,
            request_id: request.requestId,
            node_id: server.kinds.nodeId(record, request.stateName) ?? request.stateName,
            approved: answer.approved,
          },
        }
      },
    },
  ]
}
