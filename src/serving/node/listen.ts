import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OptionError } from '../../errors/index.js'
import type { ServingHandler } from '../create-handler.js'
import { isLoopback } from '../loopback.js'
import { loadPackage } from '../optional-package.js'
import { endingWithConnection } from './broken-streams.js'
import { keepRecovering } from './keep-recovering.js'
import { serveWebSockets } from './web-sockets.js'

/** Where and how it is listened. */
export interface ListenOptions {
  /** 0: any that is free. @default 8787 */
  readonly port?: number
  /** A name or an address of this machine. Without authentication only loopback is allowed. @default '127.0.0.1' */
  readonly host?: string
  /** How long a client may take for the head of a request, in milliseconds. @default 10 000 */
  readonly headersTimeoutMs?: number
  /** How long a client may take for a whole request, in milliseconds. @default 30 000 */
  readonly requestTimeoutMs?: number
  /**
   * How often the runs of the store are taken up that nobody drives, because their process has died, in milliseconds; the first time is
   * before `listen` resolves. 0: only then. @default 15 000
   */
  readonly recoverEveryMs?: number
  /** Is told the ids of runs that were taken up, if there were any. @default nobody is told */
  readonly onRecovered?: (runIds: readonly string[]) => void
}

/** A server that listens. */
export interface Listening {
  /** Where it is, for example `http://127.0.0.1:8787`. */
  readonly url: string
  readonly port: number
  /**
   * Accepts nothing more, ends the streams, lets requests and states at work finish for at most `graceMs` milliseconds, and closes the
   * handler; the runs go on with the next server of the store. Closing twice is fine. @default 10 000
   */
  close(graceMs?: number): Promise<void>
}

/**
 * Puts a handler on a port of Node, its WebSocket included, and goes on with what no server of the store drives.
 * @throws OPTION_INVALID for an address that others can reach, if the handler has no authentication; PACKAGE_MISSING without
 * `@hono/node-server` or `ws`; what the system says if the port cannot be had; what the store throws if
 * it cannot be read
 */
export async function listen(handler: ServingHandler, options: ListenOptions = {}): Promise<Listening> {
  const { port = 8787, host = '127.0.0.1', headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = options
  const { recoverEveryMs = 15_000, onRecovered = () => undefined } = options
  checkOptions(handler, { port, host, headersTimeoutMs, requestTimeoutMs, recoverEveryMs })
  const { createAdaptorServer } = await loadPackage('@hono/node-server', () => import('@hono/node-server'))
  const { WebSocketServer } = await loadPackage('ws', () => import('ws'))
  const server = createAdaptorServer({
    fetch: async (request, { outgoing }) =>
      endingWithConnection(await handler.fetch(request), outgoing as ServerResponse),
    hostname: host,
    // What the process has as Request and Response is its own affair.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, headersTimeoutMs, requestTimeoutMs),
      maxHeaderSize: 16_384,
    },
  }) as Server
  const sockets = serveWebSockets(server, handler, WebSocketServer)
  await bound(server, port, host)
  const { port: actual } = server.address() as AddressInfo
  let stopRecovering: () => void
  try {
    stopRecovering = await keepRecovering(handler, { everyMs: recoverEveryMs, onRecovered })
  } catch (thrown) {
    await close(server, handler, sockets, 0)
    throw thrown
  }
  let closing: Promise<void> | undefined
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    close: graceMs => {
      stopRecovering()
      return (closing ??= close(server, handler, sockets, graceMs))
    },
  }
}

async function close(
  server: Server,
  handler: ServingHandler,
  sockets: { close(): void },
  graceMs = 10_000,
): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await handler.close(graceMs)
    sockets.close()
    server.closeIdleConnections()
    await closed
  } finally {
    clearTimeout(timer)
  }
}

function bound(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function checkOptions(handler: ServingHandler, options: Required<Omit<ListenOptions, 'onRecovered'>>): void {
  const { port, host, headersTimeoutMs, requestTimeoutMs, recoverEveryMs } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new OptionError('port', 'a whole number from 0 to 65535', port)
  if (typeof host !== 'string' || host === '')
    throw new OptionError('host', 'a name or an address of this machine', host)
  for (const [name, value] of Object.entries({ headersTimeoutMs, requestTimeoutMs }))
    if (!(value > 0)) throw new OptionError(name, 'a number of milliseconds above 0', value)
  if (!(recoverEveryMs >= 0 && recoverEveryMs < Infinity))
    throw new OptionError('recoverEveryMs', 'a number of milliseconds of at least 0', recoverEveryMs)
  if (handler.authenticated || isLoopback(host)) return
  const way =
    'a loopback address such as 127.0.0.1, because the handler has no authentication: give createHandler() `auth`'
  throw new OptionError('host', way, host)
}
