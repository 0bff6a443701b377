import type { OpenRequest } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import { alwaysQuoted, quoted } from '../arguments/quoted.js'
import type { CommandCall } from '../command.js'
import { ExitCode, exitCodeOfSignal } from '../exit-code.js'
import type { SignalName } from '../io.js'
import { errorForm } from '../terminal/plain-value.js'
import { printable, printableLine } from '../terminal/printable.js'
import { reportError } from '../terminal/report-error.js'
import { isoTime } from '../terminal/times.js'
import { writeValue } from '../terminal/write-value.js'
import type { Drive } from './drive-run.js'

/** What has come of a run that was driven. */
export type RunEnd =
  | { readonly status: 'completed'; readonly output: unknown }
  | { readonly status: 'failed' | 'cancelled'; readonly error: unknown }
  | { readonly status: 'waiting'; readonly requests: readonly OpenRequest[] }
  | { readonly status: 'interrupted'; readonly signal: SignalName }

/** Tells what has come of a run, the result on stdout; returns what the command ends with. */
export function reportEnd(call: CommandCall, drive: Drive, end: RunEnd): ExitCode {
  if (call.args.has('json')) call.terminal.jsonLine(resultLine(drive, end))
  else reportToPeople(call, drive, end)
  switch (end.status) {
    case 'completed':
      return ExitCode.Ok
    case 'waiting':
      return ExitCode.Waiting
    case 'interrupted':
      return exitCodeOfSignal(end.signal)
    default:
      return ExitCode.Failed
  }
}

function resultLine({ runId, bench }: Drive, end: RunEnd): unknown {
  const result = { type: 'result', run_id: runId }
  const asideStatus = bench.kept.isDurable ? 'paused' : 'cancelled'
  switch (end.status) {
    case 'completed':
      return { ...result, status: 'completed', output: end.output ?? null }
    case 'waiting':
      return { ...result, status: asideStatus, requests: end.requests.map(wireRequest) }
    case 'interrupted':
      return { ...result, status: asideStatus, signal: end.signal }
    default:
      return { ...result, status: end.status, error: errorForm(end.error) }
  }
}

function reportToPeople({ args, terminal }: CommandCall, { runId, bench }: Drive, end: RunEnd): void {
  const { err } = terminal
  const { kept } = bench
  // Whoever starts a run may choose its id, and the line is made to be pasted into a shell.
  const shown = quoted(runId)
  const command = (what: string): string => `  ${err.styles.cyan(`advancer runs ${what}${kept.option}`)}`
  switch (end.status) {
    case 'completed':
      writeValue(terminal.out, end.output)
      return
    case 'waiting':
      for (const { stateName, message } of end.requests) {
        const asked = message === '' ? 'waits for a message' : printable(message)
        err.line(`${err.styles.yellow(err.symbols.waiting)} ${err.styles.bold(printableLine(stateName))}: ${asked}`)
      }
      if (!kept.isDurable) {
        err.line('Nobody is here to answer, and the run is kept nowhere, so it was cancelled.')
        err.line('Keep it with --store sqlite:.advancer, or answer at the terminal.')
        return
      }
      err.line(`Run ${runId} is paused, because it waits for an answer. Answer it, then go on:`)
      for (const { id, kind } of end.requests) {
        const request = end.requests.length === 1 ? '' : ` ${alwaysQuoted(id)}`
        err.line(
          kind === 'approval'
            ? command(`approve ${shown}${request}`)
            : command(`signal ${shown}${request} --payload ${alwaysQuoted('<json>')}`),
        )
      }
      err.line(command(`resume ${shown}`))
      return
    case 'interrupted':
      if (!kept.isDurable) err.line('The run was cancelled; it was kept nowhere.')
      else {
        err.line(`Run ${runId} is paused. Go on with it:`)
        err.line(command(`resume ${shown}`))
      }
      return
    default:
      reportError(terminal, ensureError(end.error), args.has('debug'))
      if (kept.isDurable) {
        err.line('What happened:')
        err.line(command(`events ${shown}`))
      }
  }
}

/** An open request as `--json` writes it. */
export function wireRequest(
  request: Pick<OpenRequest, 'id' | 'kind' | 'stateName' | 'message' | 'input' | 'until'>,
): unknown {
  const { id, kind, stateName, message, input, until } = request
  return {
    request_id: id,
    kind,
    state_name: stateName,
    message,
    subject: input ?? null,
    ...(until === undefined ? {} : { until: isoTime(until) }),
  }
}
