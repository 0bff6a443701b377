import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { jsonText } from '../terminal/plain-value.js'
import { printable } from '../terminal/printable.js'
import { withWorkbench } from './workbench.js'

/** `advancer runs diff`: ends with 1 if they differ, as `diff` does. */
export async function diffRuns(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  const [a = '', b = ''] = args.positionals
  return withWorkbench(call, { mustExist: true }, async bench => {
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
  })
}
