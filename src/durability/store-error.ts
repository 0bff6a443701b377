import { type ErrorCode, OrchestrationError } from '../errors/index.js'

/** A code that a store answers with. */
export type StoreErrorCode = Extract<
  ErrorCode,
  | 'RUN_EXISTS'
  | 'RUN_UNKNOWN'
  | 'RUN_CONFLICT'
  | 'DOCUMENT_CONFLICT'
  | 'STORE_FAILED'
  | 'STORE_CLOSED'
  | 'STORE_FORMAT_UNKNOWN'
>

/** What a store throws; `code` says which case of its contract it is. Only `STORE_FAILED` can be worth trying again. */
export class StoreError extends OrchestrationError {
  declare readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, { code, retryable: code === 'STORE_FAILED', details, cause })
  }
}

/** A run of this id is there already. */
export function runExists(runId: string): StoreError {
  return new StoreError(
    'RUN_EXISTS',
    `Run "${runId}" exists already. Take it up with resume(), or choose another id.`,
    {
      runId,
    },
  )
}

/** The store has no such run. */
export function runUnknown(runId: string): StoreError {
  return new StoreError(
    'RUN_UNKNOWN',
    `The store has no run "${runId}": it was never started here, or has been deleted.`,
    {
      runId,
    },
  )
}

/** The journal is not where the writer thought it was. */
export function runConflict(runId: string, expected: number, actual: number): StoreError {
  return new StoreError(
    'RUN_CONFLICT',
    `Run "${runId}" has been advanced by somebody else: its journal ends at ${actual}, and ${expected} was expected. ` +
      'Nothing was written. Whoever advanced it drives it now.',
    { runId, expected, actual },
  )
}

/** A document is not at the revision that the writer expected. */
export function documentConflict(collection: string, id: string): StoreError {
  return new StoreError(
    'DOCUMENT_CONFLICT',
    `Document "${id}" of "${collection}" has been changed by somebody else; nothing was written. Read it again.`,
    { collection, id },
  )
}

/** The store was used after it had been closed. */
export function storeClosed(): StoreError {
  return new StoreError('STORE_CLOSED', 'The store has been closed.')
}
