import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { ensureError, OrchestrationError } from '../../errors/index.js'
import { StoreError } from '../store-error.js'

// https://sqlite.org/rescode.html, without what extended codes add in the upper bits.
const busy = 5
const locked = 6
const readOnly = 8
const ioError = 10
const corrupt = 11
const full = 13
const cannotOpen = 14
const notADatabase = 26

const waysOut: Readonly<Record<number, string>> = {
  [busy]: 'Another process has kept it locked for longer than `busyTimeout`. Nothing was written; try again.',
  [locked]: 'Another connection has kept it locked for longer than `busyTimeout`. Nothing was written; try again.',
  [readOnly]: 'This process needs the right to write to the file and to its directory.',
  [ioError]: 'The disk is full or has a problem, or this is no regular file; see the system log.',
  [corrupt]:
    'The file is damaged or cut off. It was left as it is: bring back a copy, or save what is left with `sqlite3 <file> .recover`.',
  [full]: 'There is no room left. Nothing was written; make room and go on.',
  [cannotOpen]:
    'It must be a file, not a directory, and this process needs the right to write to it and to its directory.',
  [notADatabase]:
    'The file is no SQLite database, or is damaged. It was left as it is: give another path, or bring back a copy.',
}

/** What SQLite answered, of the error of either library; `undefined` if it was not SQLite who failed. */
function resultCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined
  const { errcode, rawCode } = thrown as { readonly errcode?: unknown; readonly rawCode?: unknown }
  const code = errcode ?? rawCode
  return typeof code === 'number' ? code & 0xff : undefined
}

/** Whether somebody else has the lock, so that waiting helps. */
export function isLocked(thrown: unknown): boolean {
  const code = resultCode(thrown)
  return code === busy || code === locked
}

/** Whether a connection is of no use any more after an error, so that another one is to be opened. */
export function endsConnection(thrown: unknown): boolean {
  const code = resultCode(thrown)
  return code !== undefined && [readOnly, ioError, corrupt, cannotOpen, notADatabase].includes(code)
}

/** What a store throws when SQLite fails: what it was about to do, why it failed, and the way out. Other errors stay as they are. */
export function sqliteFailure(what: string, path: string, thrown: unknown): OrchestrationError {
  if (OrchestrationError.isInstance(thrown)) return thrown
  const cause = ensureError(thrown)
  const code = resultCode(thrown)
  // Making the directory fails for the reasons for which opening the file does.
  const reason = code ?? ('syscall' in cause ? cannotOpen : -1)
  const exhausted = reason === cannotOpen ? exhaustedFiles(cause) : undefined
  const wayOut = exhausted === undefined ? waysOut[reason] : noFilesLeft(exhausted)
  const message = `The store could not ${what} ${path}: ${cause.message}.${wayOut === undefined ? '' : ` ${wayOut}`}`
  const details = {
    path,
    ...(code === undefined ? {} : { resultCode: code }),
    ...(exhausted === undefined ? {} : { systemCode: exhausted }),
  }
  return new StoreError('STORE_FAILED', message, details, cause)
}

// A database, its log and the index of that, a journal, and the directory of these.
const filesOfSqlite = 5

/**
 * The code of the system if no more files can be opened, which SQLite does not tell from other reasons why one cannot. It has closed
 * again by now what it had opened before it failed.
 */
function exhaustedFiles(cause: Error): string | undefined {
  const isExhausted = (error: unknown) => ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')
  if (isExhausted(cause)) return (cause as NodeJS.ErrnoException).code
  const opened: number[] = []
  try {
    while (opened.length < filesOfSqlite) opened.push(openSync(devNull, 'r'))
    return undefined
  } catch (error) {
    return isExhausted(error) ? (error as NodeJS.ErrnoException).code : undefined
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}

function noFilesLeft(code: string): string {
  const whose = code === 'EMFILE' ? 'This process' : 'The system'
  return (
    `${whose} has as many files open as it may (${code}). Nothing was written; close what is not needed any more, such as stores ` +
    'and connections, or raise the limit (`ulimit -n`).'
  )
}
