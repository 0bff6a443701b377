import type { RouteContext } from '../app.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import type { Route } from '../route.js'
import type { RouteTable } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { McpEndpoint } from './mcp-endpoint.js'
import { loadMcpServer } from './mcp-package.js'

/** Where MCP is spoken over HTTP. */
const mcpPath = '/mcp'

/** The tools of the server for MCP clients, over streamable HTTP. */
export function addMcpRoutes(table: RouteTable, server: ServerContext): void {
  let endpoint: Promise<McpEndpoint> | undefined
  let isTold = false
  const handle = async (context: RouteContext, principal: Principal): Promise<Response> => {
    endpoint ??= loadMcpServer().then(sdk => new McpEndpoint(sdk, server))
    try {
      await endpoint
    } catch (thrown) {
      endpoint = undefined
      // Anybody can ask as often as they like.
      if (!isTold) server.logger.warn('MCP cannot be served', thrown as Error)
      isTold = true
      throw new Problem(503, { code: 'UNAVAILABLE', detail: 'This server is not set up for MCP; its log says why.' })
    }
    return (await endpoint).fetch(context.req.raw, principal)
  }
  const message = { schema: { type: 'object' as const, description: 'A message of JSON-RPC 2.0.' } }
  const route = (method: Route['method'], more: Pick<Route, 'operation' | 'summary' | 'answers'>): Route => {
    return { method, path: mcpPath, access: 'read', tag: 'MCP', handle, ...more }
  }
  const answers = {
    200: {
      description: 'The answer, or a stream of messages.',
      body: message,
      mediaTypes: ['application/json', 'text/event-stream'],
    },
    202: { description: 'A notification was received.' },
  }
  table.add(
    {
      ...route('POST', { operation: 'send_mcp_message', summary: 'A message of the Model Context Protocol.', answers }),
      body: message,
    },
    route('GET', {
      operation: 'open_mcp_stream',
      summary: 'Messages of the server, in a session of an older client.',
      answers: { 200: { description: 'A stream of messages.', body: message, mediaTypes: ['text/event-stream'] } },
    }),
    route('DELETE', {
      operation: 'end_mcp_session',
      summary: 'Ends a session of an older client.',
      answers: { 200: { description: 'It has ended.' } },
    }),
  )
}
