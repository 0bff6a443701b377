import type { TakeUpOptions } from '../core/index.js'
import type { DurableDefinition } from '../core/internal.js'
import { ensureError, OrchestrationError } from '../errors/index.js'
import { adviceOnClasses, damagedJournal } from './damaged-journal.js'
import { definitionText, differences, type StoredDefinition } from './definition.js'
import { codecOf } from './graph-codec.js'
import type { RunRecord } from './journal-records.js'
import type { JournalStore } from './journal-store.js'
import { MigratedRun } from './migrated-run.js'
import { RunTree } from './run-tree.js'

/**
 * A run, made to fit a definition that differs from the one it was recorded under: by migrations, if its version is lower, or as it
 * is, if that is allowed.
 * @throws DEFINITION_CHANGED, saying what changed
 */
export async function adapted(
  store: JournalStore,
  record: RunRecord,
  recorded: RunTree,
  definition: DurableDefinition,
  { allowModified = false }: TakeUpOptions,
): Promise<RunTree> {
  const { runId, version, fingerprint } = record
  const stored = await store.definition(fingerprint)
  const before = definitionFrom(stored, runId)
  const after = JSON.parse(definitionText(definition.graph).data) as StoredDefinition
  const changes = before === null ? ['its definition is not in the store'] : differences(before, after)
  if (version > definition.version) {
    throw changed(
      record,
      definition,
      changes,
      `It was recorded under version ${version}, which is newer: update the code.`,
    )
  }
  const isMigrated = version < definition.version
  if (!isMigrated && !allowModified) {
    throw changed(
      record,
      definition,
      changes,
      'Take it up with { allowModified: true }, or raise `version` and give a migration.',
    )
  }
  const migrated = new MigratedRun(recorded.encode())
  for (let from = version; from < definition.version; from++) {
    const migrate = definition.migrations[from]
    if (migrate === undefined) {
      throw changed(
        record,
        definition,
        changes,
        `There is no migration from version ${from}: give one in \`migrations\`.`,
      )
    }
    try {
      migrate(migrated)
    } catch (thrown) {
      const cause = ensureError(thrown)
      throw changed(record, definition, changes, `The migration from version ${from} failed: ${cause.message}`, cause)
    }
  }
  const tree = new RunTree(runId, definition.graph, codecOf)
  try {
    tree.decode(migrated.nodes)
    checkWaits(tree)
  } catch (thrown) {
    const cause = ensureError(thrown)
    const wayOut = `It cannot go on under this definition: ${cause.message}${adviceOnClasses(thrown)}`
    throw changed(record, definition, changes, wayOut, cause)
  }
  return tree
}

function definitionFrom(stored: string | undefined, runId: string): StoredDefinition | null {
  try {
    return JSON.parse(stored ?? 'null') as StoredDefinition | null
  } catch (thrown) {
    throw damagedJournal(runId, 'its definition', thrown)
  }
}

/** What waits has to be at a state that waits, for the same kind of thing. */
function checkWaits(tree: RunTree): void {
  for (const { state } of tree.nodes) {
    for (const { id, step, phase, node, wait } of state.branches.values()) {
      if (phase === 'waiting' ? wait?.kind === node.kind : phase !== 'joining' || node.kind === 'join') continue
      throw new Error(
        `branch ${id}:${step} is ${phase} at "${node.name}", which is a state of kind "${node.kind}" now.`,
      )
    }
  }
}

function changed(
  { runId, orchestration, version }: RunRecord,
  definition: DurableDefinition,
  changes: readonly string[],
  wayOut: string,
  cause?: unknown,
): OrchestrationError {
  const list = changes.length === 0 ? 'nothing but the version' : changes.join('; ')
  return new OrchestrationError(
    `Orchestration "${orchestration}" has changed since run "${runId}" was recorded: ${list}. ${wayOut}`,
    {
      code: 'DEFINITION_CHANGED',
      details: { runId, orchestration, recordedVersion: version, version: definition.version, changes },
      cause,
    },
  )
}
