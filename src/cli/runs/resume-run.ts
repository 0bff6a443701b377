import { OrchestrationError } from '../../errors/index.js'
import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-code.js'
import { UsageError } from '../usage-error.js'
import { driveRun } from './drive-run.js'
import { type Workbench, withWorkbench } from './workbench.js'

/** `advancer runs resume`. */
export async function resumeRun(call: CommandCall): Promise<ExitCode> {
  return withWorkbench(call, { mustExist: true }, bench => goOnWith(call, bench, call.args.positional(0)))
}

/** Takes a run up and drives it. @throws UsageError that says how the definition is given if it is not found */
export async function goOnWith(call: CommandCall, bench: Workbench, runId: string): Promise<ExitCode> {
  await bench.keepWorkflows()
  const orchestration = await definitionOf(call, bench, runId)
  return driveRun(call, { bench, orchestration, runId, begin: () => bench.host.resume(runId) })
}

/** The definition of a run: that of `--definition`, else where it was found before. @throws UsageError */
export async function definitionOf(
  { args }: CommandCall,
  bench: Workbench,
  runId: string,
): Promise<Awaited<ReturnType<Workbench['host']['definitionOf']>>> {
  const file = args.value('definition')
  if (file !== undefined) await bench.useDefinition(file)
  try {
    return await bench.host.definitionOf(runId)
  } catch (thrown) {
    if (!OrchestrationError.isInstance(thrown) || thrown.code !== 'ORCHESTRATION_UNKNOWN') throw thrown
    const { orchestration } = await bench.host.record(runId)
    const how = file === undefined ? 'Say where it is with --definition <file>' : `${file} has another one`
    throw new UsageError(
      `The definition of "${orchestration}", which run ${runId} needs to go on, is not at hand. ${how}; agents of JSON definitions ` +
        'are given with --agents.',
      thrown,
    )
  }
}
