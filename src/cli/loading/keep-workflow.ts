import { OrchestrationError } from '../../errors/index.js'
import type { Workflow, WorkflowRecord, WorkflowService } from '../../workflow/index.js'

/** Creates a workflow, or makes the one of that id what it is in the file; nothing changes if it is that already. */
export async function keepWorkflow(
  service: WorkflowService,
  id: string,
  workflow: Workflow,
  tenant = 'default',
): Promise<void> {
  const before = await existing(service, id, tenant)
  const { name, description = null, nodes, edges = [], max_budget: maxBudget = null } = workflow.toJSON()
  if (before === undefined) {
    await service.create(workflow.toJSON(), { id, tenant })
    return
  }
  if (before.status === 'active' && JSON.stringify(before.workflow) === JSON.stringify(workflow)) return
  const changes = { name, description, nodes, edges, max_budget: maxBudget, status: 'active' }
  await service.update(id, changes, { tenant })
}

async function existing(service: WorkflowService, id: string, tenant: string): Promise<WorkflowRecord | undefined> {
  try {
    return await service.get(id, { tenant })
  } catch (thrown) {
    if (OrchestrationError.isInstance(thrown) && thrown.code === 'WORKFLOW_UNKNOWN') return undefined
    throw thrown
  }
}
