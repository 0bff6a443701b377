import type { OpenRunRequest, RunRecord } from '../durability/index.js'
import type { Principal } from './principal.js'
import { Problem } from './problem.js'
import { requireScope } from './route-table.js'
import type { ServerContext } from './server-context.js'
import { takeUpAbandoned } from './take-up-abandoned.js'

/** What a caller has to say to something that a run waits for. */
export interface GivenAnswer {
  /** For an approval: whether it is approved. */
  readonly approved?: boolean
  /** For an approval: why. */
  readonly reason?: string
  /** For an approval: what the decision hands on to the states that come after. */
  readonly data?: unknown
  /** For a signal: what is sent. */
  readonly payload?: unknown
}

/**
 * Answers something that a run waits for, whoever drives it; the decision is signed with the caller's name.
 * @throws Problem 403 without the scope `approve`; 422 for an answer that does not fit; REQUEST_UNKNOWN, PAYLOAD_INVALID
 */
export async function answerRequest(
  server: ServerContext,
  principal: Principal,
  record: RunRecord,
  requestId: string,
  answer: GivenAnswer,
): Promise<OpenRunRequest> {
  requireScope(principal, 'approve')
  const request = await openRequest(server, record, requestId)
  const problem = mismatch(request, answer)
  if (problem !== undefined) throw unfitting(problem)
  const { approved, reason, data } = answer
  const journal = await server.host.journalOf(record.runId)
  if (request.kind === 'signal') {
    await journal.signal(record.runId, request.requestId, answer.payload)
    await goOn(server, record)
    return request
  }
  const decision = {
    by: principal.name,
    ...(reason === undefined ? {} : { comment: reason }),
    ...(data === undefined ? {} : { data }),
  }
  if (approved === true) await journal.approve(record.runId, request.requestId, decision)
  else await journal.reject(record.runId, request.requestId, decision)
  await goOn(server, record)
  return request
}

/** Whoever drives it hears of the answer; a run whose process has died would not. One that is paused stays so. */
async function goOn(server: ServerContext, { runId, status }: RunRecord): Promise<void> {
  if (status === 'running') await takeUpAbandoned(server, runId)
}

/** What a run waits for from outside, the oldest first. */
export async function openRequests(
  { host }: ServerContext,
  { runId }: RunRecord,
  kind?: 'approval' | 'signal',
): Promise<readonly OpenRunRequest[]> {
  const found: OpenRunRequest[] = []
  let cursor: string | undefined
  do {
    const page = await host.store.requests({
      runId,
      limit: 200,
      ...(kind === undefined ? {} : { kind }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.requests)
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

async function openRequest(server: ServerContext, record: RunRecord, requestId: string): Promise<OpenRunRequest> {
  const open = await openRequests(server, record)
  const found = open.find(each => each.requestId === requestId)
  if (found !== undefined) return found
  const list = open.map(each => `${each.requestId} (${each.kind} of "${each.stateName}")`).join(', ')
  const detail = `Request "${requestId}" of execution "${record.runId}" is not open. Open now: ${list === '' ? 'none' : list}.`
  throw new Problem(409, { code: 'REQUEST_UNKNOWN', detail })
}

function mismatch(
  { kind, stateName }: OpenRunRequest,
  { approved, reason, payload, data }: GivenAnswer,
): string | undefined {
  if (kind === 'approval') {
    if (typeof approved !== 'boolean') return `"${stateName}" waits for a decision: send "approved": true or false.`
    return payload === undefined ? undefined : `"${stateName}" waits for a decision, which has no payload.`
  }
  if (approved !== undefined || reason !== undefined || data !== undefined)
    return `"${stateName}" waits for a message, not for a decision: send "payload".`
  return payload === undefined ? `"${stateName}" waits for a message: send "payload".` : undefined
}

function unfitting(message: string): Problem {
  return new Problem(422, { code: 'PAYLOAD_INVALID', detail: `The answer does not fit: ${message}` })
}
