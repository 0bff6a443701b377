import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { UsageError } from '../usage-error.js'
import { definitionOf } from './resume-run.js'
import { withWorkbench } from './workbench.js'

/** `advancer runs cancel`. */
export async function cancelRun(call: CommandCall): Promise<ExitCode> {
  const { args, terminal } = call
  const runId = args.positional(0)
  return withWorkbench(call, { mustExist: true }, async bench => {
    const { status } = await bench.host.record(runId)
    if (status !== 'running' && status !== 'paused') {
      throw new UsageError(`Run ${runId} is ${status} already, so there is nothing to cancel.`)
    }
    await definitionOf(call, bench, runId)
    const hasEnded = await bench.host.cancel(runId, args.value('reason'))
    const record = await bench.host.record(runId)
    if (args.has('json')) terminal.json({ run_id: runId, status: record.status })
    else if (hasEnded) terminal.out.line(`Run ${runId} is ${record.status}.`)
    else terminal.out.line(`Run ${runId} is to be cancelled by the process that drives it, which has not done so yet.`)
    return ExitCode.Ok
  })
}
