import { OrchestrationError } from '../../errors/index.js'
import type { WorkflowRecord, WorkflowService } from '../../workflow/index.js'
import type { RouteContext } from '../app.js'
import { basePath } from '../base-path.js'
import { idempotencyHeader, idempotencyNote, idempotently } from '../idempotency.js'
import { Problem } from '../problem.js'
import { readAs, readJson } from '../request-body.js'
import { readQuery } from '../request-query.js'
import type { RouteTable } from '../route-table.js'
import type { WorkflowServing } from '../served-workflows.js'
import type { ServerContext } from '../server-context.js'
import { startRunOnce } from '../start-run.js'
import { entityTag, ifMatchNote, isNoneMatch, matchedRevisions } from './entity-tag.js'
import { StartedBody } from './orchestration-body.js'
import {
  ArchivedWorkflowBody,
  ArchiveQuery,
  CreateWorkflowBody,
  ExecuteWorkflowBody,
  UpdateWorkflowBody,
  WorkflowBody,
  WorkflowsBody,
  WorkflowsQuery,
  WorkflowTemplatesBody,
  WorkflowValidationBody,
  WorkflowVersionBody,
  WorkflowVersionsBody,
  WorkflowVersionsQuery,
} from './workflow-body.js'
import {
  workflowBody,
  workflowSummaryBody,
  workflowTemplateBody,
  workflowValidationBody,
  workflowVersionBody,
  workflowVersionSummaryBody,
} from './workflow-view.js'

const tag = 'Workflows'

/** JSON workflows: created, changed, put away and executed (S2-19 to S2-24, S2-31). */
export function addWorkflowRoutes(table: RouteTable, server: ServerContext, options: WorkflowServing | true): void {
  const { workflows } = server
  const requireIfMatch = options !== true && options.requireIfMatch === true
  addDefinitionRoutes(table, server, workflows)
  addChangeRoutes(table, server, workflows, requireIfMatch)
  addExecuteRoute(table, server, workflows)
}

