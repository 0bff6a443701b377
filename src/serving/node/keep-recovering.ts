import type { TimerHandle } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import type { ServingHandler } from '../create-handler.js'

/** How runs are looked for that nobody drives. */
export interface Recovering {
  /** Milliseconds between two looks; 0: once. */
  readonly everyMs: number
  /** Is told what has been taken up, if anything has. */
  readonly onRecovered: (runIds: readonly string[]) => void
}

/**
 * Takes up what nobody drives, now and every now and then, until the function that is returned is called: another server of the store
 * may have died. Rejects if that is not possible now; later, the log is told.
 */
export async function keepRecovering(
  handler: ServingHandler,
  { everyMs, onRecovered }: Recovering,
): Promise<() => void> {
  const { clock, logger } = handler.server
  let timer: TimerHandle
  let isOver = false
  const look = async (): Promise<void> => {
    const runIds = await handler.recover()
    if (runIds.length > 0) onRecovered(runIds)
  }
  const later = (): void => {
    if (isOver || everyMs === 0) return
    timer = clock.setTimeout(() => {
      look()
        .catch((thrown: unknown) => {
          if (!isOver) logger.warn('Runs that nobody drives could not be looked for', ensureError(thrown))
        })
        .finally(later)
    }, everyMs)
  }
  await look()
  later()
  return () => {
    isOver = true
    clock.clearTimeout(timer)
  }
}
