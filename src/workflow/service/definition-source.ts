import { parseWorkflow } from '../parse-workflow.js'
import { Workflow } from '../workflow.js'
import { WorkflowError, type WorkflowFault } from '../workflow-error.js'
import { idPattern, workflowLimits } from '../workflow-limits.js'
import { type DefinitionStatus, definitionStatuses } from './workflow-record.js'

/** What a definition is stored with, and what it is changed by. */
export interface DefinitionSource {
  /** The id that it is to have. */
  readonly id: string | undefined
  readonly status: DefinitionStatus | undefined
  /** The parts of the definition that were given; `null` for what is to go. */
  readonly definition: Readonly<Record<string, unknown>>
  /** What is wrong besides the definition itself. */
  readonly faults: readonly WorkflowFault[]
}

/** What a record says besides the definition; whoever sends one back does not mean to change it. */
const recordKeys = new Set(['version', 'revision', 'created_at', 'createdAt', 'updated_at', 'updatedAt'])

/** Other names for parts of a definition. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['max_budget_usd', 'max_budget'],
  ['maxBudgetUsd', 'max_budget'],
  ['maxBudget', 'max_budget'],
])

/**
 * Takes what a definition is sent with apart: JSON text or the data that it is, in the form of a record or of a definition alone.
 * `graph_json` stands for `nodes` and `edges`, as text or as an object.
 * @throws WORKFLOW_INVALID if it is none of that
 */
export function readSource(given: unknown): DefinitionSource {
  const faults: WorkflowFault[] = []
  const json =
    given instanceof Workflow ? given.toJSON() : typeof given === 'string' ? parsed(given, '', faults) : given
  if (!isObject(json)) {
    if (faults.length === 0) faults.push(noDefinition(json))
    throw new WorkflowError('', faults)
  }
  // A map, because a key such as `__proto__` has to reach whoever refuses it.
  const definition = new Map<string, unknown>()
  let id: string | undefined
  let status: DefinitionStatus | undefined
  for (const [key, value] of Object.entries(json)) {
    if (recordKeys.has(key)) continue
    if (key === 'id') id = checkedId(value, faults)
    else if (key === 'status') status = checkedStatus(value, faults)
    else if (key === 'graph_json' || key === 'graphJson') {
      for (const [name, part] of graphOf(value, key, faults)) put(definition, name, part, `${key}.${name}`, faults)
    } else put(definition, aliases.get(key) ?? key, value, key, faults)
  }
  return { id, status, definition: Object.fromEntries(definition), faults }
}

/** The workflow of a source, or everything that is wrong with the two. @throws WORKFLOW_INVALID */
export function workflowOf({ definition, faults }: Pick<DefinitionSource, 'definition' | 'faults'>): Workflow {
  let workflow: Workflow | undefined
  const found = [...faults]
  try {
    workflow = parseWorkflow(definition)
  } catch (thrown) {
    if (!(thrown instanceof WorkflowError)) throw thrown
    found.push(...thrown.faults)
  }
  if (workflow !== undefined && found.length === 0) return workflow
  const { name } = definition
  throw new WorkflowError(typeof name === 'string' ? name : '', found)
}

/**
 * A definition with changes: what is given takes the place of what was there, `null` takes it away. Nodes and edges are one thing: new
 * nodes come with their own edges.
 */
export function changed(
  before: Workflow,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const hasNodes = Object.hasOwn(changes, 'nodes')
  const kept = Object.entries(before.toJSON()).filter(([key]) => key !== 'edges' || !hasNodes)
  const entries = Object.entries({ ...Object.fromEntries(kept), ...changes })
  return Object.fromEntries(entries.filter(([key, value]) => value !== null || key === 'nodes' || key === 'name'))
}

function put(
  definition: Map<string, unknown>,
  name: string,
  value: unknown,
  path: string,
  faults: WorkflowFault[],
): void {
  if (!definition.has(name)) definition.set(name, value)
  else faults.push({ path, message: `\`${name}\` is given twice.`, advice: 'Give it once.' })
}

/** The entries of a graph in `graph_json`. */
function graphOf(value: unknown, key: string, faults: WorkflowFault[]): readonly (readonly [string, unknown])[] {
  const graph = typeof value === 'string' ? parsed(value, key, faults) : value
  if (isObject(graph)) return Object.entries(graph)
  if (graph !== undefined) {
    faults.push({
      path: key,
      message: 'It is no graph.',
      advice: 'Give an object with `nodes` and `edges`, or its JSON text.',
    })
  }
  return []
}

function parsed(text: string, path: string, faults: WorkflowFault[]): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (thrown) {
    faults.push({ path, message: `It is no JSON: ${(thrown as Error).message}.`, advice: 'Correct it there.' })
    return undefined
  }
}

function noDefinition(json: unknown): WorkflowFault {
  const kind =
    json === null ? 'null' : Array.isArray(json) ? 'an array' : json === undefined ? 'missing' : `a ${typeof json}`
  return { path: '', message: `It is ${kind}.`, advice: 'A definition is an object with `name` and `nodes`.' }
}

/** An id, if it is one; what is wrong with it otherwise goes to the faults. */
export function checkedId(value: unknown, faults: WorkflowFault[]): string | undefined {
  if (typeof value === 'string' && idPattern.test(value) && value.length <= workflowLimits.idLength) return value
  const advice = `An id has 1 to ${workflowLimits.idLength} letters, digits, "_" and "-".`
  faults.push({ path: 'id', message: 'It is no id.', advice })
  return undefined
}

function checkedStatus(value: unknown, faults: WorkflowFault[]): DefinitionStatus | undefined {
  const status = definitionStatuses.find(each => each === value)
  if (status === undefined) {
    faults.push({ path: 'status', message: 'It is no status.', advice: `There are ${definitionStatuses.join(', ')}.` })
  }
  return status
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
