import type { PostgresConnection, PostgresQuery, PostgresRow } from './postgres-driver.js'

/** Runs one statement and has its rows. */
export type RunStatement = (statement: PostgresQuery) => Promise<readonly PostgresRow[]>

/** Runs the statements of a transaction that `body` makes. */
export async function inTransaction<T>(run: RunStatement, body: () => Promise<T>): Promise<T> {
  await run({ text: 'begin isolation level read committed' })
  try {
    const result = await body()
    await run({ text: 'commit' })
    return result
  } catch (failure) {
    // If not even this works, the connection is gone, and the transaction with it.
    await run({ text: 'rollback' }).catch(() => {})
    throw failure
  }
}

/** Lends a connection out and gives it back, or ends it if it broke. */
export async function using<T>(connection: PostgresConnection, body: (run: RunStatement) => Promise<T>): Promise<T> {
  let broken = false
  const onError = () => {
    broken = true
  }
  connection.on('error', onError)
  try {
    return await body(async statement => {
      try {
        return await queryText(connection, statement)
      } catch (failure) {
        if (!isAboutStatement(failure)) broken = true
        throw failure
      }
    })
  } finally {
    connection.removeListener('error', onError)
    connection.release(broken)
  }
}

/** Asks for values as PostgreSQL prints them, whatever parsers the application has set for its own. */
export async function queryText(
  connection: PostgresConnection,
  statement: PostgresQuery,
): Promise<readonly PostgresRow[]> {
  const { rows } = await connection.query({ ...statement, types: asText })
  return rows
}

const asText = { getTypeParser: () => (value: string) => value }

function isAboutStatement(failure: unknown): boolean {
  return failure instanceof Error && 'severity' in failure && failure.severity === 'ERROR'
}
