import type { DurableDefinition } from '../core/internal.js'
import { OrchestrationError } from '../errors/index.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { runUnknown } from './store-error.js'

/** What a store knows of a run of this orchestration. @throws RUN_UNKNOWN, DEFINITION_CHANGED */
export async function recordOf(
  store: JournalStore,
  definition: Pick<DurableDefinition, 'name'>,
  runId: string,
): Promise<RunRecord> {
  const record = await store.get(runId)
  if (record === undefined) throw runUnknown(runId)
  if (record.orchestration === definition.name) return record
  throw new OrchestrationError(
    `Run "${runId}" is one of orchestration "${record.orchestration}", not of "${definition.name}".`,
    { code: 'DEFINITION_CHANGED', details: { runId, orchestration: record.orchestration } },
  )
}
