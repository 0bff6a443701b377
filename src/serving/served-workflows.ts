import { AgentRegistry } from '../agents/index.js'
import type { HostedOrchestration } from '../durability/index.js'
import { OptionError } from '../errors/index.js'
import { type ServiceEnvironment, WorkflowService, type WorkflowServiceLimits } from '../workflow/index.js'
import { nodeIdOfState, nodesViewOf, subjectOfApproval } from '../workflow/internal.js'
import { allowHosts } from './allow-list.js'
import { allScopes } from './principal.js'
import type { RunKind } from './run-kind.js'
import { type ServerContext, tenantTag } from './server-context.js'
import { startRun } from './start-run.js'

/** How JSON workflows are served: what their definitions find around them, and what they may call. */
export interface WorkflowServing extends ServiceEnvironment {
  /**
   * The hosts that definitions may call by `endpoint`, as `allowHosts` takes them; they have no effect with an `allowUrl` of your own.
   * @default none
   */
  readonly hosts?: readonly string[]
  /** Whether those hosts may be in private networks. @default false */
  readonly allowPrivate?: boolean
  /** What tenants find besides, or instead. @default all find the same */
  readonly forTenant?: (tenant: string) => ServiceEnvironment
  readonly limits?: WorkflowServiceLimits
  /** Whether a change has to say by `If-Match` what it is a change of; without, it is answered with 428. @default false */
  readonly requireIfMatch?: boolean
}

/** The workflows of a server, whose runs belong to its host; without options, they find nothing around them. @throws OPTION_INVALID */
export function servedWorkflows(
  options: WorkflowServing | true | undefined,
  { host, clock, logger }: Pick<ServerContext, 'host' | 'clock' | 'logger'>,
  server: () => ServerContext,
): WorkflowService {
  const given = options === undefined ? { registry: new AgentRegistry() } : options === true ? {} : options
  if (typeof given !== 'object' || given === null) throw new OptionError('workflows', 'true or an object', options)
  const {
    hosts = [],
    allowPrivate = false,
    forTenant,
    limits,
    requireIfMatch: _requireIfMatch,
    ...around
  }: WorkflowServing = given
  const outgoing = around.allowUrl === undefined ? allowHosts(hosts, { allowPrivate }) : {}
  const environment = { ...around, ...outgoing }
  return new WorkflowService({
    host,
    environment: forTenant === undefined ? environment : tenant => ({ ...environment, ...forTenant(tenant) }),
    clock,
    logger,
    ...(limits === undefined ? {} : { limits }),
    start: (orchestration: HostedOrchestration, input, { tags = {}, ...how }) => {
      const tenant = tags[tenantTag] ?? 'default'
      return startRun(
        server(),
        { tenant, name: 'workflows', scopes: allScopes },
        { ...how, orchestration, input, tags },
      )
    },
  })
}

/** The runs of workflows among those of a server. */
export function workflowKind(workflows: WorkflowService): RunKind {
  return {
    has: run => workflows.has(run),
    definitionOf: run => workflows.definitionOf(run),
    nodes: (run, events) => workflows.nodesOf(run, events),
    nodeId: nodeIdOfState,
    view: nodesViewOf,
    subject: subjectOfApproval,
    prices: run => workflows.pricesOf(run),
  }
}
