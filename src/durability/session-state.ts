import type { BranchOutcome, OrchestrationEvent } from '../core/index.js'
import { damagedJournal } from './damaged-journal.js'
import { JournalReader } from './journal-reader.js'
import type { JournalStore } from './journal-store.js'
import { plainOf } from './plain-values.js'
import type { TreeNode } from './run-tree.js'
import { type BranchView, type RunView, viewOf } from './run-view.js'
import type { SessionRecord } from './session-record.js'
import { runUnknown } from './store-error.js'

/** A branch that is over. */
export interface CompletedBranch {
  readonly branch: string
  readonly outcome: BranchOutcome
  /** Where it ended. */
  readonly stateName: string
  /** The token whose output opened it; missing for the first branch of a run. */
  readonly parent?: string
}

/** A branch that is under way. */
export interface ActiveBranch extends BranchView {
  readonly branch: string
  /** The token whose output opened it; missing for the first branch of a run. */
  readonly parent?: string
}

/**
 * Where a session is or was, as plain data (S1-49): values are without their classes. `Journal.stateAt(runId, seq)` has the same place
 * with instances.
 */
export interface SessionState extends Omit<RunView, 'branches' | 'steps'> {
  readonly sessionId: string
  readonly task: unknown
  readonly context: Readonly<Record<string, unknown>>
  /** How many states had been invoked. */
  readonly totalSteps: number
  readonly branches: readonly ActiveBranch[]
  readonly completedBranches: readonly CompletedBranch[]
  /** The tokens of the steps that were at work: they begin again. */
  readonly activeTasks: readonly string[]
  /** What the run had told so far, that of runs inside it included. */
  readonly events: readonly OrchestrationEvent[]
}

/** Reads where a run of a session is, or was after an entry of its journal. @throws RUN_UNKNOWN, JOURNAL_DAMAGED */
export async function sessionStateAt(
  store: JournalStore,
  session: SessionRecord,
  runId: string,
  seq?: number,
): Promise<SessionState> {
  const record = await store.get(runId)
  if (record === undefined) throw runUnknown(runId)
  const reader = new JournalReader(store, record, undefined)
  const events: OrchestrationEvent[] = []
  await reader.read(seq ?? record.seq, (_entry, told) => events.push(...told))
  if (seq !== undefined && reader.seq < seq) {
    throw damagedJournal(runId, `entry ${reader.seq + 1}`, new Error(`it is missing; ${seq} should be there.`))
  }
  const [root, ...inner] = [...reader.tree.nodes] as [TreeNode, ...TreeNode[]]
  const { branches, steps, ...view } = viewOf(root, reader.seq, inner)
  const parents = new Map<string, string>()
  const completedBranches: CompletedBranch[] = []
  for (const event of events) {
    // Runs inside have branches of their own.
    if (event.path !== undefined) continue
    if (event.type === 'branch.created') parents.set(event.branch, event.parent)
    if (event.type !== 'branch.completed') continue
    const { branch, outcome, stateName } = event
    completedBranches.push({ branch, outcome, stateName, ...parentOf(branch, parents) })
  }
  const active = branches.map(each => {
    const branch = each.token.slice(0, each.token.lastIndexOf(':'))
    return { ...each, branch, ...parentOf(branch, parents) }
  })
  const { sessionId, task, context } = session
  const state = { ...view, totalSteps: steps, branches: active, events } as const
  return {
    ...(plainOf(state) as typeof state),
    sessionId,
    task,
    context,
    completedBranches,
    activeTasks: branches.filter(({ phase }) => phase === 'working' || phase === 'routing').map(({ token }) => token),
  }
}

function parentOf(branch: string, parents: ReadonlyMap<string, string>): { readonly parent?: string } {
  const parent = parents.get(branch)
  return parent === undefined ? {} : { parent }
}
