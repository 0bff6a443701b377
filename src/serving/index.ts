export type { A2aServingOptions } from './a2a/a2a-options.js'
export { type AllowListOptions, allowHosts, type OutgoingCalls } from './allow-list.js'
export type { AuthenticationOptions, TokenOptions } from './authentication.js'
export { createHandler, type ServingHandler } from './create-handler.js'
export { LiveConnection, type LiveSocket } from './live/live-connection.js'
export type { McpServingOptions } from './mcp/mcp-options.js'
export {
  type McpInput,
  type McpOutput,
  type McpStdioOptions,
  type McpStdioServer,
  serveMcpStdio,
} from './mcp/mcp-stdio.js'
export { type Listening, type ListenOptions, listen } from './node/listen.js'
export type { Principal, Scope } from './principal.js'
export type { NodeReport, RunKind, RunKinds } from './run-kind.js'
export type { WorkflowServing } from './served-workflows.js'
export type { ServerContext } from './server-context.js'
export type {
  BoundedLimits,
  RequestRate,
  ServedOrchestration,
  ServingLimits,
  ServingOptions,
} from './serving-options.js'
export type { StreamGate } from './stream-gate.js'
