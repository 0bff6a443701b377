import { Console } from 'node:console'
import { ensureError } from '../errors/index.js'
import { ExitCode } from './exit-code.js'
import type { Io } from './io.js'
import { OutputError } from './output-error.js'
import { reportError } from './terminal/report-error.js'
import { Terminal } from './terminal/terminal.js'

/**
 * Keeps what modules of the user do to the process from breaking what the command promises: what they log goes to stderr, what they
 * leave uncaught is told as an error, and if they end the process it does not look as if the command were done.
 * @returns what ends the process for the command itself
 */
export function guardProcess(io: Io, isDebug: boolean): (code: number) => void {
  const terminal = new Terminal(io)
  let isEnded = false
  const end = (code: number): void => {
    isEnded = true
    process.exit(code)
  }
  hideWarnings()
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr })
  process.on('uncaughtException', thrown => {
    if (!isEnded) reportError(terminal, thrown instanceof OutputError ? thrown : uncaught(thrown), isDebug)
    end(ExitCode.Failed)
  })
  process.once('exit', () => {
    if (isEnded) return
    process.exitCode = ExitCode.Failed
    reportError(
      terminal,
      new Error(`A module has ended the process (process.exit) before the command was done. ${left}`),
      false,
    )
  })
  return end
}

/** Node 22 says of its SQLite, whenever it is used, that it is experimental; nobody who types a command can do anything about it. */
function hideWarnings(): void {
  const { emitWarning } = process
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!ensureError(warning).message.startsWith('SQLite is an experimental'))
      emitWarning.call(process, warning, ...rest)
  }) as typeof emitWarning
}

const left = 'A run that was kept can be resumed; see advancer runs list.'

function uncaught(thrown: unknown): Error {
  const { message } = ensureError(thrown)
  return new Error(`What a module left uncaught has ended the process: ${message}. ${left}`, { cause: thrown })
}
