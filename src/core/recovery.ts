import { ensureError, OrchestrationError } from '../errors/index.js'
import type { OrchestrationRun } from './run.js'
import type { DurableDefinition, RunStore } from './run-store.js'

/** What `recover()` has found. */
export interface Recovery<TOut> {
  /** The runs that were taken up. */
  readonly runs: readonly OrchestrationRun<TOut>[]
  /** Runs that could not be taken up, and why; they are as they were. */
  readonly refused: readonly { readonly runId: string; readonly error: Error }[]
}

/** Takes up the runs that nobody drives. */
export async function recoverRuns<TOut>(
  store: RunStore,
  definition: DurableDefinition,
  resume: (runId: string) => Promise<OrchestrationRun<TOut>>,
): Promise<Recovery<TOut>> {
  const runs: OrchestrationRun<TOut>[] = []
  const refused: { readonly runId: string; readonly error: Error }[] = []
  for (const runId of await store.abandoned(definition)) {
    try {
      runs.push(await resume(runId))
    } catch (thrown) {
      // Another process may recover the same store, and have been quicker.
      if (isTaken(thrown)) continue
      refused.push({ runId, error: ensureError(thrown) })
    }
  }
  return { runs, refused }
}

function isTaken(thrown: unknown): boolean {
  return OrchestrationError.isInstance(thrown) && ['RUN_BUSY', 'RUN_CONFLICT', 'RUN_UNKNOWN'].includes(thrown.code)
}
