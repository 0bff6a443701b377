import { type McpStdioServer, serveMcpStdio } from '../../serving/index.js'
import type { CommandCall } from '../command.js'
import { ExitCode, exitCodeOfSignal } from '../exit-code.js'
import { served } from './served.js'
import { checkServingPackages } from './serving-packages.js'

/** `advancer mcp`: stdout belongs to the protocol. */
export async function serveMcp(call: CommandCall): Promise<ExitCode> {
  const { io, terminal } = call
  await checkServingPackages(['hono', '@modelcontextprotocol/server'])
  const { handler, kept, orchestrations, workflows } = await served(call, { monitor: false }, ['default'])
  let server: McpStdioServer | undefined
  let isAsked = false
  const off = io.onSignal(signal => {
    if (isAsked) io.exitNow(exitCodeOfSignal(signal))
    isAsked = true
    void server?.close()
  })
  try {
    await handler.recover()
    server = await serveMcpStdio(handler, io.streams)
    // The signal may have come before there was anything to close.
    if (isAsked) void server.close()
    terminal.note(
      `advancer speaks MCP over standard input and output: ${orchestrations.length} ${orchestrations.length === 1 ? 'orchestration' : 'orchestrations'}, ${workflows} ${workflows === 1 ? 'workflow file' : 'workflow files'}, kept in ${kept.name}`,
    )
    await server.closed
    await handler.close()
  } finally {
    off()
    await kept.store.close()
  }
  return ExitCode.Ok
}
