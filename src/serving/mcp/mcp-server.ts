import type { McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { ensureError } from '../../errors/index.js'
import type { JsonSchema } from '../../schema/index.js'
import type { Principal } from '../principal.js'
import { isServerFault } from '../problem.js'
import { problemText } from '../problem-text.js'
import { requireScope } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { startableWorkflows } from '../startable.js'
import { approvalTools } from './approval-tools.js'
import { statusAnswer } from './execution-answer.js'
import type { McpPackage } from './mcp-package.js'
import type { McpAnswer, McpCall, McpTool } from './mcp-tool.js'
import { orchestrationTools } from './orchestration-tools.js'
import { signalTools } from './signal-tools.js'
import { ToolNames } from './tool-names.js'
import { workflowTools } from './workflow-tools.js'

/** For whom an MCP server is made, and when nobody listens any more. */
export interface McpCaller {
  readonly principal: Principal
  readonly gone: AbortSignal
  /** Told when a call that the client has cancelled is over, and so nobody answers it. @default nothing need be done then */
  readonly unanswered?: () => void
  /** Whether it asks for no more than one call, so that nobody reads what tools say about themselves. @default false */
  readonly isCall?: boolean
}

type CallContext = Parameters<Parameters<McpServer['registerTool']>[2]>[1]

const instructions =
  'Runs orchestrations and workflows. Each orchestration is a tool of its own; workflow_execute starts workflows by their ids. ' +
  'Executions go on when a call has ended: ask workflow_status. What waits for people is in approval_list; what waits for a message is in ' +
  'the pending_signals of its execution, and gets it with signal_send.'

/** Nobody is told of workflows that come and go: their tool is the same, and says what there is to who asks again. */
const capabilities = { tools: { listChanged: false }, resources: { listChanged: false } }

/**
 * The tools of a server, for one caller.
 * @param callerOf who makes a call, if that can be another one than the one it is made for
 */
export async function makeMcpServer(
  sdk: McpPackage,
  server: ServerContext,
  caller: McpCaller,
  callerOf: (context: CallContext) => McpCaller = () => caller,
): Promise<McpServer> {
  const workflows = caller.isCall === true ? [] : await startableWorkflows(server, caller.principal)
  const fixed = [...workflowTools(server, workflows), ...approvalTools(server), ...signalTools(server)]
  const names = new ToolNames(fixed.map(({ name }) => name))
  const made = new sdk.McpServer({ name: 'advancer', version: '1.0.0' }, { instructions, capabilities })
  for (const tool of [...fixed, ...orchestrationTools(server, names)]) addTool(made, server, tool, callerOf)
  addStatusResource(sdk, made, server, callerOf)
  return made
}

function addTool(
  made: McpServer,
  server: ServerContext,
  { name, title, description, input, output, isReadOnly, run }: McpTool,
  callerOf: (context: CallContext) => McpCaller,
): void {
  const annotations = { readOnlyHint: isReadOnly }
  const config = { title, description, inputSchema: described(input), outputSchema: described(output), annotations }
  made.registerTool(name, config, async (args, context) => {
    const caller = callerOf(context)
    const { structured, text, isError } = await answerOf(server, () => run(args, callOf(context, caller)))
    if (context.mcpReq.signal.aborted) caller.unanswered?.()
    return {
      content: [{ type: 'text', text: text ?? JSON.stringify(structured) }],
      ...(structured === undefined ? {} : { structuredContent: structured }),
      ...(isError === true ? { isError } : {}),
    }
  })
}

/** The status of an execution as `run://<id>`, for clients that read resources. */
function addStatusResource(
  sdk: McpPackage,
  made: McpServer,
  server: ServerContext,
  callerOf: (context: CallContext) => McpCaller,
): void {
  const template = new sdk.ResourceTemplate('run://{id}', { list: undefined })
  const about = { title: 'Execution', description: 'What an execution is doing.', mimeType: 'application/json' }
  made.registerResource('execution', template, about, async (uri, { id }, context) => {
    const { principal } = callerOf(context)
    try {
      requireScope(principal, 'read')
      const { structured } = await statusAnswer(server, principal, decoded(String(id)))
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(structured) }] }
    } catch (thrown) {
      throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, failureText(server, thrown))
    }
  })
}

/** A text of an address; one that nobody has encoded as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function callOf({ mcpReq }: CallContext, { principal, gone }: McpCaller): McpCall {
  const { progressToken } = mcpReq._meta ?? {}
  let steps = 0
  return {
    principal,
    cancelled: mcpReq.signal,
    gone,
    progress: message => {
      if (progressToken === undefined) return
      const params = { progressToken, progress: ++steps, message }
      // A client that has gone away needs no progress.
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined)
    },
  }
}

/** What a tool has come to; what it throws is an answer too, with the way out, never a stack. */
async function answerOf(
  server: ServerContext,
  run: () => Promise<McpAnswer>,
): Promise<Partial<McpAnswer> & { readonly text?: string }> {
  try {
    return await run()
  } catch (thrown) {
    return { text: failureText(server, thrown), isError: true }
  }
}

function failureText({ logger }: ServerContext, thrown: unknown): string {
  if (isServerFault(thrown)) logger.warn('A call over MCP has failed', ensureError(thrown))
  return problemText(thrown)
}

/** A schema as the SDK takes it; what it is given is checked further in, where there is more to say about it. */
function described(schema: JsonSchema): StandardSchemaWithJSON {
  const json = (): Record<string, unknown> => schema
  return {
    '~standard': {
      version: 1,
      vendor: 'advancer',
      validate: value => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  }
}
