import type { TakeUpOptions } from '../core/index.js'
import type { DurableDefinition, RunLedger } from '../core/internal.js'
import { adapted } from './adapted-run.js'
import { definitionText } from './definition.js'
import { codecOf } from './graph-codec.js'
import { JournalReader } from './journal-reader.js'
import type { JournalStore } from './journal-store.js'
import { checkName } from './names.js'
import { recordOf } from './record-of.js'
import { runBusy } from './run-busy.js'
import { RunJournal } from './run-journal.js'
import { RunTree } from './run-tree.js'
import { StoreLedger } from './store-ledger.js'

/** The ledger of a new run. @throws NAME_INVALID */
export function beginRun(
  store: JournalStore,
  definition: DurableDefinition,
  runId: string,
  options: TakeUpOptions,
): RunLedger {
  checkName('runId', runId)
  const tree = new RunTree(runId, definition.graph, codecOf)
  const journal = new RunJournal(store, definition, runId, options, tree, undefined)
  return new StoreLedger(journal, definition.graph, runId)
}

/** The ledger of a run that is in the store, taken for the caller, who drives it from here on. */
export async function takeUpRun(
  store: JournalStore,
  definition: DurableDefinition,
  runId: string,
  options: TakeUpOptions,
): Promise<RunLedger> {
  const before = await recordOf(store, definition, runId)
  const ended = before.status !== 'running' && before.status !== 'paused'
  if (!ended && !(await store.claim(runId))) throw runBusy(runId)
  try {
    // Whoever had it may have gone on until a moment ago.
    const record = await recordOf(store, definition, runId)
    const reader = new JournalReader(store, record, definition.graph, definition.version)
    await reader.skipTo(record)
    await reader.read()
    // Runs inside it that it had no use for any more ended with the process that drove them.
    reader.tree.prune(true)
    const rebased =
      reader.fingerprint !== definitionText(definition.graph).fingerprint || record.version !== definition.version
    const tree = rebased ? await adapted(store, record, reader.tree, definition, options) : reader.tree
    const taken = { seq: reader.seq, tree, rebased: rebased && !ended }
    return new StoreLedger(new RunJournal(store, definition, runId, options, tree, taken), definition.graph, runId)
  } catch (thrown) {
    if (!ended) await store.release(runId)
    throw thrown
  }
}

/** The runs of an orchestration that are under way and that nobody drives. */
export async function abandonedRuns(store: JournalStore, definition: DurableDefinition): Promise<readonly string[]> {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({
      orchestration: definition.name,
      status: ['running'],
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.runs.map(run => run.runId))
    cursor = page.next
  } while (cursor !== undefined)
  // The oldest has waited longest.
  return found.reverse()
}
