import type { RequestPage, RequestQuery, RunPage, RunQuery } from '../journal-records.js'
import { pageOf, placeOfRequest, placeOfRun } from '../page-cursor.js'
import type { SqliteConnection } from './sqlite-connection.js'
import { requestQuery, runQuery } from './sqlite-queries.js'
import { requestOf, runOf } from './sqlite-rows.js'

/** The runs that match. @throws OPTION_INVALID */
export function listRuns(query: RunQuery): (connection: SqliteConnection) => RunPage {
  const { sql, values, limit } = runQuery(query)
  return connection => {
    const { page, ...next } = pageOf(connection.all(sql, ...values).map(runOf), limit, placeOfRun)
    return { runs: page, ...next }
  }
}

/** The open requests that match. @throws OPTION_INVALID */
export function listRequests(query: RequestQuery): (connection: SqliteConnection) => RequestPage {
  const { sql, values, limit } = requestQuery(query)
  return connection => {
    const { page, ...next } = pageOf(connection.all(sql, ...values).map(requestOf), limit, placeOfRequest)
    return { requests: page, ...next }
  }
}
