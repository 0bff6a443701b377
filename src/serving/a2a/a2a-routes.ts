import { ensureError } from '../../errors/index.js'
import type { RouteContext } from '../app.js'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import type { Route } from '../route.js'
import type { RouteTable } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import { A2aEndpoint } from './a2a-endpoint.js'
import { loadA2aSdk } from './a2a-package.js'
import { a2aPath } from './agent-card.js'

/** How callers are known. */
export interface A2aCallers {
  readonly authenticated: boolean
  /** @throws Problem 401, 403 */
  readonly principalOf: (request: Request) => Promise<Principal>
}

/** The server as an agent for others: its card, and what it is asked to do. */
export function addA2aRoutes(
  table: RouteTable,
  server: ServerContext,
  { authenticated, principalOf }: A2aCallers,
): void {
  let made: Promise<A2aEndpoint> | undefined
  let isTold = false
  const endpoint = async (): Promise<A2aEndpoint> => {
    made ??= loadA2aSdk().then(sdk => new A2aEndpoint(sdk, server, authenticated))
    try {
      return await made
    } catch (thrown) {
      made = undefined
      // Anybody can ask as often as they like.
      if (!isTold) server.logger.warn('A2A cannot be served', ensureError(thrown))
      isTold = true
      throw new Problem(503, { code: 'UNAVAILABLE', detail: 'This server is not set up for A2A; its log says why.' })
    }
  }
  const card = async (context: RouteContext): Promise<Response> => {
    const request = context.req.raw
    // Anybody may read it, because it says how to say who one is; who is known reads more.
    const principal = authenticated ? await principalOf(request).catch(() => undefined) : await principalOf(request)
    const seen = principal?.scopes.includes('read') === true ? principal : undefined
    const json = await (await endpoint()).card(request, seen)
    return Response.json(json, { headers: { 'cache-control': 'no-cache', vary: 'a2a-version, authorization' } })
  }
  const message = { schema: { type: 'object' as const, description: 'A message of JSON-RPC 2.0.' } }
  const about: Pick<Route, 'method' | 'access' | 'summary' | 'description' | 'tag' | 'headers' | 'answers' | 'handle'> =
    {
      method: 'GET',
      access: 'public',
      summary: 'The card of the server as an agent (A2A).',
      description: 'With a token, it has the workflows of the tenant among its skills.',
      tag: 'A2A',
      headers: { 'A2A-Version': '1.0 for the card in the form of that; 0.3 if it is left out.' },
      answers: { 200: { description: 'The card.', body: { schema: { type: 'object' } } } },
      handle: card,
    }
  table.add(
    { ...about, path: '/.well-known/agent-card.json', operation: 'get_agent_card' },
    { ...about, path: '/.well-known/agent.json', operation: 'get_agent_card_at_old_place' },
    {
      method: 'POST',
      path: a2aPath,
      access: 'read',
      operation: 'send_a2a_request',
      summary: 'A request of the Agent2Agent protocol, 1.0 or 0.3.',
      tag: 'A2A',
      headers: { 'A2A-Version': '1.0, or 0.3 if it is left out.' },
      body: message,
      answers: {
        200: {
          description: 'The answer, or a stream of them.',
          body: message,
          mediaTypes: ['application/json', 'text/event-stream'],
        },
      },
      handle: async (context, principal) => (await endpoint()).fetch(context.req.raw, principal),
    },
  )
}
