import type { Client, Transport } from '@modelcontextprotocol/client'
import { untilAborted } from '../../core/internal.js'
import type { McpServerOptions } from './mcp-options.js'
import { loadMcpPackage, loadMcpStdio, type McpPackage } from './mcp-package.js'

const version = '1.0.0'

/** @internal An open connection. */
export interface McpConnection {
  readonly client: Client
  /** Whether the server keeps a session for it, which it may forget. */
  readonly hasSession: boolean
  close(): Promise<void>
}

/** @internal Opens a connection and greets the server; what is begun is taken down again if that fails. */
export async function openMcpConnection(
  options: McpServerOptions,
  timeout: number,
  signal: AbortSignal,
  onLost: () => void,
  onAbandoned: (gone: Promise<void>) => void,
): Promise<McpConnection> {
  const mcp = await loadMcpPackage()
  const transport = await transportFor(options, mcp)
  const gone = new Promise<void>(resolve => {
    transport.onclose = resolve
  })
  const { onListChanged } = options
  const heard = (what: 'tools' | 'resources' | 'prompts') => ({
    autoRefresh: false,
    onChanged: () => onListChanged?.(what),
  })
  const listChanged = { tools: heard('tools'), resources: heard('resources'), prompts: heard('prompts') }
  const client = new mcp.Client(
    { name: 'advancer', version },
    {
      capabilities: {},
      ...(onListChanged === undefined ? {} : { listChanged }),
      // A process would be started twice for the newest version of the protocol to be tried first.
      ...('url' in options ? { versionNegotiation: { mode: 'auto' as const } } : {}),
    },
  )
  client.onclose = onLost
  // The reason also arrives where somebody waits for an answer; without a listener nothing else is done with it.
  client.onerror = () => {}
  try {
    await client.connect(transport, { timeout, signal })
  } catch (thrown) {
    client.onclose = () => {}
    await client.close().catch(() => {})
    await transport.close().catch(() => {})
    // The client does not wait for a process that is slow to end.
    if ('command' in options) onAbandoned(gone)
    throw thrown
  }
  return {
    client,
    get hasSession() {
      return transport.sessionId !== undefined
    },
    async close() {
      client.onclose = () => {}
      if (transport instanceof mcp.StreamableHTTPClientTransport && transport.sessionId !== undefined) {
        await untilAborted(transport.terminateSession(), AbortSignal.timeout(2000)).catch(() => {})
      }
      await client.close()
    },
  }
}

async function transportFor(options: McpServerOptions, mcp: McpPackage): Promise<Transport> {
  if ('transport' in options) return (await options.transport()) as unknown as Transport
  if ('command' in options) {
    const { command, args = [], env, cwd, stderr = 'ignore' } = options
    const { StdioClientTransport } = await loadMcpStdio()
    return new StdioClientTransport({
      command,
      args: [...args],
      stderr,
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(cwd === undefined ? {} : { cwd }),
    })
  }
  const { url, headers = {}, fetch } = options
  return new mcp.StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    ...(fetch === undefined ? {} : { fetch }),
  })
}
