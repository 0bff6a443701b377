import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { ensureError } from '../../errors/index.js'
import type { ServingHandler } from '../create-handler.js'
import { LiveConnection } from '../live/live-connection.js'
import { livePath } from '../live/live-routes.js'
import { Problem, problemOf, problemResponse } from '../problem.js'

type WebSocketServerClass = typeof import('ws').WebSocketServer

/** The protocol of the WebSocket, for clients that name one: browsers have to, where they send a token as another one. */
const liveProtocol = 'advancer.live'

/** How often it is asked whether the other end is still there, in milliseconds. */
const pingMs = 30_000

/** Serves the WebSocket on a server of Node. Who may not have it is told so before there is one. */
export function serveWebSockets(
  server: Server,
  handler: ServingHandler,
  WebSockets: WebSocketServerClass,
): { close(): void } {
  const { server: context } = handler
  const sockets = new WebSockets({
    noServer: true,
    maxPayload: context.limits.maxBodyBytes,
    // Compressing costs memory for each connection, and lets a client guess at secrets.
    perMessageDeflate: false,
    handleProtocols: protocols => (protocols.has(liveProtocol) ? liveProtocol : false),
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away while it is being answered.
    socket.on('error', () => socket.destroy())
    void upgrade(request, socket, head)
  })

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      const asked = webRequest(request)
      const { pathname } = new URL(asked.url)
      if (pathname !== livePath) {
        const detail = `There is no WebSocket at ${pathname}. It is at ${livePath}.`
        throw new Problem(404, { code: 'NOT_FOUND', detail })
      }
      const principal = await handler.principalOf(asked)
      if (!principal.scopes.includes('read')) {
        const detail = `${principal.name} may not do this: it lacks the scope "read".`
        throw new Problem(403, { code: 'FORBIDDEN', detail })
      }
      sockets.handleUpgrade(request, socket, head, webSocket => {
        let live: LiveConnection
        try {
          live = new LiveConnection(context, principal, webSocket)
        } catch (thrown) {
          webSocket.close(1013, (thrown instanceof Problem ? thrown : problemOf(thrown)).message.slice(0, 120))
          return
        }
        let isThere = true
        const ping = setInterval(() => {
          if (!isThere) return webSocket.terminate()
          isThere = false
          webSocket.ping()
        }, pingMs)
        ping.unref()
        webSocket.on('pong', () => {
          isThere = true
        })
        webSocket.on('message', (data, isBinary) => {
          if (isBinary) webSocket.close(1003, 'Messages are JSON texts.')
          else void live.receive((data as Buffer).toString())
        })
        webSocket.on('close', () => {
          clearInterval(ping)
          live.end()
        })
        webSocket.on('error', thrown => context.logger.warn('A WebSocket has failed', ensureError(thrown)))
      })
    } catch (thrown) {
      await refuse(socket, problemResponse(thrown, globalThis.crypto.randomUUID()))
    }
  }

  return {
    close() {
      for (const client of sockets.clients) client.close(1001, 'The server is closing.')
      sockets.close()
    },
  }
}

/** Only what tells who calls. @throws Problem 400 for a target or a host that is none */
function webRequest({ url = '/', headers }: IncomingMessage): Request {
  const kept = new Headers()
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) kept.set(name, Array.isArray(value) ? value.join(', ') : value)
  const base = `http://${headers.host ?? 'localhost'}`
  // A request cannot have a user in its target.
  if (!URL.canParse(url, base) || new URL(url, base).username !== '')
    throw new Problem(400, { code: 'BAD_REQUEST', detail: 'The target of the request, or its host, is none.' })
  return new Request(new URL(url, base), { headers: kept })
}

/** Answers in place of an upgrade. */
async function refuse(socket: Duplex, response: Response): Promise<void> {
  const body = await response.text()
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  const lines = [
    `HTTP/1.1 ${response.status} Refused`,
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
