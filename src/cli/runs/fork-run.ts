import type { ForkOptions } from '../../durability/index.js'
import { jsonArgument } from '../arguments/json-argument.js'
import { quoted } from '../arguments/quoted.js'
import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { definitionOf, goOnWith } from './resume-run.js'
import { entryOf } from './show-run.js'
import { type Workbench, withWorkbench } from './workbench.js'

/** `advancer runs fork`. */
export async function forkRun(call: CommandCall): Promise<ExitCode> {
  const { args, io, terminal } = call
  const runId = args.positional(0)
  const edits = args.value('edits')
  const at = entryOf(args.value('at'))
  const forkId = args.value('run-id')
  const options = {
    ...(at === undefined ? {} : { at }),
    ...(forkId === undefined ? {} : { runId: forkId }),
    ...(edits === undefined ? {} : { edits: await jsonArgument('edits', edits, io) }),
  } as ForkOptions
  return withWorkbench(call, { mustExist: true }, async bench => {
    await bench.host.record(runId)
    const fork = await (await journalFor(call, bench, runId)).fork(runId, options)
    if (args.has('resume')) return goOnWith(call, bench, fork)
    if (args.has('json')) terminal.json({ run_id: fork, parent: { run_id: runId } })
    else {
      terminal.out.line(fork)
      terminal.note(`Go on with it: advancer runs resume ${quoted(fork)}${bench.kept.option}`)
    }
    return ExitCode.Ok
  })
}

/** Edits are checked against the definition where it is at hand. */
async function journalFor(
  call: CommandCall,
  bench: Workbench,
  runId: string,
): Promise<Awaited<ReturnType<Workbench['journalOf']>>> {
  if (!call.args.has('definition') && !call.args.has('edits')) return bench.journalOf(runId)
  try {
    await definitionOf(call, bench, runId)
    return await bench.host.journalOf(runId)
  } catch (thrown) {
    if (call.args.has('definition')) throw thrown
    return bench.journalOf(runId)
  }
}
