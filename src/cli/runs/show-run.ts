import type { OrchestrationEvent } from '../../core/index.js'
import type { RunRecord, RunView } from '../../durability/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { errorForm, jsonText, plainValue } from '../terminal/plain-value.js'
import { printable, printableLine } from '../terminal/printable.js'
import { duration, isoTime } from '../terminal/times.js'
import { short } from './event-words.js'
import { openRequestsOf, type ShownRequest } from './open-requests.js'
import { wireRequest } from './report-end.js'
import { RunBoard, statesShown } from './run-board.js'
import { statusStyle, wireRun } from './run-words.js'
import { withoutTags } from './stored-value.js'
import { totalsLine } from './totals-line.js'
import { withWorkbench } from './workbench.js'

/** Everything that is known of a run. */
interface Shown {
  readonly record: RunRecord
  readonly view: RunView
  readonly events: readonly OrchestrationEvent[]
  readonly requests: readonly ShownRequest[]
  readonly isPast: boolean
}

/** `advancer runs show`. */
export async function showRun(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  const runId = args.positional(0)
  const at = entryOf(args.value('at'))
  return withWorkbench(call, { mustExist: true }, async bench => {
    const record = await bench.host.record(runId)
    const journal = await bench.journalOf(runId)
    const view = withoutTags(await journal.stateAt(runId, at))
    const entries = (await journal.history(runId)).filter(({ seq }) => seq <= view.seq)
    const events = entries.flatMap(entry => withoutTags(entry.events))
    const isPast = at !== undefined
    const requests = isPast ? [] : await openRequestsOf(runId, journal, events)
    const shown = { record, view, events, requests, isPast }
    if (args.has('json')) terminal.json(wire(shown))
    else write(call, shown)
    return ExitCode.Ok
  })
}

/** An entry by its number, or a checkpoint by its name. */
export function entryOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text
}

function inputOf(events: readonly OrchestrationEvent[]): unknown {
  const [first] = events
  return first?.type === 'orchestration.started' ? first.input : undefined
}

function wire({ record, view, events, requests, isPast }: Shown): unknown {
  const { status, seq, steps, branches, outputs, properties, errors, usage } = view
  return {
    ...wireRun(record),
    ...(isPast ? { status, seq } : {}),
    steps,
    input: inputOf(events) ?? null,
    ...('output' in view ? { output: view.output ?? null } : {}),
    errors: errors.map(errorForm),
    branches: branches.map(({ token, stateName, phase, input }) => ({ token, state_name: stateName, phase, input })),
    outputs,
    properties,
    usage: usage.map(plainValue),
    requests: requests.map(wireRequest),
  }
}

function write({ terminal }: CommandCall, shown: Shown): void {
  const { record, view, events, requests, isPast } = shown
  const { out } = terminal
  const { bold, dim, yellow, red } = out.styles
  const field = (name: string, text: string): void => out.line(`${dim(name.padEnd(9))} ${text}`)
  const status = isPast && view.status !== 'pending' ? view.status : requests.length > 0 ? 'waiting' : record.status
  const asOf = isPast ? dim(` after entry ${view.seq} of ${record.seq}`) : ''
  out.line(`${bold(printableLine(record.orchestration))} ${record.runId}`)
  field('status', statusStyle(status, out.styles)(status) + asOf)
  field('started', isoTime(record.createdAt))
  field('changed', isoTime(record.updatedAt))
  if (record.parent !== undefined) field('fork of', `${record.parent.runId}, entry ${record.parent.seq}`)
  const board = new RunBoard(statesShown(record.orchestration))
  for (const event of events) board.add(event)
  field('journal', `${record.seq} entries, ${events.length} events`)
  field('so far', totalsLine(board, (events.at(-1)?.at ?? record.updatedAt) - record.createdAt))
  field('input', short(plainValue(inputOf(events))))
  for (const { stateName, phase, token, input } of view.branches) {
    out.line(
      `${out.symbols.working} ${bold(printableLine(stateName))} ${phase} ${dim(`${token}, with ${short(plainValue(input), 60)}`)}`,
    )
  }
  for (const { id, kind, stateName, message, until } of requests) {
    const what = kind === 'approval' ? printableLine(message) : 'waits for a message'
    const left = until === undefined ? '' : `, for ${duration(until - Date.now())} more`
    out.line(`${yellow(out.symbols.waiting)} ${bold(printableLine(stateName))}: ${what} ${dim(`${id}${left}`)}`)
  }
  for (const error of view.errors) out.line(`${red(out.symbols.failed)} ${printable(error.message)}`)
  if (view.status !== 'completed') return
  out.line(dim('output'))
  out.line(jsonText(view.output, 2))
}
