import { type A2aCallers, addA2aRoutes } from './a2a/a2a-routes.js'
import { addLiveRoutes } from './live/live-routes.js'
import { addMcpRoutes } from './mcp/mcp-routes.js'
import { addMonitorRoutes } from './monitor/monitor-routes.js'
import { addOpenAIRoutes } from './openai/openai-routes.js'
import { addOperationsRoutes } from './operations-routes.js'
import { addExecutionRoutes } from './rest/execution-routes.js'
import { addForkRoutes } from './rest/fork-routes.js'
import { addInspectionRoutes } from './rest/inspection-routes.js'
import { addOrchestrationRoutes } from './rest/orchestration-routes.js'
import { addRequestRoutes } from './rest/request-routes.js'
import { addSteeringRoutes } from './rest/steering-routes.js'
import { addWorkflowRoutes } from './rest/workflow-routes.js'
import type { RouteTable } from './route-table.js'
import type { ServerContext } from './server-context.js'
import type { ServingOptions } from './serving-options.js'

/** Which routes there are. */
export interface RouteOptions {
  readonly monitor: boolean
  /** @default none of workflows */
  readonly workflows?: ServingOptions['workflows'] | undefined
  /** How callers are known, for the card, which is for everybody but has more for some. @default nothing of A2A */
  readonly callers?: A2aCallers
}

/** Everything that can be asked for: each folder adds what it has, with one line here. */
export function addRoutes(
  table: RouteTable,
  server: ServerContext,
  { monitor, workflows, callers }: RouteOptions,
): void {
  if (workflows !== undefined) addWorkflowRoutes(table, server, workflows)
  addOrchestrationRoutes(table, server)
  addExecutionRoutes(table, server)
  addSteeringRoutes(table, server)
  addRequestRoutes(table, server)
  addInspectionRoutes(table, server)
  addForkRoutes(table, server)
  addLiveRoutes(table, server)
  addOpenAIRoutes(table, server)
  addMcpRoutes(table, server)
  if (callers !== undefined) addA2aRoutes(table, server, callers)
  if (monitor) addMonitorRoutes(table, { workflows: workflows !== undefined })
  addOperationsRoutes(table, server)
}
