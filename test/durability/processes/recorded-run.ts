import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunRecord } from '../../../src/durability/journal-records.js'
import type { JournalStore } from '../../../src/durability/journal-store.js'

interface RecordedFact {
  readonly type: string
  readonly branch?: string
  readonly step?: number
  readonly name?: string
  readonly until?: number
}

interface RecordedTurn {
  readonly run?: readonly string[]
  readonly start?: unknown
  readonly facts?: readonly RecordedFact[]
}

/** What one invocation has left outside. */
export interface Effect {
  readonly what: string
  readonly key: string
  readonly pid: number
}

/** A run as a store has it. */
export interface RecordedRun {
  readonly record: RunRecord | undefined
  readonly numbers: readonly number[]
  /** The keys of what may not be done again: states that have completed, results that are kept. In the order of the journal. */
  readonly committed: readonly string[]
  /**
   * What happened to each step, in order. That the run was taken up is left out, and so are moments. Steps side by side may be
   * recorded in any order.
   */
  readonly steps: Readonly<Record<string, readonly string[]>>
  /** How often the run itself was taken up. */
  readonly takenUp: number
  /** When each fact was recorded that ends a wait, and until when it was. */
  readonly waits: readonly { readonly type: string; readonly at: number; readonly until: number | undefined }[]
}

/** Reads a run as it stands in its journal. */
export async function recordedRun(store: JournalStore, runId: string): Promise<RecordedRun> {
  const entries = await store.read(runId)
  const committed: string[] = []
  const steps: Record<string, string[]> = {}
  const waits: { type: string; at: number; until: number | undefined }[] = []
  let takenUp = 0
  for (const { at, data } of entries) {
    const { run = [], start, facts = [] } = JSON.parse(data) as RecordedTurn
    const note = (step: string, what: unknown): void => {
      const place = [...run, step].join('/')
      steps[place] = [...(steps[place] ?? []), JSON.stringify(what)]
    }
    if (start !== undefined) note('run', start)
    for (const fact of facts) {
      const { until, ...rest } = fact
      if (fact.type === 'resume') {
        if (run.length === 0) takenUp++
        continue
      }
      const step = fact.branch === undefined ? 'run' : `${fact.branch}:${fact.step}`
      note(step, rest)
      const key = [runId, ...run, step].join('/')
      if (fact.type === 'completed') committed.push(key)
      if (fact.type === 'kept') committed.push(`${key}/${fact.name}`)
      if (fact.type === 'waiting' || fact.type === 'answered') waits.push({ type: fact.type, at, until })
    }
  }
  return { record: await store.get(runId), numbers: entries.map(({ seq }) => seq), committed, steps, takenUp, waits }
}

/** What the states of a run have left outside, in whatever process. */
export function effectsOf(directory: string, runId: string): readonly Effect[] {
  const path = join(directory, runId)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map(line => {
    const [what = '', key = '', pid] = line.split(' ')
    return { what, key, pid: Number(pid) }
  })
}
