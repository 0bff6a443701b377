import type { WorkflowDefinition } from './definition/workflow-definition.js'
import { connectNodes } from './parsing/connect-nodes.js'
import { deepFrozen } from './parsing/deep-frozen.js'
import { FaultList, kindOf } from './parsing/fault-list.js'
import { FieldReader, isObject } from './parsing/field-reader.js'
import { NodeTree } from './parsing/node-tree.js'
import { plainJson } from './parsing/plain-json.js'
import { GraphPlanner } from './parsing/plan-graph.js'
import { edgesJson, readGraph } from './parsing/read-graph.js'
import { Workflow } from './workflow.js'
import { WorkflowError } from './workflow-error.js'
import { workflowLimits } from './workflow-limits.js'

const definitionKeys = ['name', 'description', 'nodes', 'edges', 'max_budget']

/**
 * Reads a definition: JSON text, or the data that it is. Nodes may be an array, or an object by their ids with `depends_on`; names may be
 * in snake_case or camelCase. What comes out is written one way only, see `Workflow.toJSON`.
 * @throws WORKFLOW_INVALID (a `WorkflowError`), with everything that is wrong with it, each fault with its path
 */
export function parseWorkflow(json: unknown): Workflow {
  const faults = new FaultList()
  const given = json instanceof Workflow ? json.toJSON() : typeof json === 'string' ? jsonOf(json, faults) : json
  const definition = plainJson(given, faults)
  if (!isObject(definition)) {
    if (faults.isEmpty)
      faults.add('', `It is ${kindOf(definition)}.`, 'A definition is an object with `name` and `nodes`.')
    throw new WorkflowError('', faults.all)
  }
  const reader = new FieldReader(definition, '', faults, definitionKeys)
  reader.refuseOthers(definitionKeys)
  const name = nameOf(reader, faults)
  const description = reader.text('description')
  const maxBudget = reader.number('max_budget', 'an amount of at least 0', value => value >= 0)
  const paths = { nodes: reader.at('nodes'), edges: reader.at('edges') }
  const source = readGraph(reader.any('nodes'), reader.any('edges'), paths, faults, false)
  const tree = new NodeTree(source, faults)
  connectNodes(tree, faults)
  const { plan } = new GraphPlanner(tree, faults).plan(tree.root)
  if (!faults.isEmpty) throw new WorkflowError(name, faults.all)
  const canonical: WorkflowDefinition = {
    name,
    ...(description === undefined ? {} : { description }),
    nodes: source.nodes.map(node => node.definition),
    edges: edgesJson(source.edges),
    ...(maxBudget === undefined ? {} : { max_budget: maxBudget }),
  }
  return new Workflow(deepFrozen(canonical), plan)
}

function jsonOf(text: string, faults: FaultList): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (thrown) {
    faults.add('', `It is no JSON: ${(thrown as Error).message}.`, 'Correct it there.')
    throw new WorkflowError('', faults.all)
  }
}

function nameOf(reader: FieldReader, faults: FaultList): string {
  const name = reader.text('name')
  if (reader.any('name') === undefined) faults.add('name', 'It is missing.', 'Give the workflow a name.')
  if (name !== undefined && name.length > workflowLimits.nameLength) {
    faults.add('name', `The name has ${name.length} characters.`, `At most ${workflowLimits.nameLength} are taken.`)
  }
  return (name ?? '').slice(0, workflowLimits.nameLength)
}
