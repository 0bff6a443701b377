import { Observable } from 'rxjs'
import { type Clock, type OrchestrationEvent } from '../core/index.js'
import { sleep } from '../core/internal.js'
import { ensureError, OptionError } from '../errors/index.js'
import type { JournalReader } from './journal-reader.js'

/** How a run is replayed. */
export interface ReplayOptions {
  /** The first event that is wanted. @default 0 */
  readonly from?: number
  /** `none`: as fast as they are read. `original`: with the time between them that there was. @default 'none' */
  readonly timing?: 'none' | 'original'
  /** With original timing, how many times faster. @default 1 */
  readonly speed?: number
}

/** The events of a journal, as it is now. */
export function replayRun(
  open: () => Promise<JournalReader>,
  clock: Clock,
  { from = 0, timing = 'none', speed = 1 }: ReplayOptions,
): Observable<OrchestrationEvent> {
  if (!Number.isInteger(from) || from < 0) throw new OptionError('from', 'a whole number from 0 on', from)
  if (!(speed > 0)) throw new OptionError('speed', 'a number above 0', speed)
  if (timing !== 'none' && timing !== 'original') throw new OptionError('timing', "'none' or 'original'", timing)
  return new Observable(subscriber => {
    const over = new AbortController()
    const play = async (): Promise<void> => {
      const reader = await open()
      const events: OrchestrationEvent[] = []
      await reader.read(Infinity, (_entry, told) => events.push(...told.filter(event => event.seq >= from)))
      let before = events[0]?.at ?? 0
      for (const event of events) {
        if (timing === 'original' && event.at > before) await sleep(clock, (event.at - before) / speed, over.signal)
        before = event.at
        if (subscriber.closed) return
        subscriber.next(event)
      }
      subscriber.complete()
    }
    play().catch(thrown => subscriber.error(ensureError(thrown)))
    return () => over.abort()
  })
}
