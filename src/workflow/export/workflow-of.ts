import type { Orchestration } from '../../core/index.js'
import { compiledOf } from '../compile/workflow-orchestration.js'
import type { WorkflowDefinition } from '../definition/workflow-definition.js'
import { parseWorkflow } from '../parse-workflow.js'
import type { WorkflowEnvironment } from '../workflow-environment.js'
import { WorkflowError } from '../workflow-error.js'
import { GraphExport } from './graph-export.js'
import type { Unsaid } from './unsaid.js'

/** An orchestration as JSON, as far as it can be said. */
export interface ExportedWorkflow {
  readonly definition: WorkflowDefinition
  /** Empty if the definition says it all, and can be compiled as it is. */
  readonly unsaid: readonly Unsaid[]
}

/**
 * Writes an orchestration as a definition. One that was compiled of a workflow gives that back. Of one that is built of code, states of
 * registered agents, approvals and fixed ways between them can be said; conditions, conversions, cycles, policies and work that is
 * code cannot, and are listed: such a state becomes an agent call by its name. Characters that ids do not have become `_`.
 *
 * @throws WIRING_INVALID if the orchestration is wrong itself
 */
export function workflowOf(
  orchestration: Orchestration<never, unknown>,
  environment: Pick<WorkflowEnvironment, 'agents' | 'registry'> = {},
): ExportedWorkflow {
  const compiled = compiledOf(orchestration)
  if (compiled !== undefined) return { definition: compiled.toJSON(), unsaid: [] }
  const { definition, unsaid } = new GraphExport(orchestration.graph, environment)
  return { definition, unsaid: [...unsaid, ...refusals(definition)] }
}

function refusals(definition: WorkflowDefinition): readonly Unsaid[] {
  try {
    parseWorkflow(definition)
    return []
  } catch (thrown) {
    if (!(thrown instanceof WorkflowError)) throw thrown
    return thrown.faults.map(({ path, message, advice }) => ({ message: `${path}: ${message} ${advice}`.trimEnd() }))
  }
}
