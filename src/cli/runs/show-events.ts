import type { Observable } from 'rxjs'
import { isTerminalEvent, type OrchestrationEvent } from '../../core/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode, exitCodeOfSignal } from '../exit-code.js'
import { printableLine } from '../terminal/printable.js'
import { padded, shortened } from '../terminal/text-width.js'
import { duration } from '../terminal/times.js'
import { eventWords, stateOf } from './event-words.js'
import { standInFor } from './stand-in.js'
import { withoutTags } from './stored-value.js'
import { wireEvent } from './wire-event.js'
import { withWorkbench } from './workbench.js'

/** `advancer runs events`. */
export async function showEvents(call: CommandCall): Promise<ExitCode> {
  const { args } = call
  const runId = args.positional(0)
  const from = args.wholeNumber('from', 0) ?? 0
  return withWorkbench(call, { mustExist: true }, async bench => {
    const { orchestration, createdAt } = await bench.host.record(runId)
    const write = (event: OrchestrationEvent): void => writeEvent(call, withoutTags(event), createdAt)
    if (args.has('follow')) {
      return follow(call, standInFor(orchestration).observe(runId, { from, store: bench.store }), write)
    }
    const history = await (await bench.journalOf(runId)).history(runId)
    for (const event of history.flatMap(({ events }) => events)) if (event.seq >= from) write(event)
    return ExitCode.Ok
  })
}

/** Until the run has ended, nobody reads any more, or a signal comes. */
function follow(
  { io }: CommandCall,
  events: Observable<OrchestrationEvent>,
  write: (event: OrchestrationEvent) => void,
): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const end = (code: ExitCode): void => {
      subscription.unsubscribe()
      offSignals()
      resolve(code)
    }
    const offSignals = io.onSignal(signal => end(exitCodeOfSignal(signal)))
    // What is told at once must find everything it may end with.
    const subscription = events.subscribe({
      next: event => {
        write(event)
        if (isTerminalEvent(event)) queueMicrotask(() => end(ExitCode.Ok))
      },
      error: (thrown: unknown) => {
        offSignals()
        reject(thrown as Error)
      },
      complete: () => queueMicrotask(() => end(ExitCode.Ok)),
    })
    io.unread.addEventListener('abort', () => end(ExitCode.Ok), { once: true })
  })
}

function writeEvent({ args, terminal }: CommandCall, event: OrchestrationEvent, begun: number): void {
  if (args.has('json')) {
    terminal.jsonLine(wireEvent(event))
    return
  }
  const { out } = terminal
  const { dim, bold } = out.styles
  const words = eventWords(event)
  const head = `${String(event.seq).padStart(4)}  ${padded(duration(event.at - begun), 11)}  ${padded(event.type, 22)}`
  const state = stateOf(event)
  const room = out.columns - head.length - 2
  const all = [state, words ?? ''].filter(Boolean).join(': ')
  // Where next to nothing would be left of it, the terminal breaks the line.
  const text = room < 20 ? all : shortened(all, room, out.symbols.ellipsis)
  const styled = state !== '' && text.startsWith(state) ? bold(state) + text.slice(state.length) : printableLine(text)
  out.line(`${dim(head)}  ${styled}`.trimEnd())
}
