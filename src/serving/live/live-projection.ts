import type { OrchestrationEvent } from '../../core/index.js'
import type { RunRecord } from '../../durability/index.js'
import type { Json } from '../../schema/index.js'
import type { RunKinds } from '../run-kind.js'
import { type ServerContext, workflowTags } from '../server-context.js'
import { wireTime, wireValue } from '../wire-value.js'

/** What a server says over a WebSocket. */
export interface LiveEnvelope {
  readonly type: string
  /** In ISO 8601. */
  readonly timestamp: string
  readonly data: Json
}

const runEvents: Readonly<Record<string, string>> = {
  'orchestration.started': 'execution_started',
  'orchestration.completed': 'execution_completed',
  'orchestration.failed': 'execution_failed',
  'orchestration.paused': 'execution_paused',
  'orchestration.resumed': 'execution_resumed',
  'orchestration.cancelled': 'execution_cancelled',
}

const nodeEvents: Readonly<Record<string, string>> = {
  'state.started': 'node_started',
  'state.completed': 'node_completed',
  'state.failed': 'node_failed',
  'state.skipped': 'node_skipped',
  'approval.requested': 'approval_requested',
  'approval.answered': 'approval_answered',
}

/** What is told of a node only when its own state says so. */
const ownEvents: ReadonlySet<string> = new Set(['node_started', 'node_completed', 'node_skipped'])

/** What an event means to those who know executions and nodes only (S2-10, S2-43); `undefined` if it means nothing to them. */
export function projected(
  { kinds }: ServerContext,
  record: RunRecord,
  event: OrchestrationEvent,
): LiveEnvelope | undefined {
  const { [workflowTags.id]: workflowId } = record.tags
  const about = {
    execution_id: record.runId,
    ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
    seq: event.seq,
  }
  const timestamp = wireTime(event.at)
  const { [event.type]: ofRun } = runEvents
  if (ofRun !== undefined) {
    if (event.path !== undefined) return undefined
    const orchestration = record.orchestration
    return { type: ofRun, timestamp, data: { ...about, orchestration, ...outcomeOf(event) } }
  }
  const { [event.type]: type } = nodeEvents
  if (type === undefined || !('stateName' in event) || event.stateName === undefined) return undefined
  const own = kinds.nodeId(record, event.stateName)
  // What a state only prepares, or winds up, for its node, is not its beginning and its end.
  if (own === undefined || (own !== event.stateName && ownEvents.has(type))) return undefined
  const around = kinds.nodePath(record, event.path ?? [])
  return { type, timestamp, data: { ...about, node_id: [...around, own].join('/'), ...detailOf(kinds, record, event) } }
}

function outcomeOf(event: OrchestrationEvent): Readonly<Record<string, Json>> {
  if (event.type === 'orchestration.failed') return { error_message: event.errorMessage }
  if (event.type === 'orchestration.cancelled') return { reason: event.reason }
  return event.type === 'orchestration.completed' ? { output: wireValue(event.output) } : {}
}

function detailOf(kinds: RunKinds, record: RunRecord, event: OrchestrationEvent): Readonly<Record<string, Json>> {
  switch (event.type) {
    case 'state.failed':
      return { error_message: event.errorMessage, handled: event.handled }
    case 'state.skipped':
      return { reason: event.reason }
    case 'approval.requested':
      return {
        request_id: event.requestId,
        message: event.message,
        input: wireValue(kinds.subject(record, event.subject)),
      }
    case 'approval.answered': {
      const { requestId, outcome, by, comment } = event
      return {
        request_id: requestId,
        outcome,
        ...(by === undefined ? {} : { by }),
        ...(comment === undefined ? {} : { reason: comment }),
      }
    }
    default:
      return {}
  }
}
