import { Subject } from 'rxjs'
import { consoleLogger, systemClock } from '../core/index.js'
import { RunHost } from '../durability/index.js'
import { ensureError, OptionError } from '../errors/index.js'
import { PrometheusMetrics } from '../observability/index.js'
import { a2aSettings } from './a2a/a2a-options.js'
import type { App, RouteContext } from './app.js'
import { authentication } from './authentication.js'
import { checkLocalCaller, checkOrigin } from './loopback.js'
import { mcpSettings } from './mcp/mcp-options.js'
import { apiErrorResponse, isOpenAiPath } from './openai/api-error.js'
import { loadPackage } from './optional-package.js'
import { anybody, type Principal } from './principal.js'
import { isServerFault, Problem, problemResponse } from './problem.js'
import { RequestRates } from './request-rates.js'
import { RouteTable } from './route-table.js'
import { addRoutes } from './routes.js'
import { RunKinds } from './run-kind.js'
import { countRuns } from './served-metrics.js'
import { servedWorkflows, workflowKind } from './served-workflows.js'
import type { ServerContext } from './server-context.js'
import type { BoundedLimits, ServedOrchestration, ServingLimits, ServingOptions } from './serving-options.js'
import { StreamGate } from './stream-gate.js'

/** What answers requests, wherever they come from. */
export interface ServingHandler {
  /** Answers a request; never rejects. */
  fetch(request: Request): Promise<Response>
  /** Whether callers have to say who they are; without, only this machine may be listened to. */
  readonly authenticated: boolean
  /** Whom a request comes from that is answered otherwise, an upgrade for example; it counts as one. @throws Problem 401, 403, 429 */
  principalOf(request: Request): Promise<Principal>
  readonly server: ServerContext
  /** Takes up the runs of the store that nobody drives; returns their ids. */
  recover(): Promise<readonly string[]>
  /** Lets what is at work finish, for at most `graceMs` milliseconds; the runs go on with the next handler of the store. */
  close(graceMs?: number): Promise<void>
}

/**
 * Makes a handler that serves orchestrations over HTTP, wherever there is a web-standard `fetch`; `listen` puts it on a port of Node.
 *
 * ```ts
 * const handler = await createHandler({ store, orchestrations: [new Research()] })
 * const server = await listen(handler, { port: 8787 })
 * ```
 *
 * @throws OPTION_INVALID; WiringError for an orchestration that is wrong; PACKAGE_MISSING if `hono` is not installed
 */
export async function createHandler(options: ServingOptions): Promise<ServingHandler> {
  const { store, auth, logger = consoleLogger, clock = systemClock, monitor = true } = options
  const { Hono } = await loadPackage('hono', () => import('hono'))
  const authenticate = auth === undefined ? undefined : authentication(auth)
  const orchestrations = servedOrchestrations(options.orchestrations ?? [])
  const limits = limitsOf(options.limits)
  const rates = new RequestRates(options.limits?.requests, clock)
  const kinds = new RunKinds()
  const host = new RunHost({
    store,
    orchestrations: [...orchestrations.values()].map(each => each.orchestration),
    resolve: run => kinds.of(run)?.definitionOf(run),
    logger,
  })
  const metrics = new PrometheusMetrics({ logger })
  const workflows = servedWorkflows(options.workflows, { host, clock, logger }, () => server)
  kinds.add(workflowKind(workflows))
  const stopCounting = countRuns(metrics, host, workflows)
  const server: ServerContext = {
    host,
    orchestrations,
    chats: new Map(Object.entries(options.chats ?? {})),
    kinds,
    workflows,
    limits,
    mcp: mcpSettings(options.mcp),
    a2a: a2aSettings(options.a2a),
    started$: new Subject(),
    streams: new StreamGate(limits.maxStreams),
    metrics,
    logger,
    clock,
  }

  const principalOf = async (request: Request): Promise<Principal> => {
    if (authenticate === undefined) {
      checkLocalCaller(request)
      return anybody
    }
    checkOrigin(request)
    const principal = await authenticate(request)
    // Functions in plain JavaScript may also say null.
    if (principal) return principal
    const headers = { 'www-authenticate': 'Bearer' }
    throw new Problem(401, { code: 'UNAUTHENTICATED', detail: 'Send a bearer token that this server knows.', headers })
  }

  const app: App = new Hono()
  app.use(async (context, next) => {
    context.set('requestId', globalThis.crypto.randomUUID())
    await next()
    // A page of somebody else must not take what is sent for anything but what it is, and nobody on the way is to keep it.
    context.header('x-content-type-options', 'nosniff')
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
    context.header('x-request-id', context.get('requestId'))
    for (const [name, value] of Object.entries(context.get('rate') ?? {})) context.header(name, value)
  })
  const table = new RouteTable()
  addRoutes(table, server, {
    monitor,
    workflows: options.workflows,
    callers: { authenticated: authenticate !== undefined, principalOf },
  })
  table.register(app, principalOf, principal => rates.count(principal))
  const refuse = (thrown: unknown, { req, get }: RouteContext): Response =>
    isOpenAiPath(req.path) ? apiErrorResponse(thrown) : problemResponse(thrown, get('requestId'))
  app.notFound(context => refuse(noSuchRoute(context.req.method, context.req.path), context))
  app.onError((thrown, context) => {
    const requestId = context.get('requestId')
    if (isServerFault(thrown)) logger.warn(`Request ${requestId} failed`, ensureError(thrown))
    return refuse(thrown, context)
  })

  return {
    fetch: async request => app.fetch(request),
    authenticated: authenticate !== undefined,
    principalOf: async request => {
      const principal = await principalOf(request)
      await rates.count(principal)
      return principal
    },
    server,
    recover: async () => (await host.recover()).runIds,
    close: async graceMs => {
      server.streams.close()
      await host.close(graceMs)
      stopCounting()
    },
  }
}

function noSuchRoute(method: string, path: string): Problem {
  return new Problem(404, {
    code: 'NOT_FOUND',
    detail: `There is nothing at ${method} ${path}. /openapi.json has all there is.`,
  })
}

function servedOrchestrations(given: NonNullable<ServingOptions['orchestrations']>): Map<string, ServedOrchestration> {
  const served = new Map<string, ServedOrchestration>()
  for (const each of given) {
    const entry: ServedOrchestration = 'orchestration' in each ? each : { orchestration: each }
    const { name } = entry.orchestration
    if (served.has(name)) throw new OptionError('orchestrations', 'orchestrations of different names', name)
    // A definition that is wrong is the affair of whoever starts the server, not of its first client.
    void entry.orchestration.graph
    served.set(name, entry)
  }
  return served
}

function limitsOf({ requests: _requests, ...given }: ServingLimits = {}): BoundedLimits {
  const { maxRuns = 1000 } = given
  const limits = {
    maxBodyBytes: 2 ** 20,
    maxDepth: 64,
    maxRuns,
    maxRunsPerTenant: maxRuns,
    maxStreams: 1000,
    maxBufferedBytes: 2 ** 20,
    ...given,
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new OptionError(`limits.${name}`, 'a whole number of at least 1', limit)
  }
  return limits
}
