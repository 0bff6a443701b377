import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { OrchestrationEvent } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { ensureError } from '../../errors/index.js'
import { type RunTrace, toDot, toMermaid, toPlantUml, toSvg } from '../../graph/index.js'
import { nodeTraceOf, outlineOf } from '../../workflow/index.js'
import type { CommandCall } from '../command.js'
import type { diagramFormats } from '../commands/diagram.js'
import { ExitCode } from '../exit-code.js'
import { withWorkbench } from '../runs/workbench.js'
import { UsageError } from '../usage-error.js'
import { lookAt } from './looked-at.js'

type Format = (typeof diagramFormats)[number]

const endings: Readonly<Record<string, Format>> = {
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.puml': 'plantuml',
  '.plantuml': 'plantuml',
  '.svg': 'svg',
}

/** `advancer diagram`. */
export async function drawDefinition(call: CommandCall): Promise<ExitCode> {
  const { args, io, terminal } = call
  const out = args.value('out')
  const format = (args.value('format') as Format | undefined) ?? (out === undefined ? 'mermaid' : formatOf(out))
  const { orchestration } = await lookAt(call)
  const direction = args.value('direction') as 'down' | 'right' | undefined
  const theme = args.value('theme') as 'light' | 'dark' | undefined
  if (theme !== undefined && format !== 'svg') throw new UsageError(`--theme is for SVG, but the format is ${format}.`)
  const trace = await traceFor(call, orchestration)
  const drawn = outlineOf(orchestration) ?? orchestration
  const options = { ...(direction === undefined ? {} : { direction }), ...(trace === undefined ? {} : { trace }) }
  const drawing = {
    mermaid: () => toMermaid(drawn, options),
    dot: () => toDot(drawn, options),
    plantuml: () => toPlantUml(drawn, options),
    svg: () => toSvg(drawn, { ...options, ...(theme === undefined ? {} : { theme }) }),
  }[format]()
  const text = drawing.trimEnd()
  if (out === undefined) {
    terminal.out.line(text)
    return ExitCode.Ok
  }
  try {
    await writeFile(resolve(io.cwd, out), `${text}\n`)
  } catch (thrown) {
    throw new UsageError(`${out} cannot be written: ${ensureError(thrown).message}.`, thrown)
  }
  terminal.note(`Wrote ${out}.`)
  return ExitCode.Ok
}

function formatOf(out: string): Format {
  const format = endings[extname(out).toLowerCase()]
  if (format !== undefined) return format
  throw new UsageError(
    `What "${out}" is to be cannot be told by its ending (${Object.keys(endings).join(', ')}). Say it with --format.`,
  )
}

async function traceFor(call: CommandCall, orchestration: HostedOrchestration): Promise<RunTrace | undefined> {
  const runId = call.args.value('run')
  if (runId === undefined) return undefined
  return withWorkbench(call, { mustExist: true }, async bench => {
    const history = await (await bench.journalOf(runId)).history(runId)
    return nodeTraceOf(
      orchestration,
      history.flatMap<OrchestrationEvent>(({ events }) => events),
    )
  })
}
