import type { OrchestrationEvent } from '../../core/index.js'
import type { JournalStore } from '../../durability/index.js'
import { JournalReader } from '../../durability/internal.js'
import { OrchestrationError } from '../../errors/index.js'
import { ExecutionPlan } from '../execution-plan.js'
import { StateProjection } from './state-projection.js'

/** The label that all workflows have in a store; another one, `plan`, has the id of the plan. */
export const workflowTags = { kind: 'plan' } as const

/** A workflow as it is in a store. */
export interface StoredWorkflow {
  /** The plan that it was started with. */
  readonly plan: ExecutionPlan
  readonly projection: StateProjection
}

/**
 * Reads a workflow from its journal, the plan included.
 * @param present the plan whose steps are looked for; if it is left out, that which the workflow was started with
 * @throws RUN_UNKNOWN, also for a run that is no workflow; JOURNAL_DAMAGED
 */
export async function readWorkflow(
  store: JournalStore,
  workflowId: string,
  present?: ExecutionPlan,
): Promise<StoredWorkflow> {
  const record = await store.get(workflowId)
  if (record?.tags['kind'] !== workflowTags.kind) throw unknownWorkflow(workflowId)
  const events: OrchestrationEvent[] = []
  // Without a definition: whoever asks how a workflow stands need not have its agents at hand.
  const reader = new JournalReader(store, record, undefined)
  await reader.read(Infinity, (_entry, told) => events.push(...told))
  const started = events.find(event => event.type === 'orchestration.started')
  if (started === undefined) throw unknownWorkflow(workflowId)
  const plan = ExecutionPlan.fromJSON(started.input)
  const projection = new StateProjection(workflowId, present ?? plan, started.at)
  for (const event of events) projection.apply(event)
  return { plan, projection }
}

function unknownWorkflow(workflowId: string): OrchestrationError {
  return new OrchestrationError(
    `There is no workflow "${workflowId}": neither is it under way here, nor is it in the store that was asked.`,
    { code: 'RUN_UNKNOWN', details: { workflowId } },
  )
}
