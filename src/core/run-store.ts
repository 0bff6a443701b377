import type { Observable } from 'rxjs'
import { OptionError } from '../errors/index.js'
import type { Clock } from './clock.js'
import type { OrchestrationEvent } from './events.js'
import type { OrchestrationGraph } from './graph.js'
import type { Logger } from './logger.js'
import type { Migration } from './migration.js'
import type { RunLedger } from './run-ledger.js'

/**
 * When a durable run waits for its journal.
 *
 * - `sync`: before anything follows from a turn. A crash loses nothing that was committed.
 * - `async`: never; entries are written in order, in the background. A crash, or a store that fails, can lose the last turns:
 *   states that had completed run again.
 * - `exit`: entries are written when the run ends, is paused, or waits for a person, a message or a moment with nothing else to do.
 *   A crash loses everything since then.
 */
export type Durability = 'sync' | 'async' | 'exit'

/** How the journal of a run is kept. */
export interface DurabilityOptions {
  /** @default 'sync' */
  readonly durability?: Durability
  /**
   * After how many entries of its journal the run is written down as a whole, at the soonest; it takes until as much has been
   * written as the last time took, so that large runs are not written down often. Bounds how long taking the run up takes.
   * @default 500
   */
  readonly snapshotEvery?: number
  /** Labels to find the run by. @default none */
  readonly tags?: Readonly<Record<string, string>>
}

/** What a store has to know of an orchestration. */
export interface DurableDefinition {
  readonly name: string
  readonly graph: OrchestrationGraph
  readonly version: number
  readonly migrations: Readonly<Record<number, Migration>>
  readonly clock: Clock
  readonly logger: Logger
}

/** How a run is taken up. */
export interface TakeUpOptions extends DurabilityOptions {
  /**
   * Takes the run up under a definition that has changed, as long as every state that it is at still exists.
   * @default false
   */
  readonly allowModified?: boolean
}

/**
 * Where runs are kept so that they outlive their process. `JournalStore` of `advancer/durability` is it, and everything that
 * extends it; the methods are for the engine.
 */
export interface RunStore {
  /** The ledger of a new run. */
  begin(definition: DurableDefinition, runId: string, options: DurabilityOptions): RunLedger
  /** The ledger of a run that is there already, taken for the caller. */
  takeUp(definition: DurableDefinition, runId: string, options: TakeUpOptions): Promise<RunLedger>
  /** The runs of an orchestration that are under way and that nobody drives. */
  abandoned(definition: DurableDefinition): Promise<readonly string[]>
  /** The events of a run, whoever drives it. */
  observe(definition: DurableDefinition, runId: string, from: number): Observable<OrchestrationEvent>
}

/** A store as somebody has given it. @throws OPTION_INVALID for what is none, `null` included */
export function checkStore<T extends RunStore>(store: T): T {
  const given = (store ?? {}) as Readonly<Record<string, unknown>>
  if (['begin', 'takeUp', 'abandoned', 'observe'].every(method => typeof given[method] === 'function')) return store
  const stores = '`new SqliteJournalStore(path)`, `new PostgresJournalStore()` or `new MemoryJournalStore()`'
  throw new OptionError('store', `a store of advancer/durability, such as ${stores}`, store)
}
