import { IsBoolean, IsIn, IsInt, IsOptional, Min } from 'class-validator'
import type { OrchestrationEvent } from '../../core/index.js'
import type { HostedOrchestration, RunRecord } from '../../durability/index.js'
import { toSvg, traceOf } from '../../graph/index.js'
import { CostTracker } from '../../resilience/index.js'
import { Description } from '../../schema/index.js'
import { basePath } from '../base-path.js'
import { Problem } from '../problem.js'
import { readQuery } from '../request-query.js'
import type { RouteTable } from '../route-table.js'
import type { NodeReport } from '../run-kind.js'
import { runOf, type ServerContext, workflowTags } from '../server-context.js'
import { wireEvent } from '../wire-event.js'
import { wireTime, wireValue } from '../wire-value.js'
import { RunStateBody } from './execution-body.js'
import { executionStatus } from './execution-status.js'
import { dollars, runStateBody } from './execution-view.js'
import { drawnNodes, drawnStates, executionGraph } from './graph-view.js'
import {
  ExecutionCostBody,
  ExecutionGraphBody,
  type ExecutionNodeBody,
  ExecutionNodesBody,
  HistoryBody,
} from './inspection-body.js'
import { defaultLimit, PageQuery } from './paging.js'
import { definitionOf, eventsOf, historyPage } from './run-reader.js'
import { stateReports } from './state-reports.js'

const tag = 'Looking into executions'

/** In which form a graph is wanted. */
class GraphQuery {
  @Description('json unless the Accept header asks for image/svg+xml.')
  @IsOptional()
  @IsIn(['json', 'svg'])
  format?: 'json' | 'svg'

  @IsOptional()
  @IsIn(['light', 'dark'])
  theme?: 'light' | 'dark'

  @IsOptional()
  @IsIn(['down', 'right'])
  direction?: 'down' | 'right'

  @Description('Whether a picture shows what happened; true if it is left out, false for the definition alone.')
  @IsOptional()
  @IsBoolean()
  trace?: boolean

  @Description('states: of a workflow, the states that it is compiled to, instead of its nodes.')
  @IsOptional()
  @IsIn(['nodes', 'states'])
  view?: 'nodes' | 'states'
}

/** At which place a state is wanted. */
class StateQuery {
  @Description('An entry of the journal; the last one if it is left out.')
  @IsOptional()
  @IsInt()
  @Min(1)
  at?: number

  @Description(
    'nodes: of a workflow, only branches, outputs and properties of its nodes. states, if it is left out: all there is.',
  )
  @IsOptional()
  @IsIn(['nodes', 'states'])
  view?: 'nodes' | 'states'
}

