import type { HostedOrchestration, HostedRunOptions } from '../../durability/index.js'
import { PayloadError } from '../../schema/index.js'
import { jsonArgument } from '../arguments/json-argument.js'
import type { CommandCall } from '../command.js'
import type { ExitCode } from '../exit-code.js'
import { compileDefinition } from '../loading/compile-definition.js'
import type { Definition, JsonKind } from '../loading/definition.js'
import { keepWorkflow } from '../loading/keep-workflow.js'
import { loadDefinition } from '../loading/load-definition.js'
import { sourceTags } from '../loading/run-source.js'
import { workflowId } from '../loading/workflow-files.js'
import { UsageError } from '../usage-error.js'
import { driveRun } from './drive-run.js'
import { type Workbench, withWorkbench } from './workbench.js'

/** What is started, with what. */
interface Start {
  readonly orchestration: HostedOrchestration
  readonly input: unknown
  readonly options: HostedRunOptions
}

/** `advancer run`. */
export async function runDefinition(call: CommandCall): Promise<ExitCode> {
  const { args, io, terminal } = call
  const { err } = terminal
  const exportName = args.value('export')
  const input = await inputOf(call)
  const kind = args.value('kind') as JsonKind | undefined
  const definition = await loadDefinition(args.positional(0), { cwd: io.cwd, exportName, kind })
  const onMemory = (why: string): void => {
    err.line(`${err.styles.yellow('warning:')} The run is kept in memory only: ${why}`)
  }
  return withWorkbench(call, { onMemory }, async bench => {
    await bench.keepWorkflows()
    const runId = args.value('run-id') ?? globalThis.crypto.randomUUID()
    const tags = sourceTags(io.cwd, { file: definition.file, exportName, agents: bench.around.agentFiles })
    const { orchestration, input: given, options } = await startOf(call, bench, definition, input, { runId, tags })
    const begin = () => bench.host.start(orchestration, given, options)
    return driveRun(call, { bench, orchestration, runId, begin })
  })
}

interface Given {
  readonly value: unknown
  readonly isText: boolean
}

async function inputOf({ args, io }: CommandCall): Promise<Given | undefined> {
  const [json, text] = [args.value('input'), args.value('input-text')]
  if (json !== undefined && text !== undefined) throw new UsageError('Give --input or --input-text, not both.')
  if (text !== undefined) return { value: text, isText: true }
  return json === undefined ? undefined : { value: await jsonArgument('input', json, io), isText: false }
}

async function startOf(
  { args }: CommandCall,
  bench: Workbench,
  definition: Definition,
  input: Given | undefined,
  options: HostedRunOptions & { readonly runId: string; readonly tags: Readonly<Record<string, string>> },
): Promise<Start> {
  const maxBudget = args.number('max-budget', 'an amount of at least 0', amount => amount >= 0)
  if (definition.kind === 'workflow') {
    const id = workflowId(definition.file)
    await keepWorkflow(bench.workflows, id, definition.workflow)
    return bench.workflows.prepare(id, {
      ...options,
      ...(input === undefined ? {} : { input: input.value }),
      ...(maxBudget === undefined ? {} : { maxBudget }),
    })
  }
  if (maxBudget !== undefined) {
    throw new UsageError('--max-budget is for JSON workflows. Give the states of other definitions a budget() policy.')
  }
  const orchestration = compileDefinition(definition, bench.around)
  if (definition.kind === 'module') bench.host.add(orchestration)
  return { orchestration, input: await checked(orchestration, inputFor(definition, input)), options }
}

function inputFor(definition: Definition, input: Given | undefined): unknown {
  if (definition.kind === 'plan') {
    if (input === undefined) return definition.plan.toJSON()
    throw new UsageError('A plan takes no input: everything is in its steps. Leave out --input.')
  }
  if (definition.kind !== 'topology') return input?.value
  if (input === undefined)
    throw new UsageError('A topology needs a task: --input-text "…", or --input \'{"task": …}\'.')
  return input.isText ? { task: input.value } : input.value
}

/** Before the run is there, so that a wrong input leaves none behind. */
async function checked({ graph, name }: HostedOrchestration, input: unknown): Promise<unknown> {
  if (graph.input === undefined) return input
  try {
    return await graph.input.check(input)
  } catch (thrown) {
    throw thrown instanceof PayloadError ? thrown.at({ orchestration: name, direction: 'input' }) : thrown
  }
}
