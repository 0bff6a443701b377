import type { GraphPlan } from './definition/node-plan.js'
import type {
  WorkflowDefinition,
  WorkflowEdgeDefinition,
  WorkflowNodeDefinition,
} from './definition/workflow-definition.js'

const plans = new WeakMap<Workflow, GraphPlan>()

/** A definition that has been found right. Made by `parseWorkflow`, frozen, and the same whenever it is written and read again. */
export class Workflow {
  readonly name: string
  readonly description: string | undefined
  readonly nodes: readonly Readonly<WorkflowNodeDefinition>[]
  /** Those of `depends_on` included, each once. */
  readonly edges: readonly Readonly<WorkflowEdgeDefinition>[]
  /** What an execution may cost, unless it is started with another limit. */
  readonly maxBudget: number | undefined

  /** @internal */
  constructor(definition: WorkflowDefinition, plan: GraphPlan) {
    this.name = definition.name
    this.description = definition.description
    this.nodes = definition.nodes
    this.edges = definition.edges ?? []
    this.maxBudget = definition.max_budget
    plans.set(this, plan)
    Object.freeze(this)
  }

  /** The definition in the form of the JSON that it was read from: snake_case, nodes and edges as arrays; a copy. */
  toJSON(): WorkflowDefinition {
    const { name, description, nodes, edges, maxBudget } = this
    return structuredClone({
      name,
      ...(description === undefined ? {} : { description }),
      nodes: [...nodes],
      edges: [...edges],
      ...(maxBudget === undefined ? {} : { max_budget: maxBudget }),
    })
  }
}

/** @internal What a workflow comes to. */
export function planOf(workflow: Workflow): GraphPlan {
  return plans.get(workflow) as GraphPlan
}