/** What happened in executions, what they cost, and how they were (S2-29, S2-30). */
export function addInspectionRoutes(table: RouteTable, server: ServerContext): void {
  table.add(
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/nodes`,
      access: 'read',
      operation: 'list_execution_nodes',
      summary: 'What each node of an execution has come to.',
      tag,
      answers: { 200: { description: 'All nodes.', body: ExecutionNodesBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const nodes = (await nodesOf(server, record, await eventsOf(server, record))).map(nodeBody)
        return context.json({ execution_id: record.runId, nodes, total: nodes.length })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/cost`,
      access: 'read',
      operation: 'get_execution_cost',
      summary: 'What an execution has cost so far, and what for.',
      tag,
      answers: { 200: { description: 'The costs.', body: ExecutionCostBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        return context.json(await costBody(server, record))
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/graph`,
      access: 'read',
      operation: 'get_execution_graph',
      summary:
        'The states of an execution, or the nodes of its workflow, the ways between them, and what was taken how often.',
      tag,
      query: GraphQuery,
      headers: { Accept: 'application/json, or image/svg+xml for a picture.' },
      answers: {
        200: {
          description: 'The graph.',
          body: ExecutionGraphBody,
          mediaTypes: ['application/json', 'image/svg+xml'],
        },
      },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const query = readQuery(context, GraphQuery)
        const { format = accepted(context.req.header('accept')), theme, direction, trace: isTraced = true } = query
        const definition = await knownDefinition(server, record)
        const events = await eventsOf(server, record)
        const view = query.view === 'states' ? undefined : server.kinds.view(record, definition)
        const trace = view === undefined ? traceOf(events) : view.traceOf(events)
        context.header('vary', 'accept')
        if (format === 'json') {
          const drawn =
            view === undefined
              ? drawnStates(definition.graph, stateReports(definition.graph, events))
              : drawnNodes(view.outline, await nodesOf(server, record, events))
          return context.json(executionGraph(record, drawn, trace))
        }
        const svg = toSvg(view?.outline ?? definition.graph, {
          ...(isTraced && { trace }),
          ...(theme && { theme }),
          ...(direction && { direction }),
        })
        return context.body(svg, 200, {
          'content-type': 'image/svg+xml; charset=utf-8',
          // It is shown as a picture; whatever is in it must not run.
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/history`,
      access: 'read',
      operation: 'get_execution_history',
      summary: 'The journal of an execution, entry by entry.',
      tag,
      query: PageQuery,
      answers: { 200: { description: 'A page of it.', body: HistoryBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const { limit = defaultLimit, cursor = '1' } = readQuery(context, PageQuery)
        const from = entryNumber(cursor)
        const entries = await historyPage(server, record, from, limit)
        const next = from + limit
        return context.json({
          execution_id: record.runId,
          entries: entries.map(({ seq, at, events }) => ({ seq, at: wireTime(at), events: events.map(wireEvent) })),
          total: record.seq,
          ...(next <= record.seq ? { next_cursor: String(next) } : {}),
        })
      },
    },
    {
      method: 'GET',
      path: `${basePath}/executions/{execution_id}/state`,
      access: 'read',
      operation: 'get_execution_state',
      summary: 'An execution as it was after an entry of its journal.',
      tag,
      query: StateQuery,
      answers: { 200: { description: 'Its state.', body: RunStateBody } },
      handle: async (context, principal) => {
        const record = await runOf(server, principal, context.req.param('execution_id') ?? '')
        const { at, view } = readQuery(context, StateQuery)
        const journal = await server.host.journalOf(record.runId)
        const state = await journal.stateAt(record.runId, at)
        const nodeId = (name: string): string | undefined => server.kinds.nodeId(record, name)
        return context.json(runStateBody(state, view === 'nodes' ? nodeId : undefined))
      },
    },
  )
}

/** What the nodes of an execution have come to: those of its workflow, or its states. */
async function nodesOf(
  server: ServerContext,
  record: RunRecord,
  events: readonly OrchestrationEvent[],
): Promise<readonly NodeReport[]> {
  const own = await server.kinds.of(record)?.nodes?.(record, events)
  return own ?? stateReports((await definitionOf(server, record))?.graph, events)
}

/** What an execution has cost so far. */
async function costBody(server: ServerContext, record: RunRecord): Promise<ExecutionCostBody> {
  const events = await eventsOf(server, record)
  const [nodes, status] = await Promise.all([nodesOf(server, record, events), executionStatus(server, record)])
  const costs = new CostTracker(server.kinds.of(record)?.prices?.(record))
  for (const event of events) costs.add(event)
  const { total, models } = costs.report
  const { [workflowTags.id]: workflowId, [workflowTags.maxBudget]: maxBudget } = record.tags
  return {
    execution_id: record.runId,
    ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
    status,
    total_cost_usd: dollars(total.knownCost),
    ...(maxBudget === undefined ? {} : { max_budget: Number(maxBudget) }),
    node_costs: nodes.map(({ nodeId, nodeType, cost, status: nodeStatus }) => ({
      node_id: nodeId,
      node_type: nodeType,
      cost_usd: dollars(cost),
      status: nodeStatus,
    })),
    model_costs: models.map(({ name, calls, inputTokens, outputTokens, knownCost, unpricedCalls }) => ({
      model: name,
      calls,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cost_usd: dollars(knownCost),
      unpriced_calls: unpricedCalls,
    })),
  }
}

function nodeBody(node: NodeReport): ExecutionNodeBody {
  const { nodeId, nodeType, parent, status, input, output, cost, startedAt, completedAt, errorMessage, attempts } = node
  return {
    node_id: nodeId,
    node_type: nodeType,
    ...(parent === undefined ? {} : { parent }),
    status,
    ...(input === undefined ? {} : { input: wireValue(input) }),
    ...(output === undefined ? {} : { output: wireValue(output) }),
    cost_usd: dollars(cost),
    ...(startedAt === undefined ? {} : { started_at: wireTime(startedAt) }),
    ...(completedAt === undefined ? {} : { completed_at: wireTime(completedAt) }),
    ...(errorMessage === undefined ? {} : { error_message: errorMessage }),
    attempt: attempts,
  }
}

/** @throws Problem 409 if the server has the definition no more */
async function knownDefinition(server: ServerContext, record: RunRecord): Promise<HostedOrchestration> {
  const definition = await definitionOf(server, record)
  if (definition !== undefined) return definition
  const detail = `The definition of execution "${record.runId}", "${record.orchestration}", is not there any more.`
  throw new Problem(409, { code: 'ORCHESTRATION_UNKNOWN', detail })
}

function accepted(accept: string | undefined): 'json' | 'svg' {
  return accept?.includes('image/svg+xml') === true && !accept.includes('application/json') ? 'svg' : 'json'
}

function entryNumber(cursor: string): number {
  const number = Number(cursor)
  if (/^\d+$/.test(cursor) && number >= 1 && Number.isSafeInteger(number)) return number
  throw new Problem(422, { code: 'OPTION_INVALID', detail: 'cursor has to be the next_cursor of the page before.' })
}
