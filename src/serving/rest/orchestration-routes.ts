import type { OrchestrationGraph } from '../../core/index.js'
import type { HostedOrchestration } from '../../durability/index.js'
import { didYouMean } from '../../errors/internal.js'
import { basePath } from '../base-path.js'
import { idempotencyHeader, idempotencyNote, idempotently } from '../idempotency.js'
import { Problem } from '../problem.js'
import { readAs } from '../request-body.js'
import type { RouteTable } from '../route-table.js'
import type { ServerContext } from '../server-context.js'
import type { ServedOrchestration } from '../serving-options.js'
import { startRunOnce } from '../start-run.js'
import {
  ExecuteOrchestrationBody,
  type GraphBody,
  OrchestrationBody,
  OrchestrationsBody,
  StartedBody,
} from './orchestration-body.js'

const tag = 'Orchestrations'

/** Orchestrations in code: what there is, and how they are executed. */
export function addOrchestrationRoutes(table: RouteTable, server: ServerContext): void {
  table.add(
    {
      method: 'GET',
      path: `${basePath}/orchestrations`,
      access: 'read',
      operation: 'list_orchestrations',
      summary: 'The orchestrations in code.',
      tag,
      answers: { 200: { description: 'All of them.', body: OrchestrationsBody } },
      handle: context => {
        const orchestrations = [...server.orchestrations.values()].map(summaryOf)
        return context.json({ orchestrations, total: orchestrations.length })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/orchestrations/{name}`,
      access: 'read',
      operation: 'get_orchestration',
      summary: 'What an orchestration takes, returns and consists of.',
      tag,
      answers: { 200: { description: 'The orchestration.', body: OrchestrationBody } },
      handle: context => {
        const served = servedAs(server, context.req.param('name') ?? '')
        return context.json(orchestrationBody(served))
      },
    },
    {
      method: 'POST',
      path: `${basePath}/orchestrations/{name}/execute`,
      access: 'run',
      operation: 'execute_orchestration',
      summary: 'Starts an execution and answers at once.',
      tag,
      headers: { [idempotencyHeader]: idempotencyNote },
      body: ExecuteOrchestrationBody,
      bodyRequired: false,
      answers: { 202: { description: 'It has been started.', body: StartedBody } },
      handle: async (context, principal) => {
        const request = context.req.raw
        const { orchestration } = servedAs(server, context.req.param('name') ?? '')
        const body = await readAs(request, ExecuteOrchestrationBody, server.limits)
        const operation = `execute/${orchestration.name}`
        const answer = await idempotently(server, principal, { request, operation, body }, async attempt => {
          const { input, run_id: runId } = body
          const id = await startRunOnce(server, principal, attempt, {
            orchestration,
            input,
            ...(runId === undefined ? {} : { runId }),
          })
          return { status: 202, body: { execution_id: id, status: 'running' } }
        })
        return context.json(answer.body, answer.status as 202)
      },
    },
  )
}

/** An orchestration in code. @throws Problem 404 with the names that come nearest */
function servedAs({ orchestrations }: ServerContext, name: string): ServedOrchestration {
  const found = orchestrations.get(name)
  if (found !== undefined) return found
  const hint = didYouMean(name, [...orchestrations.keys()], 'There are none.')
  throw new Problem(404, { code: 'ORCHESTRATION_UNKNOWN', detail: `There is no orchestration "${name}". ${hint}` })
}

/** The states and ways of an orchestration. */
export function graphBody(graph: OrchestrationGraph): GraphBody {
  return {
    entry: graph.entry.name,
    nodes: graph.nodes.map(({ name, kind }) => ({ id: name, type: kind })),
    edges: graph.nodes.flatMap(node => [
      ...edgesOf(node.name, node.advancers),
      ...edgesOf(node.name, node.errorAdvancers).map(edge => Object.assign(edge, { on_error: true })),
    ]),
  }
}

function edgesOf(from: string, advancers: OrchestrationGraph['nodes'][number]['advancers']): GraphBody['edges'] {
  return advancers.flatMap(({ name, targets = [] }) =>
    targets.map(target => ({ from, to: target.name, advancer: name })),
  )
}

function summaryOf({ orchestration, description }: ServedOrchestration): { name: string; description?: string } {
  return { name: orchestration.name, ...(description === undefined ? {} : { description }) }
}

function orchestrationBody(served: ServedOrchestration): OrchestrationBody {
  const { graph } = served.orchestration as HostedOrchestration
  return {
    ...summaryOf(served),
    ...(graph.input === undefined ? {} : { input: graph.input.toJsonSchema() }),
    ...(graph.output === undefined ? {} : { output: graph.output.toJsonSchema() }),
    graph: graphBody(graph),
  }
}
