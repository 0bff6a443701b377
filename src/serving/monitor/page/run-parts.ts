import type { RunFeed, ShownEvents } from './run-feed.js'
import type { RunView } from './run-words.js'
import type { Store } from './store.js'
import type { RunDetails, RunState } from './wire.js'

/** What the parts of a run's page share. */
export interface RunParts {
  readonly runId: string
  readonly signal: AbortSignal
  readonly view: RunView
  readonly details: Store<RunDetails>
  readonly feed: RunFeed
  /** The entry of the journal that people look at; `undefined` is now. */
  readonly moment: Store<number | undefined>
  /** The events up to then. */
  readonly shown: Store<ShownEvents>
  /** The run as it was then, once that is known. */
  readonly state: Store<RunState | undefined>
  /** The state whose events are shown; `undefined` for all. */
  readonly chosenState: Store<string | undefined>
  /** Asks the server anew. */
  readonly refresh: () => void
}
