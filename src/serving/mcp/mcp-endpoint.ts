import { ensureError } from '../../errors/index.js'
import { gatedResponse } from '../gated-response.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import { readJson } from '../request-body.js'
import type { ServerContext } from '../server-context.js'
import type { McpPackage } from './mcp-package.js'
import { type McpCaller, makeMcpServer } from './mcp-server.js'
import { McpSessions } from './mcp-sessions.js'

type Handler = ReturnType<McpPackage['createMcpHandler']>
type AuthInfo = NonNullable<Parameters<Handler['fetch']>[1]>['authInfo']
type Transport = InstanceType<McpPackage['WebStandardStreamableHTTPServerTransport']>

const sessionHeader = 'mcp-session-id'

/** Never aborts. */
const never = new AbortController().signal

/** MCP over streamable HTTP: newer clients (2026-07-28) request by request, older ones in sessions. */
export class McpEndpoint {
  readonly sessions: McpSessions
  readonly #sdk: McpPackage
  readonly #server: ServerContext
  readonly #modern: Handler

  constructor(sdk: McpPackage, server: ServerContext) {
    this.#sdk = sdk
    this.#server = server
    this.sessions = new McpSessions(server.mcp, server.clock)
    this.#modern = sdk.createMcpHandler(({ authInfo }) => makeMcpServer(sdk, server, callerIn(authInfo)), {
      legacy: 'reject',
      maxSubscriptions: server.limits.maxStreams,
    })
  }

  /** @throws Problem as `readJson` does; 404 for a session that there is not; 503 if there are too many */
  async fetch(request: Request, principal: Principal): Promise<Response> {
    const body = request.method === 'POST' ? await readJson(request, this.#server.limits) : undefined
    if (request.method === 'POST' && (typeof body !== 'object' || body === null)) {
      throw new Problem(400, { code: 'BAD_REQUEST', detail: 'The body is no message. Send one of JSON-RPC.' })
    }
    const isLegacy = request.method !== 'POST' || (await this.#sdk.isLegacyRequest(request, body))
    if (isLegacy) return this.#inSession(request, body, principal)
    // What a newer client does to cancel is to go away, and the SDK takes it for that.
    const isCall = (body as { readonly method?: unknown }).method === 'tools/call'
    const authInfo = authInfoOf({ principal, gone: never, isCall })
    const respond = (): Promise<Response> => this.#modern.fetch(request, { parsedBody: body, authInfo })
    return gatedResponse(this.#server, { respond })
  }

  async #inSession(request: Request, body: unknown, principal: Principal): Promise<Response> {
    const gone = new AbortController()
    const over = new AbortController()
    // A stream that is for one answer would stay open without it; one for several has others to come.
    const unanswered = Array.isArray(body) ? {} : { unanswered: () => over.abort() }
    const authInfo = authInfoOf({ principal, gone: gone.signal, ...unanswered })
    const options = { authInfo, ...(body === undefined ? {} : { parsedBody: body }) }
    const id = request.headers.get(sessionHeader)
    if (id === null) {
      if (!isInitialize(body))
        throw new Problem(400, { code: 'BAD_REQUEST', detail: `Send ${sessionHeader}, or initialize.` })
      return (await this.#open(principal)).handleRequest(request, options)
    }
    const session = this.sessions.find(id, principal)
    if (session === undefined) {
      throw new Problem(404, {
        code: 'NOT_FOUND',
        detail: 'There is no such session, or no more. Initialize a new one.',
      })
    }
    const unused = this.sessions.use(id)
    request.signal.addEventListener('abort', () => gone.abort(), { once: true })
    const ended = (isAbandoned: boolean): void => {
      unused()
      if (isAbandoned) gone.abort()
    }
    const respond = (): Promise<Response> => session.transport.handleRequest(request, options)
    return gatedResponse(this.#server, { respond, ended, over: over.signal })
  }

  async #open(principal: Principal): Promise<Transport> {
    this.sessions.makeRoom()
    const sdk = this.#sdk
    const server = await makeMcpServer(sdk, this.#server, { principal, gone: never }, ({ http }) =>
      callerIn(http?.authInfo),
    )
    const transport: Transport = new sdk.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => globalThis.crypto.randomUUID(),
      onsessioninitialized: id => this.sessions.add(id, { transport, server, principal }),
      onsessionclosed: id => this.sessions.remove(id),
    })
    transport.onerror = thrown => this.#server.logger.warn('A session over MCP has failed', ensureError(thrown))
    await server.connect(transport)
    return transport
  }
}

/** The SDK carries it to where the call is answered, and looks at nothing of it. */
function authInfoOf(caller: McpCaller): NonNullable<AuthInfo> {
  const { name, scopes } = caller.principal
  return { token: '', clientId: name, scopes: [...scopes], extra: { caller } }
}

function callerIn(authInfo: AuthInfo): McpCaller {
  return authInfo?.extra?.['caller'] as McpCaller
}

function isInitialize(body: unknown): boolean {
  return (Array.isArray(body) ? body : [body]).some(
    message => (message as { readonly method?: unknown } | null)?.method === 'initialize',
  )
}