function addDefinitionRoutes(table: RouteTable, server: ServerContext, workflows: WorkflowService): void {
  table.add(
    {
      method: 'GET',
      path: `${basePath}/workflows`,
      access: 'read',
      operation: 'list_workflows',
      summary: 'The workflows, the youngest first.',
      tag,
      query: WorkflowsQuery,
      answers: { 200: { description: 'A page of them.', body: WorkflowsBody } },
      handle: async (context, { tenant }) => {
        const page = await workflows.list({ tenant, ...readQuery(context, WorkflowsQuery) })
        return context.json({ ...page, workflows: page.workflows.map(workflowSummaryBody) })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/workflows/{workflow_id}`,
      access: 'read',
      operation: 'get_workflow',
      summary: 'A workflow with its latest definition.',
      tag,
      headers: { 'If-None-Match': 'The ETag of what the client has; 304 if it is that.' },
      answers: {
        200: { description: 'The workflow.', body: WorkflowBody },
        304: { description: 'It has not changed.' },
      },
      handle: async (context, { tenant }) => {
        const record = await workflows.get(workflowIdOf(context), { tenant })
        if (!isNoneMatch(context.req.header('if-none-match'), record.revision)) return tagged(context, record, 200)
        context.header('etag', entityTag(record.revision))
        return context.body(null, 304)
      },
    },
    {
      method: 'GET',
      path: `${basePath}/workflows/{workflow_id}/versions`,
      access: 'read',
      operation: 'list_workflow_versions',
      summary: 'The versions of a workflow, the latest first.',
      tag,
      query: WorkflowVersionsQuery,
      answers: { 200: { description: 'A page of them.', body: WorkflowVersionsBody } },
      handle: async (context, { tenant }) => {
        const query = readQuery(context, WorkflowVersionsQuery)
        const page = await workflows.versions(workflowIdOf(context), { tenant, ...query })
        return context.json({ ...page, versions: page.versions.map(workflowVersionSummaryBody) })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/workflows/{workflow_id}/versions/{version}`,
      access: 'read',
      operation: 'get_workflow_version',
      summary: 'A version of a workflow.',
      tag,
      answers: { 200: { description: 'The version; it never changes.', body: WorkflowVersionBody } },
      handle: async (context, { tenant }) => {
        const id = workflowIdOf(context)
        const number = context.req.param('version') ?? ''
        if (!/^[1-9]\d{0,7}$/.test(number)) throw noVersion(id, number)
        return context.json(workflowVersionBody(await workflows.version(id, Number(number), { tenant })))
      },
    },
    {
      method: 'POST',
      path: `${basePath}/workflows/validate`,
      access: 'read',
      operation: 'validate_workflow',
      summary: 'What is wrong with a definition, and what it lacks. Nothing is kept of it.',
      tag,
      body: CreateWorkflowBody,
      answers: { 200: { description: 'What was found.', body: WorkflowValidationBody } },
      handle: async (context, { tenant }) => {
        const given = await readJson(context.req.raw, server.limits)
        return context.json(workflowValidationBody(await workflows.validate(given, { tenant })))
      },
    },
    {
      method: 'GET',
      path: `${basePath}/templates`,
      access: 'read',
      operation: 'list_templates',
      summary: 'Definitions to start from.',
      tag,
      answers: { 200: { description: 'All of them.', body: WorkflowTemplatesBody } },
      handle: context => {
        const templates = workflows.templates.map(workflowTemplateBody)
        return context.json({ templates, total: templates.length })
      },
    },
  )
}

function addChangeRoutes(
  table: RouteTable,
  server: ServerContext,
  workflows: WorkflowService,
  requireIfMatch: boolean,
): void {
  table.add(
    {
      method: 'POST',
      path: `${basePath}/workflows`,
      access: 'define',
      operation: 'create_workflow',
      summary: 'Creates a workflow.',
      description:
        'Nodes may be an array, or an object by their ids with `depends_on`. `graph_json` may stand for `nodes` and `edges`, as text or ' +
        'as an object, and `max_budget_usd` for `max_budget`. What is wrong is told all at once.',
      tag,
      headers: { [idempotencyHeader]: idempotencyNote },
      body: CreateWorkflowBody,
      answers: { 201: { description: 'It is there. Location says where, ETag which revision.', body: WorkflowBody } },
      handle: async (context, principal) => {
        const request = context.req.raw
        const { tenant } = principal
        const body = await readJson(request, server.limits)
        let created: WorkflowRecord | undefined
        const { status, body: answer } = await idempotently(
          server,
          principal,
          { request, operation: 'create-workflow', body: body ?? null },
          async ({ key }) => {
            created = await workflows.create(body, { tenant, ...(key === undefined ? {} : { idempotencyKey: key }) })
            return { status: 201, body: JSON.parse(JSON.stringify(workflowBody(created))) as object as never }
          },
        )
        const { id, revision } = created ?? { id: (answer as { readonly id: string }).id, revision: 1 }
        context.header('location', `${basePath}/workflows/${id}`)
        context.header('etag', entityTag(revision))
        return context.json(answer, status as 201)
      },
    },
    {
      method: 'PUT',
      path: `${basePath}/workflows/{workflow_id}`,
      access: 'define',
      operation: 'update_workflow',
      summary: 'Changes a workflow; a changed definition is a new version.',
      description:
        'What is left out stays as it is, `null` takes away; new nodes come with their own edges. Executions under way go on under the ' +
        'version that they were started with. Setting `status` to active brings an archived workflow back.',
      tag,
      headers: { 'If-Match': ifMatchNote },
      body: UpdateWorkflowBody,
      answers: { 200: { description: 'The workflow as it is now.', body: WorkflowBody } },
      handle: async (context, { tenant }) => {
        const id = workflowIdOf(context)
        const changes = await readJson(context.req.raw, server.limits)
        const match = await revisionOf(context, workflows, tenant, requireIfMatch)
        return tagged(context, await workflows.update(id, changes, { tenant, ...match }), 200)
      },
    },
    {
      method: 'DELETE',
      path: `${basePath}/workflows/{workflow_id}`,
      access: 'define',
      operation: 'archive_workflow',
      summary: 'Puts a workflow away: it is executed no more, and stays readable.',
      tag,
      query: ArchiveQuery,
      headers: { 'If-Match': ifMatchNote },
      answers: { 200: { description: 'It is archived.', body: ArchivedWorkflowBody } },
      handle: async (context, { tenant }) => {
        const { cancel_executions: cancelExecutions = false } = readQuery(context, ArchiveQuery)
        const match = await revisionOf(context, workflows, tenant, requireIfMatch)
        const archived = await workflows.archive(workflowIdOf(context), { tenant, cancelExecutions, ...match })
        const { id, status, revision, notCancelled } = archived
        context.header('etag', entityTag(revision))
        const detail = cancelExecutions
          ? 'The workflow was archived, and what ran of it cancelled.'
          : 'The workflow was archived. What runs of it goes on to its end.'
        return context.json({ detail, workflow_id: id, status, not_cancelled: notCancelled })
      },
    },
  )
}

function addExecuteRoute(table: RouteTable, server: ServerContext, workflows: WorkflowService): void {
  table.add({
    method: 'POST',
    path: `${basePath}/workflows/{workflow_id}/execute`,
    access: 'run',
    operation: 'execute_workflow',
    summary: 'Starts an execution and answers at once.',
    tag,
    headers: { [idempotencyHeader]: idempotencyNote },
    body: ExecuteWorkflowBody,
    bodyRequired: false,
    answers: { 202: { description: 'It has been started. Location says where to look.', body: StartedBody } },
    handle: async (context, principal) => {
      const request = context.req.raw
      const workflowId = workflowIdOf(context)
      const body = await readAs(request, ExecuteWorkflowBody, server.limits)
      const operation = `execute-workflow/${workflowId}`
      const { status, body: answer } = await idempotently(
        server,
        principal,
        { request, operation, body },
        async attempt => {
          const { version, run_id: runId } = body
          const input = oneOf(body.input, body.input_data, 'input', 'input_data')
          const maxBudget = oneOf(body.max_budget, body.max_budget_usd, 'max_budget', 'max_budget_usd')
          const { orchestration, options, ...prepared } = await workflows.prepare(workflowId, {
            tenant: principal.tenant,
            input: input ?? {},
            ...(maxBudget === undefined ? {} : { maxBudget }),
            ...(version === undefined ? {} : { version }),
          })
          const id = await startRunOnce(server, principal, attempt, {
            ...options,
            orchestration,
            input: prepared.input,
            ...(runId === undefined ? {} : { runId }),
          })
          return { status: 202, body: { execution_id: id, status: 'running' } }
        },
      )
      const { execution_id: executionId } = answer as { readonly execution_id: string }
      context.header('location', `${basePath}/executions/${encodeURIComponent(executionId)}`)
      return context.json(answer, status as 202)
    },
  })
}

function workflowIdOf(context: RouteContext): string {
  return context.req.param('workflow_id') ?? ''
}

function tagged(context: RouteContext, record: WorkflowRecord, status: 200): Response {
  context.header('etag', entityTag(record.revision))
  return context.json(workflowBody(record), status)
}

/** The revision that a change depends on, by `If-Match`. @throws Problem 412, 428, 400; WORKFLOW_UNKNOWN */
async function revisionOf(
  context: RouteContext,
  workflows: WorkflowService,
  tenant: string,
  isRequired: boolean,
): Promise<{ readonly revision?: number }> {
  const revisions = matchedRevisions(context.req.header('if-match'), isRequired)
  if (revisions === undefined) return {}
  const { id, revision } = await workflows.get(workflowIdOf(context), { tenant })
  if (revisions.includes(revision)) return { revision }
  const detail = `Workflow "${id}" has changed: its ETag is ${entityTag(revision)} now. Read it again.`
  throw new Problem(412, { code: 'PRECONDITION_FAILED', detail, headers: { etag: entityTag(revision) } })
}

/** @throws PAYLOAD_INVALID if both names of one thing are used */
function oneOf<T>(value: T | undefined, alias: T | undefined, name: string, aliasName: string): T | undefined {
  if (value === undefined || alias === undefined) return value ?? alias
  const message = `\`${aliasName}\` is another name of \`${name}\`. Give one of them.`
  throw new OrchestrationError(message, {
    code: 'PAYLOAD_INVALID',
    details: { faults: [{ path: aliasName, message }] },
  })
}

function noVersion(id: string, version: string): Problem {
  return new Problem(404, { code: 'WORKFLOW_UNKNOWN', detail: `Workflow "${id}" has no version "${version}".` })
}
