import { ensureError, OrchestrationError } from '../../errors/index.js'
import { printable } from './printable.js'
import type { Terminal } from './terminal.js'

/** Shows what went wrong: what, where, and the way out; where it comes from only if that is asked for. */
export function reportError(terminal: Terminal, thrown: unknown, debug: boolean): void {
  const { err } = terminal
  const error = ensureError(thrown)
  const code =
    OrchestrationError.isInstance(error) && error.code !== 'OPTION_INVALID'
      ? ` ${err.styles.dim(`[${error.code}]`)}`
      : ''
  err.line(`${err.styles.red('error:')} ${printable(error.message)}${code}`)
  const { cause } = error
  if (!debug && cause !== undefined && !error.message.includes(ensureError(cause).message)) {
    err.line(`  because: ${printable(ensureError(cause).message)}`)
  }
  if (debug) err.line(err.styles.dim(printable(stackOf(error))))
}

function stackOf(error: Error): string {
  const own = error.stack ?? ''
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(ensureError(error.cause))}`
}
