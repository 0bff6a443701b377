import type { AgentCard } from '@a2a-js/sdk'
import type { Principal } from '../principal.js'
import { Problem } from '../problem.js'
import { problemText } from '../problem-text.js'
import { readJson } from '../request-body.js'
import type { ServerContext } from '../server-context.js'
import { type Startable, startableOrchestrations, startableWorkflows } from '../startable.js'
import type { A2aSdk } from './a2a-package.js'
import { a2aError } from './a2a-refusal.js'
import { agentCard, cardJson } from './agent-card.js'
import { checkParams } from './check-params.js'
import { rpcStream } from './rpc-stream.js'
import { RunTasks } from './run-tasks.js'
import { noPush } from './task-turns.js'

type Body = Readonly<Record<string, unknown>>

const versionHeader = 'a2a-version'

/** The server as an agent for others, in protocol 1.0 and 0.3, over JSON-RPC. */
export class A2aEndpoint {
  readonly #sdk: A2aSdk
  readonly #server: ServerContext
  readonly #authenticated: boolean

  constructor(sdk: A2aSdk, server: ServerContext, authenticated: boolean) {
    this.#sdk = sdk
    this.#server = server
    this.#authenticated = authenticated
  }

  /** The card as JSON, in the form of the protocol that the caller speaks. Who is not known sees no workflows. */
  async card(request: Request, principal: Principal | undefined): Promise<object> {
    const card = this.#card(request, await this.#skills(principal))
    return cardJson(this.#sdk, card, request.headers.get(versionHeader) ?? '0.3')
  }

  /** Answers a request of JSON-RPC. @throws Problem for what HTTP has an answer to */
  async fetch(request: Request, principal: Principal): Promise<Response> {
    let body: Body
    try {
      body = (await readJson(request, this.#server.limits)) as Body
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.status !== 400) throw thrown
      const code = thrown.options.faults === undefined ? parseError : invalidRequest
      return Response.json({ jsonrpc: '2.0', id: null, error: { code, message: problemText(thrown) } })
    }
    const version = this.#versionOf(request, body)
    const gone = new AbortController()
    const left = (): void => gone.abort()
    request.signal.addEventListener('abort', left, { once: true })
    const card = this.#card(request, startableOrchestrations(this.#server))
    const skills = (): Promise<readonly Startable[]> => this.#skills(principal)
    const extendedCard = async (): Promise<AgentCard> => this.#card(request, await skills())
    const tasks = new RunTasks(this.#sdk, this.#server, { principal, signal: gone.signal, card, extendedCard, skills })
    const { JsonRpcTransportHandler: Modern, LegacyJsonRpcTransportHandler: Legacy } = this.#sdk
    const isLegacy = version === '0.3'
    const failed = (thrown: unknown): object => {
      const error = isLegacy ? Legacy.mapToLegacyJSONRPCError(thrown) : Modern.mapToJSONRPCError(thrown)
      return { jsonrpc: '2.0', id: idOf(body), error }
    }
    const context = new this.#sdk.ServerCallContext({ requestedVersion: version })
    try {
      this.#sdk.validateVersion(version, card, 'JSONRPC')
      // What there is not need not be asked for rightly.
      if (/PushNotificationConfig/i.test(String(body?.['method']))) throw noPush(this.#sdk)
      checkParams(body?.['params'])
    } catch (thrown) {
      return Response.json(failed(a2aError(this.#sdk, this.#server, thrown)))
    }
    const answer = await new (isLegacy ? Legacy : Modern)(tasks).handle(body, context)
    if (tasks.refused !== undefined) throw tasks.refused
    if (!(Symbol.asyncIterator in answer)) return Response.json(answer)
    return this.#streamed(answer, tasks, { failed, left })
  }

  /** A stream, unless it is refused before its first message. */
  async #streamed(
    messages: AsyncGenerator<unknown, void, undefined>,
    tasks: RunTasks,
    { failed, left }: { failed: (thrown: unknown) => object; left: () => void },
  ): Promise<Response> {
    let first: IteratorResult<unknown, void>
    try {
      first = await messages.next()
    } catch (thrown) {
      if (tasks.refused !== undefined) throw tasks.refused
      return Response.json(failed(thrown))
    }
    async function* all(): AsyncGenerator<unknown, void, undefined> {
      try {
        if (first.done !== true) yield first.value
        yield* messages
      } finally {
        await messages.return()
      }
    }
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    }
    return new Response(rpcStream(all(), { clock: this.#server.clock, failed, left }), { headers })
  }

  /** Clients of 0.3 name no version; who uses the names of 1.0 means that. */
  #versionOf(request: Request, body: Body): string {
    const named = request.headers.get(versionHeader)
    if (named !== null && named !== '') return named
    const { method } = body ?? {}
    return typeof method === 'string' && this.#sdk.isV1JsonRpcMethod(method) ? '1.0' : '0.3'
  }

  #card({ url: requestUrl }: Request, skills: readonly Startable[]): AgentCard {
    return agentCard(this.#sdk, this.#server, { requestUrl, authenticated: this.#authenticated, skills })
  }

  async #skills(principal: Principal | undefined): Promise<readonly Startable[]> {
    const inCode = startableOrchestrations(this.#server)
    if (principal === undefined) return inCode
    const names = new Set(inCode.map(({ id }) => id))
    // Where both have an id, the orchestration is meant.
    return [...inCode, ...(await startableWorkflows(this.#server, principal)).filter(({ id }) => !names.has(id))]
  }
}

const parseError = -32700
const invalidRequest = -32600

function idOf(body: Body): unknown {
  const { id } = body ?? {}
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
