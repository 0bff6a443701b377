import type { OrchestrationEvent } from '../../core/index.js'
import type { RunView } from '../../durability/index.js'
import type { PriceTable } from '../../resilience/index.js'
import { planOf, type Workflow } from '../workflow.js'
import type { NodeStatus } from './node-status.js'
import { StatusRows } from './status-rows.js'
import { EventStatuses } from './statuses-of-events.js'
import { addView } from './statuses-of-view.js'

/**
 * Where the nodes of a workflow are in a run of it (S2-27, S2-29): of the run's events so far, or of what its journal knows (which has no
 * times and attempts). Nodes in bodies are listed after those that they belong to, with `parent`; the cost of a node has the costs inside
 * of it, so the rows without `parent` add up to that of the run.
 *
 * @param prices what models cost, for usage that was reported without a cost
 */
export function nodeStatuses(
  workflow: Workflow,
  run: Iterable<OrchestrationEvent> | RunView,
  prices?: PriceTable,
): readonly NodeStatus[] {
  const plan = planOf(workflow)
  const rows = new StatusRows(plan)
  if (Symbol.iterator in run) {
    const events = new EventStatuses(rows, prices)
    for (const event of run) events.add(event)
  } else addView(rows, plan, run, prices)
  return rows.statuses
}
