import { isTerminalEvent } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import { Problem } from '../problem.js'
import { opensRequest, progressText, RunFollower, waitsForAnswer } from '../run-follower.js'
import type { ServerContext } from '../server-context.js'
import type { McpCall } from './mcp-tool.js'

/**
 * Waits for a run that a call has started: until it has ended or waits for an answer, at most `maxWaitMs`. A call that is cancelled
 * ends the run, if that is how the server is set.
 */
export async function waitForRun(server: ServerContext, runId: string, call: McpCall): Promise<void> {
  const { cancelRuns, maxWaitMs } = server.mcp
  const enough = new AbortController()
  const timer = server.clock.setTimeout(() => enough.abort(), maxWaitMs)
  const signal = AbortSignal.any([enough.signal, call.cancelled, call.gone])
  try {
    const record = await server.host.record(runId)
    const follower = await RunFollower.open(server, record, { from: 0, signal })
    for await (const event of follower) {
      const message = progressText(server, record, event)
      if (message !== undefined) call.progress(message)
      if (isTerminalEvent(event)) return
      if (opensRequest(event) && (await waitsForAnswer(server, record))) return
    }
  } catch (thrown) {
    // The run is there; that nobody can wait for it now is no reason to have the client start another one.
    if (!(thrown instanceof Problem) || thrown.status !== 503) throw thrown
  } finally {
    server.clock.clearTimeout(timer)
    if (call.cancelled.aborted && !call.gone.aborted && cancelRuns) await cancel(server, runId)
  }
}

async function cancel({ host, logger }: ServerContext, runId: string): Promise<void> {
  try {
    await host.cancel(runId, 'the MCP client has cancelled the call')
  } catch (thrown) {
    logger.warn(`Run ${runId} cannot be cancelled`, ensureError(thrown))
  }
}
