import type { StoredAnswer } from '../journal-records.js'
import type { PostgresQuery } from './postgres-driver.js'
import { toStored } from './stored-text.js'

/** The statements about requests and their answers. */
export class RequestStatements {
  readonly #schema: string
  readonly #requests: string

  constructor(schema: string) {
    this.#schema = schema
    this.#requests = `"${schema}".requests`
  }

  /** Gives a row if this is the answer that counts. */
  answer(runId: string, { requestId, data, at }: StoredAnswer): PostgresQuery {
    return {
      text: `
        with answered as (
          update ${this.#requests} set answer = $3, answered_at = $4
          where run_id = $1 and request_id = $2 and answer is null
          returning run_id
        )
        select pg_notify('${this.#schema}', 'changed:' || run_id) from answered`,
      values: [toStored(runId), toStored(requestId), toStored(data), at],
    }
  }

  /** Gives a row if the request is open, answered or not. */
  isOpen(runId: string, requestId: string): PostgresQuery {
    return {
      text: `select from ${this.#requests} where run_id = $1 and request_id = $2`,
      values: [toStored(runId), toStored(requestId)],
    }
  }

  /** The answers that a run has, the oldest first. */
  answers(runId: string): PostgresQuery {
    return {
      text: `
        select request_id, answer, answered_at from ${this.#requests}
        where run_id = $1 and answer is not null order by answered_at, request_id`,
      values: [toStored(runId)],
    }
  }
}
