import type { RunContext } from '../../core/index.js'
import { state } from '../../graph/index.js'
import type { ConditionTest } from '../conditions/condition-test.js'
import type { ConditionPlan, GraphPlan } from '../definition/node-plan.js'
import { GraphRecord } from './graph-record.js'
import { type NodeStates, single } from './node-states.js'

/** A condition: its output says which branch is taken, and the edges go by it. */
export function conditionStates(node: ConditionPlan, graph: GraphPlan): NodeStates {
  const { id, test, branches } = node
  const decide = state(id, (_input: unknown, context) => {
    const values = new GraphRecord(graph, context).valuesOf(node)
    const met = tested(test, context, () => test.test(values, () => values.all()))
    const targets = met.met ? branches.true : branches.false
    return {
      condition_met: met.met,
      field: test.text,
      actual_value: met.actual ?? null,
      selected_branch: targets.length > 1 ? targets : (targets[0] ?? null),
    }
  })
  return single(id, decide)
}

/** Asks a test, and tells of a path that was not there. */
function tested<T extends { readonly missing?: string }>(test: ConditionTest, context: RunContext, ask: () => T): T {
  const result = ask()
  if (result.missing !== undefined) {
    context.emit({ type: 'custom', name: 'condition.missing', data: { condition: test.text, path: result.missing } })
  }
  return result
}
