import type { RequestQuery, RunQuery } from '../journal-records.js'
import { pageLimit, requestPlaceAt, runPlaceAt, statusesOf } from '../page-cursor.js'
import type { PostgresQuery } from './postgres-driver.js'
import { runColumns, toTags } from './run-rows.js'
import { StatementValues } from './statement-values.js'

/** The runs that match, the youngest first, and one more than the page has. */
export function listRuns(schema: string, query: RunQuery): PostgresQuery {
  const values = new StatementValues()
  const conditions = runConditions(schema, query, values)
  if (query.cursor !== undefined) {
    const [at, runId] = runPlaceAt(query.cursor)
    conditions.push(`(created_at, run_id) < (${values.add(at)}::float8, ${values.text(runId)})`)
  }
  return {
    text: `
      select ${runColumns} from "${schema}".runs
      ${where(conditions)} order by created_at desc, run_id desc
      limit ${values.add(pageLimit(query.limit) + 1)}`,
    values: values.all,
  }
}

function runConditions(schema: string, query: RunQuery, values: StatementValues): string[] {
  const { orchestration, state, openRequest, created = {}, updated = {}, tags } = query
  const status = statusesOf(query)
  const conditions: string[] = []
  if (orchestration !== undefined) conditions.push(`orchestration = ${values.text(orchestration)}`)
  if (status !== undefined) conditions.push(`status = any (${values.texts(status)})`)
  if (state !== undefined) conditions.push(`${values.text(state)} = any (states)`)
  if (openRequest !== undefined) {
    const kind = typeof openRequest === 'boolean' ? '' : `and kind = ${values.add(openRequest)}`
    conditions.push(`${openRequest === false ? 'not ' : ''}exists (
      select from "${schema}".requests where requests.run_id = runs.run_id and answer is null ${kind}
    )`)
  }
  for (const [column, { from, to }] of [['created_at', created] as const, ['updated_at', updated] as const]) {
    if (from !== undefined) conditions.push(`${column} >= ${values.add(from)}`)
    if (to !== undefined) conditions.push(`${column} < ${values.add(to)}`)
  }
  if (tags !== undefined) conditions.push(`tags @> ${values.add(toTags(tags))}`)
  return conditions
}

/** The open requests that match, the oldest first, and one more than the page has. */
export function listRequests(schema: string, query: RequestQuery): PostgresQuery {
  const values = new StatementValues()
  const conditions = ['answer is null']
  const columns = { runId: 'run_id', orchestration: 'orchestration', kind: 'kind', stateName: 'state_name' } as const
  for (const [criterion, column] of Object.entries(columns)) {
    const wanted = query[criterion as keyof typeof columns]
    if (wanted !== undefined) conditions.push(`${column} = ${values.text(wanted)}`)
  }
  if (query.cursor !== undefined) {
    const [at, runId, requestId] = requestPlaceAt(query.cursor)
    conditions.push(
      `(opened_at, run_id, request_id) > (${values.add(at)}::float8, ${values.text(runId)}, ${values.text(requestId)})`,
    )
  }
  return {
    text: `
      select run_id, orchestration, request_id, kind, state_name, message, wait_until, opened_at, input
      from "${schema}".requests
      ${where(conditions)} order by opened_at, run_id, request_id
      limit ${values.add(pageLimit(query.limit) + 1)}`,
    values: values.all,
  }
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`
}
