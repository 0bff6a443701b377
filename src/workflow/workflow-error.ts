import { OrchestrationError } from '../errors/index.js'

/** One thing that is wrong with a definition, as data. */
export interface WorkflowFault {
  /** Where: `nodes[2].config.condition`, `nodes.search.type`, `edges[0].to`; empty if it is about the definition as a whole. */
  readonly path: string
  /** What is wrong there; inside a text with the position, counted from 1. */
  readonly message: string
  /** The way out: what was expected, or the nearest known name. */
  readonly advice: string
}

/** A definition is refused. It tells of everything that is wrong with it at once; `code` is `WORKFLOW_INVALID`. */
export class WorkflowError extends OrchestrationError {
  readonly faults: readonly WorkflowFault[]

  constructor(workflow: string, faults: readonly WorkflowFault[]) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    super(`Workflow ${JSON.stringify(workflow)} has ${count}:\n${faults.map(line).join('\n')}`, {
      code: 'WORKFLOW_INVALID',
      details: { workflow, faults },
    })
    this.faults = faults
  }
}

function line({ path, message, advice }: WorkflowFault): string {
  return `- ${path === '' ? '' : `${path}: `}${message} ${advice}`.trimEnd()
}
