import type { JournalStore, StoredRunStatus } from '../../durability/index.js'
import { OptionError, OrchestrationError } from '../../errors/index.js'
import { readWorkflow, workflowTags } from './stored-workflow.js'
import type { WorkflowRun } from './workflow-run.js'
import type { WorkflowState, WorkflowStatus } from './workflow-state.js'

/** Which workflows are wanted; every criterion that is given has to hold. */
export interface WorkflowQuery {
  /** One of these. */
  readonly status?: readonly WorkflowStatus[]
  readonly planId?: string
  /** Besides those that are under way in this engine. @default that of the engine */
  readonly store?: JournalStore
}

const statuses: readonly WorkflowStatus[] = ['running', 'paused', 'completed', 'partial', 'failed', 'cancelled']

/** As which statuses of a workflow a run may turn out. */
const storedAs: Readonly<Record<WorkflowStatus, StoredRunStatus>> = {
  running: 'running',
  paused: 'paused',
  completed: 'completed',
  partial: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/**
 * Finds the states of workflows (S3-29, S3-32): of those that are under way in this engine, which follow their runs, and of those in a
 * store, read from their journals. It keeps nothing of a workflow that has ended.
 */
export class WorkflowStateManager {
  readonly #store: JournalStore | undefined
  readonly #live = new Map<string, WorkflowRun>()

  /** @internal */
  constructor(store: JournalStore | undefined) {
    this.#store = store
  }

  /** Knows a workflow until its run has ended. @internal */
  follow(workflow: WorkflowRun): void {
    const { workflowId } = workflow
    this.#live.set(workflowId, workflow)
    const forget = (): void => {
      if (this.#live.get(workflowId) === workflow) this.#live.delete(workflowId)
    }
    workflow.result.then(forget, forget)
  }

  /** How a workflow stands. Rejects with RUN_UNKNOWN if there is none of this id. */
  async get(workflowId: string, options: { readonly store?: JournalStore } = {}): Promise<WorkflowState> {
    const live = this.#live.get(workflowId)
    if (live !== undefined) return live.state
    const { store = this.#store } = options
    if (store === undefined) {
      throw new OrchestrationError(
        `Workflow "${workflowId}" is not under way in this engine, and there is no store to look in: pass \`{ store }\`.`,
        { code: 'RUN_UNKNOWN', details: { workflowId } },
      )
    }
    return (await readWorkflow(store, workflowId)).projection.state
  }

  /** The workflows that match, those of a store by age, the youngest first. @throws OPTION_INVALID */
  async list(query: WorkflowQuery = {}): Promise<readonly WorkflowState[]> {
    const { status, planId, store = this.#store } = query
    const unknown = status?.find(each => !statuses.includes(each))
    if (unknown !== undefined) throw new OptionError('status', `a list of ${statuses.join(', ')}`, unknown)
    const found = new Map([...this.#live.values()].map(({ workflowId, state }) => [workflowId, state]))
    if (store !== undefined) {
      for (const workflowId of await this.#storedIds(store, query)) {
        if (!found.has(workflowId)) found.set(workflowId, (await readWorkflow(store, workflowId)).projection.state)
      }
    }
    return [...found.values()].filter(
      state =>
        (status === undefined || status.includes(state.status)) && (planId === undefined || state.planId === planId),
    )
  }

  async #storedIds(store: JournalStore, { status, planId }: WorkflowQuery): Promise<readonly string[]> {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.list({
        tags: { ...workflowTags, ...(planId === undefined ? {} : { plan: planId }) },
        // A plan of which nothing has completed may have run to its end all the same.
        ...(status === undefined ? {} : { status: storedStatuses(status) }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      ids.push(...page.runs.map(({ runId }) => runId))
      cursor = page.next
    } while (cursor !== undefined)
    return ids
  }
}

function storedStatuses(status: readonly WorkflowStatus[]): StoredRunStatus[] {
  return [
    ...new Set(status.flatMap(each => (each === 'failed' ? (['failed', 'completed'] as const) : [storedAs[each]]))),
  ]
}
