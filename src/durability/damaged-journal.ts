import { ensureError, OrchestrationError } from '../errors/index.js'

/** Something in a journal cannot be read, or does not fit what comes before it. */
export function damagedJournal(runId: string, where: string, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown) && thrown.code !== 'PAYLOAD_NOT_SERIALIZABLE') return thrown
  const cause = ensureError(thrown)
  return new OrchestrationError(
    `The journal of run "${runId}" cannot be read: ${where}: ${cause.message} Nothing was executed and nothing was changed. ` +
      'Read it with the version and the definition it was written with, restore it from a backup, or delete the run.',
    { code: 'JOURNAL_DAMAGED', details: { runId, where }, cause },
  )
}
