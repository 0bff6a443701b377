import type { NodeType } from '../definition/node-type.js'
import type { FaultList } from './fault-list.js'
import { FieldReader, type JsonObject } from './field-reader.js'
import type { GraphSource } from './graph-source.js'

/** The keys of a config that mean something; other names for them are led to these. */
export const configKeys: Readonly<Record<NodeType, readonly string[]>> = {
  agent_call: ['agent_id', 'endpoint', 'payload'],
  condition: ['condition', 'field', 'op', 'value', 'then_branch', 'else_branch'],
  parallel_group: ['nodes', 'policy', 'max_concurrency'],
  loop: ['body', 'until', 'while', 'for_each', 'max_iterations', 'on_exhausted', 'concurrency'],
  human_approval: ['message', 'on_reject', 'on_timeout'],
  subworkflow: ['workflow_id', 'version', 'input'],
}

const otherNames: Readonly<Partial<Record<NodeType, Readonly<Record<string, string>>>>> = {
  condition: { expression: 'condition', operator: 'op' },
  parallel_group: { children: 'nodes', branches: 'nodes' },
  loop: { nodes: 'body', items: 'for_each' },
}

/** What a config comes to: with one name for each thing, and with its body apart. */
export interface ReadConfig {
  readonly config: Record<string, unknown>
  readonly body: GraphSource | undefined
  readonly agentId: string | undefined
  readonly timeout: number | undefined
}

/** Reads what a node has for its body. */
export type BodyReader = (json: unknown, path: string) => { readonly body: GraphSource; readonly json: unknown }

export function canonicalConfig(
  type: NodeType,
  json: JsonObject | undefined,
  path: string,
  faults: FaultList,
  readBody: BodyReader,
): ReadConfig {
  const known = configKeys[type]
  const others = otherNames[type] ?? {}
  const extra =
    type === 'loop'
      ? ['iterator_field', 'body_endpoint']
      : type === 'human_approval'
        ? ['timeout', 'timeout_seconds']
        : []
  const reader = new FieldReader(json ?? {}, path, faults, [...known, ...Object.keys(others), ...extra])
  if (type !== 'agent_call') {
    reader.refuseOthers([...known, ...Object.keys(others), ...extra], { onlyNear: true })
  }
  const config: Record<string, unknown> = {}
  for (const name of reader.names) {
    if (extra.includes(name)) continue
    const key = others[name] ?? name
    if (key !== name && reader.has(key)) {
      faults.add(reader.at(name), `\`${key}\` says it already.`, 'Keep one of both.')
    } else if (reader.any(name, true) !== undefined) config[key] = reader.any(name, true)
  }
  const timeout = extra.includes('timeout') ? waitOf(reader) : undefined
  if (type === 'loop') readOlderLoop(reader, config, faults)
  const agentId = type === 'agent_call' ? reader.text('agent_id') : undefined
  if (type === 'agent_call') delete config['agent_id']
  const bodyKey = type === 'loop' ? 'body' : type === 'parallel_group' ? 'nodes' : undefined
  if (bodyKey !== undefined) refuseEdges(type, config, reader.at('edges'), faults)
  if (bodyKey === undefined || config[bodyKey] === undefined) return { config, body: undefined, agentId, timeout }
  const written = Object.keys(others).find(name => others[name] === bodyKey && reader.has(name)) ?? bodyKey
  const read = readBody(config[bodyKey], reader.at(written))
  config[bodyKey] = read.json
  return { config, body: read.body, agentId, timeout }
}

/** Other keys are for others; these would be taken for edges of the body. */
function refuseEdges(type: NodeType, { edges }: JsonObject, path: string, faults: FaultList): void {
  if (edges === undefined || (Array.isArray(edges) && edges.length === 0)) return
  const advice =
    type === 'loop'
      ? 'Write them into the body, as `{ nodes, edges }`, or into those of the workflow.'
      : 'The nodes of a group run at once; use a loop or a subworkflow for those that do not.'
  faults.add(path, 'Edges of a body are not read here.', advice)
}

function waitOf(reader: FieldReader): number | undefined {
  const isTime = (value: number): boolean => value > 0
  const expected = 'a number of seconds above 0'
  return reader.number('timeout', expected, isTime) ?? reader.number('timeout_seconds', expected, isTime)
}

/** `iterator_field` and `body_endpoint` (S2-42) in the words of today. */
function readOlderLoop(reader: FieldReader, config: Record<string, unknown>, faults: FaultList): void {
  const field = reader.text('iterator_field')
  const endpoint = reader.text('body_endpoint')
  const both = (one: string, other: string): void =>
    faults.add(reader.at(one), `\`${other}\` says it already.`, 'Keep one of both.')
  if (field !== undefined) {
    if (config['for_each'] === undefined) config['for_each'] = `{{${field}}}`
    else both('iterator_field', 'for_each')
  }
  if (endpoint !== undefined) {
    if (config['body'] === undefined) {
      config['body'] = { nodes: [{ id: 'body_call', type: 'agent_call', config: { endpoint } }] }
    } else both('body_endpoint', 'body')
  }
}
