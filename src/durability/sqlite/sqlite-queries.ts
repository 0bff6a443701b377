import type { RequestQuery, RunQuery } from '../journal-records.js'
import { pageLimit, requestPlaceAt, runPlaceAt, statusesOf } from '../page-cursor.js'
import type { SqliteValue } from './sqlite-driver.js'
import { requestColumns, runColumns } from './sqlite-rows.js'

/** A statement together with the values for its placeholders. */
export interface PreparedQuery {
  readonly sql: string
  readonly values: readonly SqliteValue[]
  /** How many of the rows are the page; one more says that there are more. */
  readonly limit: number
}

/** How runs are looked for. @throws OPTION_INVALID */
export function runQuery(query: RunQuery): PreparedQuery {
  const { orchestration, state, openRequest, created, updated, tags = {}, cursor } = query
  const status = statusesOf(query)
  const found = new Criteria()
  found.add(orchestration, 'orchestration = ?')
  // Of one status the runs are in order in the index, which SQLite does not see if it stands in a list.
  if (status?.length === 1) found.require('status = ?', ...status)
  else if (status !== undefined) found.require(`status IN (${status.map(() => '?').join(', ')})`, ...status)
  found.add(state, 'EXISTS (SELECT 1 FROM json_each(runs.states) WHERE value = ?)')
  found.add(created?.from, 'created_at >= ?')
  found.add(created?.to, 'created_at < ?')
  found.add(updated?.from, 'updated_at >= ?')
  found.add(updated?.to, 'updated_at < ?')
  for (const [name, value] of Object.entries(tags)) {
    found.require('id IN (SELECT run FROM run_tags WHERE name = ? AND value = ?)', name, value)
  }
  const open = 'EXISTS (SELECT 1 FROM requests WHERE requests.run_id = runs.run_id AND answer IS NULL'
  if (typeof openRequest === 'string') found.require(`${open} AND kind = ?)`, openRequest)
  else if (openRequest !== undefined) found.require(`${openRequest ? '' : 'NOT '}${open})`)
  if (cursor !== undefined) found.require('(created_at, run_id) < (?, ?)', ...runPlaceAt(cursor))
  return found.select('runs', runColumns, 'created_at DESC, runs.run_id DESC', query.limit)
}

/** How open requests are looked for. @throws OPTION_INVALID */
export function requestQuery({ runId, orchestration, kind, stateName, limit, cursor }: RequestQuery): PreparedQuery {
  const found = new Criteria()
  found.require('answer IS NULL')
  found.add(runId, 'run_id = ?')
  found.add(orchestration, 'orchestration = ?')
  found.add(kind, 'kind = ?')
  found.add(stateName, 'state_name = ?')
  if (cursor !== undefined) found.require('(opened_at, run_id, request_id) > (?, ?, ?)', ...requestPlaceAt(cursor))
  return found.select('requests', requestColumns, 'opened_at, requests.run_id, requests.request_id', limit)
}

class Criteria {
  readonly #conditions: string[] = []
  readonly #values: SqliteValue[] = []

  /** Adds a condition on `value`, if there is one. */
  add(value: string | number | undefined, condition: string): void {
    if (value !== undefined) this.require(condition, value)
  }

  require(condition: string, ...values: readonly SqliteValue[]): void {
    this.#conditions.push(condition)
    this.#values.push(...values)
  }

  select(table: 'runs' | 'requests', columns: string, order: string, wanted: number | undefined): PreparedQuery {
    const limit = pageLimit(wanted)
    const where = this.#conditions.length === 0 ? '' : ` WHERE ${this.#conditions.join(' AND ')}`
    const sql = `SELECT ${columns} FROM ${table}${where} ORDER BY ${order} LIMIT ?`
    return { sql, values: [...this.#values, limit + 1], limit }
  }
}
