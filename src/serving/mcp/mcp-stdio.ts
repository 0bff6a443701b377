import { consoleLogger } from '../../core/index.js'
import { ensureError } from '../../errors/index.js'
import { createHandler, type ServingHandler } from '../create-handler.js'
import { anybody, type Principal } from '../principal.js'
import type { ServingOptions } from '../serving-options.js'
import { loadMcpServer, loadMcpStdio } from './mcp-package.js'
import { makeMcpServer } from './mcp-server.js'

/** What messages come from: a `Readable` of Node. */
export interface McpInput extends AsyncIterable<Uint8Array> {
  once(event: 'end' | 'close', listener: () => void): unknown
}

/** Where messages go: a `Writable` of Node. */
export interface McpOutput {
  write(chunk: string): unknown
}

/** How MCP is served over standard input and output. */
export interface McpStdioOptions {
  /** For whom. @default everything is allowed, in the tenant `default` */
  readonly principal?: Principal
  /** @default standard input */
  readonly input?: McpInput
  /** Nothing else may be written to it. @default standard output */
  readonly output?: McpOutput
  /** How long states at work may take to finish when the client has gone, in milliseconds. @default 10_000 */
  readonly graceMs?: number
}

/** A client that is served. */
export interface McpStdioServer {
  /** Resolves when the client has gone, or the server was closed, and everything is put aside. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Serves MCP to the process that has started this one, as desktop clients do it: the same tools as over HTTP. Runs that are under way
 * when the client goes are put aside; the next one on the same store goes on with them. A handler that is given stays open.
 *
 * ```ts
 * await (await serveMcpStdio({ store, orchestrations: [new Research()] })).closed
 * ```
 *
 * @throws OPTION_INVALID; PACKAGE_MISSING if `@modelcontextprotocol/server` or `hono` is not installed
 */
export async function serveMcpStdio(
  served: ServingHandler | ServingOptions,
  options: McpStdioOptions = {},
): Promise<McpStdioServer> {
  const { principal = anybody, input = process.stdin, output = process.stdout, graceMs } = options
  const [sdk, { serveStdio, StdioServerTransport }] = await Promise.all([loadMcpServer(), loadMcpStdio()])
  const isOwn = !('fetch' in served)
  const handler = isOwn ? await createHandler(served) : served
  if (isOwn) await handler.recover()
  const gone = new AbortController()
  // Before the transport hears of it, which takes the end of the connection for a cancellation of what is under way.
  for (const event of ['end', 'close'] as const) input.once(event, () => gone.abort())
  type Streams = ConstructorParameters<typeof StdioServerTransport>
  const transport = new StdioServerTransport(input as unknown as Streams[0], output as unknown as Streams[1], {
    maxBufferSize: handler.server.limits.maxBodyBytes,
  })
  const { logger = consoleLogger } = isOwn ? served : handler.server
  const connection = serveStdio(() => makeMcpServer(sdk, handler.server, { principal, gone: gone.signal }), {
    transport,
    onerror: thrown => logger.warn('MCP over standard input and output has failed', ensureError(thrown)),
  })
  const closed = new Promise<void>(resolve => {
    gone.signal.addEventListener('abort', () => resolve(), { once: true })
  }).then(async () => {
    await connection.close()
    if (isOwn) await handler.close(graceMs)
  })
  return {
    closed,
    close: () => {
      gone.abort()
      return closed
    },
  }
}
