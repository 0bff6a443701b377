import { planOf, type Workflow } from './workflow.js'

/**
 * The ids of a workflow's nodes by dependency layers (S2-13): the nodes of a layer run at once, each layer after the one before. Nodes in
 * bodies are not among them.
 */
export function layersOf(workflow: Workflow): readonly (readonly string[])[] {
  return planOf(workflow).layers
}
