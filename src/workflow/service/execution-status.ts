import type { OpenRunRequest, RunHost, RunRecord } from '../../durability/index.js'
import { type ExecutionStatus, type StartedExecution, waitsForPeople } from './workflow-execution.js'

/** What an execution is doing, as its clients are told (C24). */
export async function statusOf(
  host: RunHost,
  record: RunRecord,
  open?: readonly OpenRunRequest[],
): Promise<ExecutionStatus> {
  if (record.status !== 'running') return record.status
  const requests = open ?? (await openApprovals(host, record.runId))
  // Where somebody has answered, it goes on, even if it has not got there yet.
  if (requests.length === 0 || (await host.store.answers(record.runId)).length > 0) return 'running'
  const journal = await host.journalOf(record.runId)
  return waitsForPeople(await journal.stateAt(record.runId)) ? 'paused' : 'running'
}

/** What an execution is doing right after something was done to it. */
export async function statusNow(host: RunHost, executionId: string): Promise<StartedExecution> {
  const record = await host.record(executionId)
  const driven = host.driven(executionId)?.status
  // What has just been resumed may not be written down as that yet.
  const isResumed = record.status === 'paused' && driven === 'running'
  return { executionId, status: await statusOf(host, isResumed ? { ...record, status: driven } : record) }
}

/** The approvals that an execution waits for and that nobody has decided about, the oldest first. */
export async function openApprovals({ store }: RunHost, runId: string): Promise<readonly OpenRunRequest[]> {
  const found: OpenRunRequest[] = []
  let cursor: string | undefined
  do {
    const page = await store.requests({
      ...{ runId, kind: 'approval', limit: 200 },
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.requests)
    cursor = page.next
  } while (cursor !== undefined)
  return found
}
