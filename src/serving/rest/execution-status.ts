import type { BranchView, RunRecord, RunView } from '../../durability/index.js'
import type { ServerContext } from '../server-context.js'

/** What an execution can be (S2-40). */
export const executionStatuses = ['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const

/** One of {@link executionStatuses}. */
export type ExecutionStatus = (typeof executionStatuses)[number]

/**
 * What an execution is doing, as its clients are told: one that can do nothing before somebody has decided about an approval is
 * `paused`, as is one that somebody has paused.
 */
export async function executionStatus(server: ServerContext, record: RunRecord): Promise<ExecutionStatus> {
  if (record.status !== 'running') return record.status
  const { requests } = await server.host.store.requests({ runId: record.runId, kind: 'approval', limit: 1 })
  if (requests.length === 0) return 'running'
  try {
    const journal = await server.host.journalOf(record.runId)
    return waitsForPeople(await journal.stateAt(record.runId)) ? 'paused' : 'running'
  } catch {
    // A run that cannot be looked into must not hide all others of a list; whoever asks for it alone is told why.
    return 'running'
  }
}

/** Whether nothing goes on in a run until somebody from outside does something. */
export function waitsForPeople({ branches, inner }: RunView): boolean {
  return [branches, ...inner.map(run => run.branches)].flat().every(standsStill)
}

function standsStill({ phase, waitsFor }: BranchView): boolean {
  return phase === 'joining' || (phase === 'waiting' && waitsFor?.kind !== 'delay')
}
