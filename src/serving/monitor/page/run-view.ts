import { notify } from './announce.js'
import { ask, runPath } from './api.js'
import { diagram } from './diagram.js'
import { fill, h } from './element.js'
import { eventList } from './event-list.js'
import { JournalEntries } from './journal-entries.js'
import { nodeTable } from './node-table.js'
import { Refusal, wordsFor } from './refusal.js'
import { atMostEvery, repeat } from './repeat.js'
import { runData } from './run-data.js'
import { RunFeed, type ShownEvents } from './run-feed.js'
import { runHead } from './run-head.js'
import { learnNames } from './run-name.js'
import type { RunParts } from './run-parts.js'
import { runRequests } from './run-requests.js'
import { isOver } from './status-badge.js'
import { Store } from './store.js'
import { timeTravel } from './time-travel.js'
import { timeline } from './timeline.js'
import { emptyState, type View, viewTitle } from './view.js'
import type { RunDetails, RunState } from './wire.js'

/** One run: what it does, did, and waits for. */
export function runView(runId: string, query: URLSearchParams): View {
  return async (outlet, signal) => {
    let first: RunDetails
    try {
      first = await ask<RunDetails>(runPath(runId), { signal })
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof Refusal) || thrown.status === 401) throw thrown
      const back = h('a', { class: 'button', href: '#/runs' }, 'All runs')
      return fill(outlet, viewTitle('Run'), emptyState(wordsFor(thrown), back))
    }
    await learnNames([first], signal)
    if (signal.aborted) return
    const details = new Store(first)
    const view = first.workflow_id === undefined || query.get('view') === 'states' ? 'states' : 'nodes'
    const feed = new RunFeed(runId, view, signal)
    const moment = new Store<number | undefined>(undefined)
    const shown = new Store<ShownEvents>({ all: feed.events, end: 0 })
    const state = new Store<RunState | undefined>(undefined)
    let [asked, answered] = [0, 0]
    const load = async (): Promise<void> => {
      const turn = ++asked
      const found = await ask<RunDetails>(runPath(runId), { signal })
      // An answer that was overtaken is how the run was before.
      if (turn < answered) return
      answered = turn
      details.set(found)
    }
    const parts: RunParts = {
      runId,
      signal,
      view,
      details,
      feed,
      moment,
      shown,
      state,
      chosenState: new Store<string | undefined>(undefined),
      refresh: () => void load().catch(() => undefined),
    }
    const entries = new JournalEntries(runId, signal)
    showMoments(parts, entries)
    fill(
      outlet,
      ...runHead(parts),
      runRequests(parts),
      timeTravel(parts, entries),
      h('div', { class: 'run-columns' }, diagram(parts), h('div', { class: 'stack' }, timeline(parts), runData(parts))),
      eventList(parts),
      nodeTable(parts),
    )
    // Whoever has come here by a link waits at the main part of the page.
    if (document.activeElement?.id === 'main') outlet.querySelector('h1')?.focus({ preventScroll: true })
    const soon = atMostEvery(400, parts.refresh, signal)
    feed.count.watch(count => (count > 0 ? soon() : undefined), signal)
    // Some of what changes a run is no event of it.
    repeat(async () => (isOver(details.value.status) ? undefined : load()), 5000, signal)
    feed.follow().then(parts.refresh, (thrown: unknown) => (signal.aborted ? undefined : notify(wordsFor(thrown))))
  }
}

/** Brings what is shown to the moment that people look at: now, as it goes on, or an entry of the journal. */
function showMoments(parts: RunParts, entries: JournalEntries): void {
  const { runId, signal, view, details, feed, moment, shown, state } = parts
  let asked = 0
  const showEvents = async (): Promise<void> => {
    const at = moment.value
    if (at === undefined) return shown.set({ all: feed.events, end: feed.events.length })
    const { events } = await entries.find(at)
    if (moment.value === at) shown.set({ all: feed.events, end: feed.before(events) })
  }
  const showState = async (): Promise<void> => {
    const turn = ++asked
    const at = moment.value
    const found = await ask<RunState>(runPath(runId, 'state'), { query: { at, view }, signal })
    if (turn === asked) state.set(found)
  }
  const failed = (thrown: unknown): void => {
    if (!signal.aborted) notify(wordsFor(thrown))
  }
  const stateNow = atMostEvery(
    800,
    () => void (moment.value === undefined && showState().catch(() => undefined)),
    signal,
  )
  const statePast = atMostEvery(80, () => void showState().catch(failed), signal)
  feed.count.watch(() => void showEvents().catch(failed), signal)
  details.watch(stateNow, signal)
  moment.watch(() => {
    void showEvents().catch(failed)
    statePast()
  }, signal)
}
