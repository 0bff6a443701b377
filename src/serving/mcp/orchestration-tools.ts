import { requireScope } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { type Startable, startableOrchestrations, startNamed } from '../startable.js'
import { outcomeAnswer, outcomeSchema } from './execution-answer.js'
import type { McpTool } from './mcp-tool.js'
import type { ToolNames } from './tool-names.js'
import { toolInput } from './tool-schema.js'
import { waitForRun } from './waiting-call.js'

/** A tool for each orchestration in code, typed by what it takes and returns, that starts a run and waits for it. */
export function orchestrationTools(server: ServerContext, names: ToolNames): readonly McpTool[] {
  return startableOrchestrations(server).map(each => orchestrationTool(server, each, names.add(each.id)))
}

function orchestrationTool(
  server: ServerContext,
  { id, description, input, output }: Startable,
  name: string,
): McpTool {
  const { schema, valueOf } = toolInput(input)
  return {
    name,
    title: id,
    description: description === '' ? `Runs the orchestration "${id}" and returns its output.` : description,
    input: schema,
    output: outcomeSchema(output?.toJsonSchema()),
    isReadOnly: false,
    run: async (args, call) => {
      requireScope(call.principal, 'run')
      const value = valueOf((args ?? {}) as Readonly<Record<string, unknown>>)
      const runId = await startNamed(server, call.principal, { id, input: value })
      await waitForRun(server, runId, call)
      return outcomeAnswer(server, call.principal, runId)
    },
  }
}
