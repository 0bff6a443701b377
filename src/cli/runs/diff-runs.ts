import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { jsonText } from '../terminal/plain-value.js'
import { printable } from '../terminal/printable.js'
import { reportError } from '../terminal/report-error.js'
import { type Workbench, withWorkbench } from './workbench.js'

/** `advancer runs diff`: ends as `diff` does, with 0 if they agree, with 1 if they differ, and with 2 for whatever else. */
export async function diffRuns(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  try {
    return await withWorkbench(call, { mustExist: true }, bench => compare(call, bench))
  } catch (thrown) {
    // Elsewhere some of it ends with 1, which is here an answer.
    reportError(terminal, thrown, args.has('debug'))
    return ExitCode.Usage
  }
}

async function compare({ args, terminal }: CommandCall, bench: Workbench): Promise<ExitCode> {
  const [a = '', b = ''] = args.positionals
  const difference = await (await bench.journalOf(a)).diff(a, b)
  if (args.has('json')) terminal.json({ a, b, difference: difference ?? null })
  else if (difference === undefined) terminal.out.line('They agree as far as both have come.')
  else {
    const { out } = terminal
    out.line(
      `${out.styles.bold(difference.kind)} at ${difference.token}${difference.path === '' ? '' : `, ${difference.path}`}`,
    )
    out.line(printable(difference.message))
    out.line(out.styles.red(`- ${jsonText(difference.a)}`))
    out.line(out.styles.green(`+ ${jsonText(difference.b)}`))
  }
  return difference === undefined ? ExitCode.Ok : ExitCode.Failed
}
