import type { Interceptor } from '../../core/index.js'
import { fallback, retry, retryOptionsFrom, timeout } from '../../resilience/index.js'
import type { AgentCallPlan, GraphPlan } from '../definition/node-plan.js'
import { isBudgetFailure } from './failures.js'
import { GraphRecord } from './graph-record.js'

/** What stands around the call of an agent, the outermost first. */
export function agentPolicies(node: AgentCallPlan, graph: GraphPlan, breaker: Interceptor): readonly Interceptor[] {
  const { id, fallback: answer } = node
  const answering =
    answer === undefined
      ? []
      : [
          fallback((_error, { context }) => answer.render(id, new GraphRecord(graph, context).valuesOf(node)), {
            when: error => !isBudgetFailure(error),
          }),
        ]
  return [
    ...answering,
    ...(node.retry === undefined ? [] : [retry(retryOptionsFrom(node.retry))]),
    breaker,
    ...(node.timeoutMs === undefined ? [] : [timeout({ timeoutMs: node.timeoutMs })]),
  ]
}
