import type { RunRecord } from '../../durability/index.js'
import type { Json, JsonSchema } from '../../schema/index.js'
import { openRequests } from '../answer-request.js'
import type { Principal } from '../principal.js'
import { RequestBody } from '../rest/execution-body.js'
import { executionStatuses } from '../rest/execution-status.js'
import { executionBody, requestBody } from '../rest/execution-view.js'
import { runOf, type ServerContext } from '../server-context.js'
import type { McpAnswer } from './mcp-tool.js'
import { argumentsOf, objectOf } from './tool-schema.js'

const text: JsonSchema = { type: 'string' }
const error = objectOf({ name: text, message: text, code: text, retryable: { type: 'boolean' } }, ['message'])
const requests = (): JsonSchema => ({ type: 'array', items: argumentsOf(RequestBody) })

/** What an execution has come to (S2-36): its output only once it has completed, what it waits for only if it waits. */
export function outcomeSchema(output: JsonSchema = {}): JsonSchema {
  return objectOf(
    {
      execution_id: text,
      status: { type: 'string', enum: [...executionStatuses] },
      output,
      error,
      pending_approvals: requests(),
      pending_signals: requests(),
    },
    ['execution_id', 'status'],
  )
}

/** What an execution is doing (S2-37). */
export const statusSchema: JsonSchema = objectOf(
  {
    execution_id: text,
    status: { type: 'string', enum: [...executionStatuses] },
    total_cost: { type: 'number', description: 'In USD, as far as it is known.' },
    current_nodes: { type: 'array', items: text },
    pending_approvals: requests(),
    pending_signals: requests(),
    error,
    output: {},
  },
  ['execution_id', 'status', 'total_cost', 'current_nodes', 'pending_approvals'],
)

/** What an execution of the caller's tenant is doing. @throws Problem 404 */
export async function statusAnswer(server: ServerContext, principal: Principal, runId: string): Promise<McpAnswer> {
  const record = await runOf(server, principal, runId)
  const body = await executionBody(server, record)
  const { execution_id, status, total_cost_usd, current_nodes, pending_approvals } = body
  return {
    structured: {
      execution_id,
      status,
      total_cost: total_cost_usd,
      current_nodes: [...current_nodes],
      pending_approvals: plain(pending_approvals),
      ...(await signalsOf(server, record)),
      ...ended(body),
    },
  }
}

/** What an execution that was waited for has come to; a failure counts as one of the call. */
export async function outcomeAnswer(server: ServerContext, principal: Principal, runId: string): Promise<McpAnswer> {
  const record = await runOf(server, principal, runId)
  const body = await executionBody(server, record)
  const { execution_id, status, pending_approvals } = body
  const signals = await signalsOf(server, record)
  const structured = {
    execution_id,
    status,
    ...ended(body),
    ...(pending_approvals.length === 0 ? {} : { pending_approvals: plain(pending_approvals) }),
    ...signals,
  }
  switch (status) {
    case 'completed':
      return { structured }
    case 'failed': {
      const { message = 'nobody knows why' } = body.error ?? {}
      const advice = 'Call workflow_status for where it got to.'
      return {
        structured,
        text: `Execution ${execution_id} has failed: ${message.replace(/\.?$/, '.')} ${advice}`,
        isError: true,
      }
    }
    case 'cancelled':
      return { structured, text: `Execution ${execution_id} was cancelled.`, isError: true }
    default:
      return { structured, text: `${JSON.stringify(structured)}\n${nextStep(structured)}` }
  }
}

function nextStep({ pending_approvals: approvals, pending_signals: signals }: Readonly<Record<string, Json>>): string {
  const steps = [
    ...(approvals === undefined ? [] : ['It waits for approval: decide with approval_answer.']),
    ...(signals === undefined ? [] : ['It waits for a message: send it with signal_send.']),
  ]
  if (steps.length === 0) return 'It goes on: call workflow_status with the execution_id for what comes of it.'
  return `${steps.join(' ')} Then call workflow_status for what comes of it.`
}

/** The messages that an execution waits for, if it does. */
async function signalsOf(server: ServerContext, record: RunRecord): Promise<{ readonly pending_signals?: Json }> {
  const open = await openRequests(server, record, 'signal')
  return open.length === 0 ? {} : { pending_signals: plain(open.map(each => requestBody(server, each, record))) }
}

function ended({
  output,
  error: failure,
}: {
  readonly output?: unknown
  readonly error?: unknown
}): Record<string, Json> {
  return {
    ...(output === undefined ? {} : { output: plain(output) }),
    ...(failure === undefined ? {} : { error: plain(failure) }),
  }
}

function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
