import { compareTokenOrder } from '../core/internal.js'
import { damagedJournal } from './damaged-journal.js'
import type { StoredTurn } from './journal-format.js'
import type { JournalStore } from './journal-store.js'

/** A fact as it is stored. */
export interface StoredFact {
  readonly type: string
  readonly branch?: string
  readonly step?: number
  readonly [key: string]: unknown
}

/** What happened at one step, in order. */
export interface StepTrace {
  /** The tokens that lead to the step, the last its own; of the beginning of a run `start` stands for it. */
  readonly path: readonly string[]
  readonly facts: readonly StoredFact[]
}

/** The facts that tell what a run decided and with what; the others depend on timing, or are by the way. */
const telling = new Set(['started', 'completed', 'failed', 'advanced', 'stuck', 'waiting', 'answered'])

/** What a run did, by step instead of by time: two runs that did the same have the same trace, however their branches took turns. */
export interface RunTrace {
  readonly steps: ReadonlyMap<string, StepTrace>
  /** What was edited by hand, in order. */
  readonly edits: readonly StoredFact[]
}

/** Reads what a run did. */
export async function traceOf(store: JournalStore, runId: string): Promise<RunTrace> {
  const steps = new Map<string, { path: readonly string[]; facts: StoredFact[] }>()
  const edits: StoredFact[] = []
  for (const { seq, data } of await store.read(runId)) {
    let turn: StoredTurn
    try {
      turn = JSON.parse(data) as StoredTurn
    } catch (thrown) {
      throw damagedJournal(runId, `entry ${seq}`, thrown)
    }
    for (const fact of (turn.facts ?? []) as readonly StoredFact[]) {
      if (fact.type === 'edited') edits.push(turn.run === undefined ? fact : { ...fact, run: turn.run })
      if (!telling.has(fact.type)) continue
      const token = fact.type === 'started' ? 'start' : `${fact.branch}:${fact.step}`
      const path = [...(turn.run ?? []), token]
      const key = path.join('/')
      const trace = steps.get(key) ?? { path, facts: [] }
      steps.set(key, trace)
      trace.facts.push(fact)
    }
  }
  return { steps, edits }
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
  return token === 'start' ? [] : token.split(/[:.]/).map(Number)
}
