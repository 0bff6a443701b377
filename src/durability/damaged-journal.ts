import { ensureError, OrchestrationError } from '../errors/index.js'

/** Something in a journal cannot be read, or does not fit what comes before it. */
export function damagedJournal(runId: string, where: string, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown) && thrown.code !== 'PAYLOAD_NOT_SERIALIZABLE') return thrown
  const cause = ensureError(thrown)
  return new OrchestrationError(
    `The journal of run "${runId}" cannot be read: ${where}: ${cause.message} Nothing was executed and nothing was changed. ` +
      'Read it with the version and the definition it was written with, restore it from a backup, or delete the run.' +
      adviceOnClasses(thrown),
    { code: 'JOURNAL_DAMAGED', details: { runId, where }, cause },
  )
}

/** The way out if it is the class of a value that is not at hand; empty otherwise. */
export function adviceOnClasses(thrown: unknown): string {
  if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'PAYLOAD_NOT_SERIALIZABLE') return ''
  return (
    ' If a class has another name now, name a class of the old name in the option `classes`, or raise `version` and give a ' +
    'migration that calls renameClass().'
  )
}
