import { ensureError, OrchestrationError } from '../../errors/index.js'
import { StoreError } from '../store-error.js'

/** What is wrong and what to look at, by the codes of PostgreSQL and of the network; the longest that fits counts. */
const advice: Readonly<Record<string, string>> = {
  '08': 'The connection broke. Check that the server is up; the next call connects again.',
  '22021': 'The database has to be of encoding UTF8.',
  '25006': 'The server takes no writes. Check that it is the primary and not a standby.',
  '28': 'Check user and password of the connection string, and pg_hba.conf of the server.',
  '3D000': 'Create the database, or name another one in the connection string.',
  '3F000': 'The schema has gone since the store was opened. Open another store object, which sets it up again.',
  '42501':
    'The user lacks a right. It has to be able to create the schema of the store, or to use the one that is there.',
  '42P01': 'A table has gone since the store was opened. Open another store object on a schema that is whole.',
  '53100': 'The disk of the server is full. Nothing was written; make room and try again.',
  '53300': 'The server has no connection left. Lower `maxConnections`, or raise max_connections of the server.',
  '57P': 'The server is being stopped or restarted, or the connection was ended by hand. The next call connects again.',
  ECONNREFUSED: 'Check that the server is up, and host and port of the connection string.',
  ECONNRESET: 'Check that the server is up; the next call connects again.',
  ENOTFOUND: 'Check the host of the connection string.',
  EAI_AGAIN: 'Check the host of the connection string, and the name server.',
  ETIMEDOUT: 'Check host and port of the connection string, and the network.',
}

const lost = 'Check that the server is up, can be reached and has connections left; the next call connects again.'

/** The error of a call that PostgreSQL or the way to it failed. Errors of this package are left as they are. */
export function postgresFailed(what: string, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const cause = firstOf(ensureError(thrown))
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  // Such an error has the connection string in it, so it does not become the cause.
  if (code === 'ERR_INVALID_URL' || cause instanceof URIError) return connectionStringInvalid()
  const message = `The store failed to ${what}: ${cause.message}. ${adviceOn(code)}`
  return new StoreError('STORE_FAILED', message, code === undefined ? {} : { postgres: code }, cause)
}

/** The connection string is none. It is not shown: there is a password in it. */
function connectionStringInvalid(): OrchestrationError {
  return new OrchestrationError(
    'Option `connectionString` (or DATABASE_URL) must be like postgres://user:password@host:5432/database. ' +
      'In a password, write the characters / ? # and @ as %2F %3F %23 %40.',
    { code: 'OPTION_INVALID', details: { option: 'connectionString' } },
  )
}

/** A name that stands for several addresses fails with an error for each, and no message of its own. */
function firstOf(error: Error): Error {
  return error instanceof AggregateError && error.errors.length > 0 ? ensureError(error.errors[0]) : error
}

function adviceOn(code: string | undefined): string {
  if (code === undefined) return lost
  const known = [code, code.slice(0, 3), code.slice(0, 2)].find(prefix => Object.hasOwn(advice, prefix))
  return known === undefined ? 'The log of the server may say more.' : (advice[known] ?? lost)
}
