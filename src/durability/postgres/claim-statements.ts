import { ownerLives } from './owner-session.js'
import type { PostgresQuery } from './postgres-driver.js'
import { toStored } from './stored-text.js'

/** The statements that say who drives a run and who watches it. */
export class ClaimStatements {
  readonly #runs: string

  constructor(schema: string) {
    this.#runs = `"${schema}".runs`
  }

  /**
   * Gives a row if the run is there: `claimed` says whether the owner has it from now on, `lives` whether the owner is still there
   * at all. One that has gone claims nothing, also if its process has not heard of the end of its connection yet.
   */
  claim(runId: string, owner: string): PostgresQuery {
    return {
      text: `
        with claimed as (
          update ${this.#runs} set owner = $2
          where run_id = $1 and ${ownerLives('$2::bigint')} and (owner is null or owner <> $2 and not ${ownerLives('owner')})
          returning run_id
        )
        select exists (select from claimed) as claimed, ${ownerLives('$2::bigint')} as lives
        from ${this.#runs} where run_id = $1`,
      values: [toStored(runId), owner],
    }
  }

  /** Gives a run back, if the owner has it. */
  release(runId: string, owner: string): PostgresQuery {
    return {
      text: `update ${this.#runs} set owner = null where run_id = $1 and owner = $2`,
      values: [toStored(runId), owner],
    }
  }

  /** Has all later changes of these runs notified. It waits for appends that are under way, and those after it know. */
  watch(runIds: readonly string[], watcher: string): PostgresQuery {
    return {
      text: `
        update ${this.#runs}
        set watched_by = case when watched_by is null or not ${ownerLives('watched_by')} then $2 else 0 end
        where run_id = any ($1) and (watched_by is null or watched_by not in (0, $2))`,
      values: [runIds.map(toStored), watcher],
    }
  }
}
