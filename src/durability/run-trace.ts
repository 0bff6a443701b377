import { compareTokenOrder } from '../core/internal.js'
import { JournalReader } from './journal-reader.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import type { StoredStart, TreeNode } from './run-tree.js'
import type { StoredFact } from './stored-fact.js'

/** What happened at one step, in order. */
export interface StepTrace {
  /** The tokens that lead to the step, the last its own; `start` stands for the beginning of a run, `end` for its end. */
  readonly path: readonly string[]
  readonly facts: readonly StoredFact[]
}

/** A fact that counted: it came while its step was under way. */
export interface TracedFact {
  /** The tokens that lead to the run that it is about. */
  readonly run: readonly string[]
  readonly fact: StoredFact
  /** When, in milliseconds since 1970. */
  readonly at: number
  /** What its branch was doing before, and what it waited for. */
  readonly phase: string | undefined
  readonly waitedFor: string | undefined
}

/** What a run did, by step instead of by time: two runs that did the same have the same trace, however their branches took turns. */
export interface RunTrace {
  readonly runId: string
  readonly steps: ReadonlyMap<string, StepTrace>
  /** What was edited by hand, in order. */
  readonly edits: readonly StoredFact[]
  /** Everything that counted, in the order in which it did. */
  readonly facts: readonly TracedFact[]
  /** What the run was started with. */
  readonly start: StoredStart | undefined
}

/** Reads what a run did. Values stay the JSON that they are. @throws JOURNAL_DAMAGED, STORE_FORMAT_UNKNOWN */
export async function traceOf(store: JournalStore, record: RunRecord): Promise<RunTrace> {
  const { runId } = record
  const steps = new Map<string, { path: readonly string[]; facts: StoredFact[] }>()
  const edits: StoredFact[] = []
  const facts: TracedFact[] = []
  let start: StoredStart | undefined
  const factsAt = (path: readonly string[]): StoredFact[] => {
    const key = path.join('/')
    const trace = steps.get(key) ?? { path, facts: [] }
    steps.set(key, trace)
    return trace.facts
  }
  const take = (node: TreeNode, fact: StoredFact, at: number): void => {
    if (!counts(node, fact)) return
    const { path: run, state } = node
    const branch = fact.branch === undefined ? undefined : state.branches.get(fact.branch)
    facts.push({ run, fact, at, phase: branch?.phase, waitedFor: branch?.wait?.kind })
    if (fact.type === 'edited') {
      edits.push(run.length === 0 ? fact : { ...fact, run })
      // From there on the step has what it was given.
      for (const each of editsIn(fact, 'outputs')) {
        const own = factsAt([...run, `${each.branch}:${each.step}`])
        const had = own.at(-1)?.type === 'completed' ? own.pop() : undefined
        own.push({ ...had, type: 'completed', branch: each.branch, step: each.step, output: each.value })
      }
      return
    }
    const place = placeOf(fact)
    if (place !== undefined) factsAt([...run, ...place]).push(fact)
  }
  // Without the definition at hand: values of classes that it no longer has are JSON like all others.
  const reader = new JournalReader(store, record, undefined)
  await reader.read(
    Infinity,
    (_entry, _events, turn) => {
      if (turn.run === undefined) start ??= turn.start
    },
    (node, fact, { at }) => take(node, fact, at),
  )
  return { runId, steps, edits, facts, start }
}

/** Where a fact belongs that tells what a run decided and with what; the others depend on timing, or are by the way. */
function placeOf(fact: StoredFact): readonly string[] | undefined {
  const token = `${fact.branch}:${fact.step}`
  switch (fact.type) {
    case 'started':
      return ['start']
    case 'ended':
      // One that was cancelled or ran out of time has none of these.
      return 'output' in fact || 'same' in fact || 'failure' in fact ? ['end'] : undefined
    case 'asked':
    case 'replied':
      return [token, `#${String(fact['name'])}`]
    case 'completed':
    case 'failed':
    case 'advanced':
    case 'stuck':
    case 'waiting':
    case 'answered':
      return [token]
    default:
      return undefined
  }
}

/** Whether a fact makes a difference. Which ones come too late is a matter of time. */
function counts({ state }: TreeNode, { type, branch: id, step }: StoredFact): boolean {
  if (type === 'started') return state.phase === 'created'
  if (type === 'ended') return state.phase === 'ending'
  if (state.phase === 'ending' || state.phase === 'ended') return false
  if (id === undefined) return true
  const branch = state.branches.get(id)
  if (branch === undefined || branch.step !== step) return false
  const { phase } = branch
  switch (type) {
    case 'completed':
    case 'waiting':
      return phase === 'working'
    case 'answered':
      return phase === 'waiting'
    case 'advanced':
    case 'stuck':
      return phase === 'routing'
    default:
      return phase === 'working' || phase === 'routing' || phase === 'waiting'
  }
}

/** A value that was edited, as it is stored. */
export interface StoredEdit {
  readonly branch: string
  readonly step: number
  readonly value: unknown
}

/** The inputs or outputs in an edit. */
export function editsIn(edit: StoredFact, what: 'inputs' | 'outputs'): readonly StoredEdit[] {
  return (edit[what] ?? []) as readonly StoredEdit[]
}

/** Orders steps by decision: a step comes before what follows from it, and what runs inside a step before its outcome. */
export function compareSteps(a: StepTrace, b: StepTrace): number {
  for (let i = 0; i < Math.max(a.path.length, b.path.length); i++) {
    const [tokenA, tokenB] = [a.path[i], b.path[i]]
    if (tokenA === undefined) return 1
    if (tokenB === undefined) return -1
    const order = compareTokenOrder(orderOf(tokenA), orderOf(tokenB))
    if (order !== 0) return order
  }
  return 0
}

function orderOf(token: string): readonly number[] {
  if (token === 'start' || token.startsWith('#')) return []
  return token === 'end' ? [Number.MAX_SAFE_INTEGER] : token.split(/[:.]/).map(Number)
}
