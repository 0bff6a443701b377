import type { Decision } from '../../core/index.js'
import type { LoopOutcome } from '../../graph/internal.js'
import type { NodePlan } from '../definition/node-plan.js'
import { plainOutput } from './plain-output.js'

/** What a turn of a loop's body comes to. */
export interface TurnResult {
  /** Of the last node of the body. */
  readonly output: unknown
  /** Of all its nodes that ran. */
  readonly nodes: Readonly<Record<string, unknown>>
}

/** The output of a node, as others read it, of what its state has returned. */
export function nodeOutput({ id, type }: Pick<NodePlan, 'id' | 'type'>, returned: unknown): unknown {
  switch (type) {
    case 'human_approval':
      return approvalOutput(returned)
    case 'loop':
      return loopOutput(returned as LoopOutcome<TurnResult>)
    case 'subworkflow':
      return subworkflowOutput(returned as Readonly<Record<string, unknown>>)
    case 'agent_call':
      return plainOutput(returned, id)
    default:
      return returned
  }
}

function approvalOutput(returned: unknown): unknown {
  // Of a run that was read from elsewhere, it is plain data.
  const { outcome, decision = {} } = returned as { readonly outcome: string; readonly decision?: Decision }
  return { approved: outcome === 'approved', outcome, ...decision }
}

function loopOutput({ results, iterations, exhausted, errors }: LoopOutcome<TurnResult>): unknown {
  const outputs = results.map(result => result?.output ?? null)
  return {
    output: outputs.at(-1) ?? null,
    results: outputs,
    iterations,
    exhausted,
    ...(errors.length > 0 && { errors }),
  }
}

function subworkflowOutput(returned: Readonly<Record<string, unknown>>): unknown {
  const { output, ...nodes } = returned
  return { status: 'completed', output, nodes }
}
