import { Observable } from 'rxjs'
import { isTerminalEvent, type OrchestrationEvent } from '../core/index.js'
import type { DurableDefinition } from '../core/internal.js'
import { ensureError } from '../errors/index.js'
import { JournalReader } from './journal-reader.js'
import type { JournalStore } from './journal-store.js'
import { recordOf } from './record-of.js'

/** The events of a run from its journal, from number `from` on: what is there, then what is added, by whatever process. */
export function observeRun(
  store: JournalStore,
  definition: DurableDefinition,
  runId: string,
  from: number,
): Observable<OrchestrationEvent> {
  return new Observable(subscriber => {
    let reader: JournalReader | undefined
    let reading = false
    let again = false
    const tell = (events: readonly OrchestrationEvent[]): void => {
      for (const event of events) {
        if (subscriber.closed) return
        if (event.seq >= from) subscriber.next(event)
        if (isTerminalEvent(event)) subscriber.complete()
      }
    }
    const open = async (): Promise<JournalReader> => {
      const record = await recordOf(store, definition, runId)
      const opened = new JournalReader(store, record, definition.graph, definition.version)
      const skipped = await opened.skipTo(record)
      if (!skipped || (opened.tree.root?.events ?? 0) <= from) return opened
      // The snapshot comes after what is asked for.
      return new JournalReader(store, record, definition.graph, definition.version)
    }
    const read = async (): Promise<void> => {
      again = true
      if (reading) return
      reading = true
      try {
        while (again && !subscriber.closed) {
          again = false
          reader ??= await open()
          await reader.read(Infinity, (_entry, events) => tell(events))
        }
      } catch (thrown) {
        subscriber.error(ensureError(thrown))
      } finally {
        reading = false
      }
    }
    const stop = store.watch(runId, () => void read())
    // Whoever waits for the end of a run that others drive must not end before: watching alone keeps no process.
    const alive = setInterval(() => undefined, 2 ** 30)
    void read()
    return () => {
      clearInterval(alive)
      stop()
    }
  })
}
