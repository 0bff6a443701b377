import type { OrchestrationEvent } from '../../core/index.js'
import type { HistoryEntry, HostedOrchestration, RunRecord } from '../../durability/index.js'
import { JournalReader } from '../../durability/internal.js'
import { OrchestrationError } from '../../errors/index.js'
import type { NodesView } from '../run-kind.js'
import type { ServerContext } from '../server-context.js'

/** How many entries are read before it is looked whether they are enough. */
const portion = 1000

/** The definition of a run; `undefined` if the server has it no more: what was recorded can be read all the same. */
export async function definitionOf(
  { host }: ServerContext,
  record: RunRecord,
): Promise<HostedOrchestration | undefined> {
  try {
    return await host.definitionOf(record.runId)
  } catch (thrown) {
    if (OrchestrationError.isInstance(thrown) && thrown.code === 'ORCHESTRATION_UNKNOWN') return undefined
    throw thrown
  }
}

/** A run as those see it who have written its definition; `undefined` if that are its states, or the server has it no more. */
export async function viewOf(server: ServerContext, record: RunRecord): Promise<NodesView | undefined> {
  const definition = await definitionOf(server, record)
  return definition === undefined ? undefined : server.kinds.view(record, definition)
}

/** Reads a run's journal from its first entry on. @throws JOURNAL_DAMAGED */
async function readerOf(server: ServerContext, record: RunRecord): Promise<JournalReader> {
  const definition = await definitionOf(server, record)
  return new JournalReader(server.host.store, record, definition?.graph, definition?.durable.version)
}

/** What a run was started with. */
export async function inputOf(server: ServerContext, record: RunRecord): Promise<unknown> {
  const reader = await readerOf(server, record)
  let input: unknown
  await reader.read(1, (_entry, events) => {
    const [first] = events
    if (first?.type === 'orchestration.started') input = first.input
  })
  return input
}

/** All events that a run has had. */
export async function eventsOf(server: ServerContext, record: RunRecord): Promise<readonly OrchestrationEvent[]> {
  const found: OrchestrationEvent[] = []
  await (await readerOf(server, record)).read(Infinity, (_entry, events) => found.push(...events))
  return found
}

/** At most `limit` events of a run from number `from` on, in the words of `told`, and whether there are more. */
export async function eventPage(
  server: ServerContext,
  record: RunRecord,
  from: number,
  limit: number,
  told: (event: OrchestrationEvent) => OrchestrationEvent | undefined = event => event,
): Promise<{ readonly events: readonly OrchestrationEvent[]; readonly more: boolean }> {
  const found: OrchestrationEvent[] = []
  const reader = await readerOf(server, record)
  while (reader.seq < record.seq && found.length <= limit) {
    await reader.read(Math.min(reader.seq + portion, record.seq), (_entry, events) => {
      for (const event of events) {
        const words = told(event)
        if (words !== undefined && event.seq >= from) found.push(words)
      }
    })
  }
  return { events: found.slice(0, limit), more: found.length > limit }
}

/** At most `limit` entries of a run's journal from number `from` on. */
export async function historyPage(
  server: ServerContext,
  record: RunRecord,
  from: number,
  limit: number,
): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  const reader = await readerOf(server, record)
  await reader.read(Math.min(from + limit - 1, record.seq), ({ seq, at }, events) => {
    if (seq >= from) entries.push({ seq, at, events })
  })
  return entries
}
