import type { RunRecord } from '../../durability/index.js'
import { answerRequest, openRequests } from '../answer-request.js'
import type { RouteContext } from '../app.js'
import { basePath } from '../base-path.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import { readAs } from '../request-body.js'
import { resumeRun } from '../resume-run.js'
import type { RouteTable } from '../route-table.js'
import { runOf, type ServerContext } from '../server-context.js'
import { takeUpAbandoned } from '../take-up-abandoned.js'
import { ExecutionStatusBody } from './execution-body.js'
import { type ExecutionStatus, executionStatus } from './execution-status.js'
import { CancelBody, ResumeBody } from './steering-body.js'

const tag = 'Executions'

/** How long a caller waits, for states at work or for another server, before it is told that what it asks for is still to come. */
const patienceMs = 5000

/** Pauses, resumes and cancels executions (S2-26, S2-27, S2-28). */
export function addSteeringRoutes(table: RouteTable, server: ServerContext): void {
  table.add(
    {
      method: 'POST',
      path: `${basePath}/executions/{execution_id}/pause`,
      access: 'run',
      operation: 'pause_execution',
      summary: 'Starts no more states of an execution; those at work finish.',
      tag,
      answers: {
        200: { description: 'It is paused, or has ended meanwhile.', body: ExecutionStatusBody },
        202: {
          description: 'It will be paused when the states at work are done, and its server has heard.',
          body: ExecutionStatusBody,
        },
      },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        checkStatus(record, 'paused', ['running'])
        await withPatience(server, server.host.pause(record.runId, { patienceMs }))
        return steered(context, server, record, 'pause')
      },
    },
    {
      method: 'POST',
      path: `${basePath}/executions/{execution_id}/resume`,
      access: 'run',
      operation: 'resume_execution',
      summary: 'Goes on with an execution that is paused, or approves what it waits for.',
      description:
        'Of an execution that somebody has paused, or whose process has died, it goes on. One that waits for approvals gets its decisions: without a body all ' +
        'that are open are approved; `node_id` names one of them, `approved: false` rejects. Deciding needs the scope `approve`.',
      tag,
      body: ResumeBody,
      bodyRequired: false,
      answers: { 200: { description: 'It goes on.', body: ExecutionStatusBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const body = await readAs(context.req.raw, ResumeBody, server.limits)
        await resume(server, principal, record, body)
        const { status } = await executionNow(server, record)
        return context.json({ execution_id: record.runId, status })
      },
    },
    {
      method: 'POST',
      path: `${basePath}/executions/{execution_id}/cancel`,
      access: 'run',
      operation: 'cancel_execution',
      summary: 'Ends an execution; what is at work is aborted.',
      tag,
      body: CancelBody,
      bodyRequired: false,
      answers: {
        200: { description: 'It is cancelled, or has ended meanwhile.', body: ExecutionStatusBody },
        202: { description: 'It will be cancelled when its server has heard.', body: ExecutionStatusBody },
      },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        checkStatus(record, 'cancelled', ['running', 'paused'])
        const { reason = `cancelled by ${principal.name}` } = await readAs(context.req.raw, CancelBody, server.limits)
        await withPatience(server, server.host.cancel(record.runId, reason, { patienceMs }))
        return steered(context, server, record, 'cancel')
      },
    },
  )
}

async function resume(server: ServerContext, principal: Principal, record: RunRecord, body: ResumeBody): Promise<void> {
  checkStatus(record, 'resumed', ['running', 'paused'])
  const { node_id: nodeId, approved = true, reason, data } = body
  const isDecision = nodeId !== undefined || body.approved !== undefined || reason !== undefined || data !== undefined
  if (record.status === 'running' || isDecision) {
    const open = await openRequests(server, record, 'approval')
    const meant =
      nodeId === undefined
        ? open
        : open.filter(each => (server.kinds.nodeId(record, each.stateName) ?? each.stateName) === nodeId)
    if (meant.length === 0 && !isDecision && (await takeUpAbandoned(server, record.runId))) return
    if (meant.length === 0) throw nothingOpen(record, nodeId, open)
    const answer = { approved, ...(reason === undefined ? {} : { reason }), ...(data === undefined ? {} : { data }) }
    for (const { requestId } of meant) await answerRequest(server, principal, record, requestId, answer)
  }
  if (record.status === 'running') return
  await resumeRun(server, record.runId)
}

function nothingOpen(
  { runId, status }: RunRecord,
  nodeId: string | undefined,
  open: Awaited<ReturnType<typeof openRequests>>,
): Problem {
  const waits = open.map(each => `"${each.stateName}"`).join(', ')
  const detail =
    nodeId === undefined
      ? `Execution "${runId}" is ${status} and waits for no approval, so there is nothing to resume.`
      : `Node "${nodeId}" of execution "${runId}" waits for no approval. Waiting: ${waits === '' ? 'none' : waits}.`
  return new Problem(409, { code: 'CONFLICT', detail })
}

/** @throws Problem 409 if that cannot be done with a run as it is */
function checkStatus({ runId, status }: RunRecord, done: string, allowed: readonly RunRecord['status'][]): void {
  if (allowed.includes(status)) return
  const detail = `Execution "${runId}" is ${status}, so it cannot be ${done}.`
  throw new Problem(409, { code: allowed.includes('paused') ? 'RUN_ENDED' : 'CONFLICT', detail })
}

/** What an execution is now, and what is still to come of what was asked for. */
async function steered(
  context: RouteContext,
  server: ServerContext,
  record: RunRecord,
  asked: 'pause' | 'cancel',
): Promise<Response> {
  const { record: now, status } = await executionNow(server, record)
  const isToCome = now.status === 'running' || (now.status === 'paused' && asked === 'cancel')
  const body: ExecutionStatusBody = { execution_id: now.runId, status, ...(isToCome ? { requested: asked } : {}) }
  return context.json(body, isToCome ? 202 : 200)
}

async function executionNow(
  server: ServerContext,
  { runId }: RunRecord,
): Promise<{ readonly record: RunRecord; readonly status: ExecutionStatus }> {
  const record = await server.host.record(runId)
  return { record, status: await executionStatus(server, record) }
}

/** Resolves when something is done, or the caller has waited enough; then it goes on. */
async function withPatience({ clock }: ServerContext, work: Promise<unknown>): Promise<void> {
  let timer: unknown
  const enough = new Promise<void>(resolve => {
    timer = clock.setTimeout(resolve, patienceMs)
  })
  work.catch(() => undefined)
  try {
    await Promise.race([work, enough])
  } finally {
    clock.clearTimeout(timer)
  }
}
