import { OptionError } from '../../errors/index.js'

/** How a server of the Model Context Protocol is reached: as a process, over HTTP, or by a transport of the official client. */
export type McpServerOptions = McpServerSettings & (McpProcess | McpAddress | McpCustomTransport)

/** What all servers have. */
export interface McpServerSettings {
  /** What errors and events call the server. */
  readonly name: string
  /** How long making the connection may take, in milliseconds. @default 30_000 */
  readonly connectTimeoutMs?: number
  /** How long a call may take, in milliseconds. @default 60_000 */
  readonly timeoutMs?: number
  /** Told when the server says that what it offers has changed; the next `tools()`, `resources()` or `prompts()` has the news. */
  readonly onListChanged?: (what: 'tools' | 'resources' | 'prompts') => void
}

/** A server that is started as a process of its own, and spoken to over its standard input and output. */
export interface McpProcess {
  readonly command: string
  readonly args?: readonly string[]
  /**
   * Environment variables of the process, besides the few that are always passed on, such as `PATH` and `HOME`. Their values do not
   * appear in errors.
   * @default none
   */
  readonly env?: Readonly<Record<string, string>>
  /** @default the directory of this process */
  readonly cwd?: string
  /** What becomes of what it writes to its standard error. @default 'ignore' */
  readonly stderr?: 'ignore' | 'inherit'
}

/** A server that is reached over streamable HTTP. */
export interface McpAddress {
  readonly url: string | URL
  /** Sent with each request. Their values do not appear in errors. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** @default the global one */
  readonly fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>
}

/** Any other way: a function that makes a transport of `@modelcontextprotocol/client`, for each connection a new one. */
export interface McpCustomTransport {
  readonly transport: () => McpTransport | Promise<McpTransport>
}

/** What is certain about a transport of the official client. */
export interface McpTransport {
  start(): Promise<void>
  close(): Promise<void>
  send(message: never, options?: never): Promise<void>
}

/** @throws OPTION_INVALID */
export function checkMcpOptions(options: McpServerOptions): void {
  const { name, connectTimeoutMs, timeoutMs } = options
  if (typeof name !== 'string' || name.trim() === '') throw new OptionError('name', 'a name for the server', name)
  checkTimeout('connectTimeoutMs', connectTimeoutMs)
  checkTimeout('timeoutMs', timeoutMs)
  const ways = ['command', 'url', 'transport'].filter(way => way in options)
  if (ways.length !== 1) {
    throw new OptionError('command, url or transport', 'given, and only one of them', ways.join(' and ') || undefined)
  }
  if ('command' in options && (typeof options.command !== 'string' || options.command === '')) {
    throw new OptionError('command', 'the program to start', options.command)
  }
  if ('url' in options) httpUrl('url', options.url)
  if ('transport' in options && typeof options.transport !== 'function') {
    throw new OptionError('transport', 'a function that makes a transport', options.transport)
  }
}

/** @throws OPTION_INVALID */
export function checkTimeout(option: string, timeoutMs: number | undefined): void {
  // A timer beyond this fires at once.
  if (timeoutMs === undefined || (timeoutMs > 0 && timeoutMs <= 2_147_483_647)) return
  throw new OptionError(option, 'milliseconds, above 0 and below 24.8 days', timeoutMs)
}

/** @throws OPTION_INVALID without the address, which may have a key in it */
export function httpUrl(option: string, url: unknown): URL {
  const parsed = url instanceof URL ? url : typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return parsed
  throw new OptionError(option, 'an http: or https: address', parsed?.protocol ?? typeof url)
}
