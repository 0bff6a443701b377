import { type ServerContext, tenantOf } from './server-context.js'
import { checkRoom } from './start-run.js'

/**
 * Goes on with a run that is paused; resolves when the store says that it does.
 * @throws Problem 429 if too many runs are under way; what `RunHost.resume` throws
 */
export async function resumeRun(server: ServerContext, runId: string): Promise<void> {
  const { host, started$ } = server
  const { tags } = await host.record(runId)
  checkRoom(server, tenantOf(tags), runId)
  let told = (): void => undefined
  const stop = host.store.watch(runId, () => told())
  try {
    const run = await host.resume(runId)
    started$.next(runId)
    const over = run.result.then(
      () => undefined,
      () => undefined,
    )
    for (;;) {
      const changed = new Promise<void>(resolve => {
        told = resolve
      })
      if ((await host.store.get(runId))?.status !== 'paused') return
      // A run that is at its end already may have nothing to write any more.
      if ((await Promise.race([changed.then(() => 'changed'), over])) === undefined) return
    }
  } finally {
    stop()
  }
}
