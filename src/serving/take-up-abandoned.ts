import { ensureError, OrchestrationError } from '../errors/index.js'
import type { ServerContext } from './server-context.js'

/**
 * Goes on with a run whose process has died; one that somebody drives is left to it.
 * @returns whether this server drives it now
 */
export async function takeUpAbandoned({ host, logger, started$ }: ServerContext, runId: string): Promise<boolean> {
  if (host.driven(runId) !== undefined) return false
  try {
    await host.resume(runId)
    started$.next(runId)
    return true
  } catch (thrown) {
    const isTaken = OrchestrationError.isInstance(thrown) && takenCodes.has(thrown.code)
    if (!isTaken) logger.warn(`Run ${runId} cannot be taken up`, ensureError(thrown))
    return false
  }
}

const takenCodes: ReadonlySet<string> = new Set(['RUN_BUSY', 'RUN_CONFLICT', 'RUN_UNKNOWN', 'STORE_CLOSED'])
