import { type NodeType, nodeTypes } from '../definition/node-type.js'
import type { WorkflowNodeDefinition, WorkflowRetry } from '../definition/workflow-definition.js'
import { idPattern, prototypeKeys, reservedIds, workflowLimits } from '../workflow-limits.js'
import { type FaultList, kindOf, quoted } from './fault-list.js'
import { FieldReader, isObject, type JsonObject } from './field-reader.js'
import type { EdgeSource, NodeSource } from './graph-source.js'
import { type BodyReader, canonicalConfig } from './read-config.js'

const nodeKeys = ['id', 'type', 'agent_id', 'config', 'retry', 'timeout', 'fallback', 'on_error', 'depends_on']
const retryKeys = ['max_retries', 'backoff_type', 'initial_delay', 'max_delay', 'backoff_multiplier']

/** Reads a node, and the edges in its `depends_on`; `undefined` if it has no id to be known by. */
export function readNode(
  json: JsonObject,
  key: string | undefined,
  path: string,
  faults: FaultList,
  readBody: BodyReader,
): { readonly source: NodeSource; readonly edges: readonly EdgeSource[] } | undefined {
  const reader = new FieldReader(json, path, faults, nodeKeys)
  reader.refuseOthers(nodeKeys)
  const id = idOf(reader, key, faults)
  const type = typeOf(reader, faults)
  if (id !== undefined && type === undefined) faults.unread.add(id)
  if (id === undefined || type === undefined) return undefined
  const config = reader.object('config')
  const read = canonicalConfig(type, config, reader.at('config'), faults, readBody)
  const agentId = reader.text('agent_id') ?? read.agentId
  if (reader.has('agent_id') && read.agentId !== undefined && reader.any('agent_id') !== read.agentId) {
    faults.add(reader.at('agent_id'), 'The config has another agent_id.', 'Keep one of both.')
  }
  const timeout = reader.number('timeout', 'a number of seconds above 0', value => value > 0) ?? read.timeout
  const definition: WorkflowNodeDefinition = {
    id,
    type,
    ...given('agent_id', agentId),
    ...(config === undefined && Object.keys(read.config).length === 0 ? {} : { config: read.config }),
    ...given('retry', readRetry(reader, faults)),
    ...given('timeout', timeout),
    ...given('fallback', reader.any('fallback', true)),
    ...given('on_error', reader.text('on_error')),
  }
  refuseMisplaced(definition, reader, faults)
  return { source: { definition, path, body: read.body }, edges: dependencies(reader, id, faults) }
}

function idOf(reader: FieldReader, key: string | undefined, faults: FaultList): string | undefined {
  const given = reader.any('id')
  const id = given === undefined ? key : reader.text('id')
  const path = given === undefined ? reader.path : reader.at('id')
  if (id === undefined) {
    if (given === undefined) faults.add(reader.at('id'), 'It is missing.', 'Each node needs an id of its own.')
    return undefined
  }
  if (key !== undefined && id !== key) {
    faults.add(path, `The id ${quoted(id)} is not its key ${quoted(key)}.`, 'Leave out the id.')
  }
  if (id.length > workflowLimits.idLength) {
    faults.add(path, `The id has ${id.length} characters.`, `At most ${workflowLimits.idLength} are taken.`)
  } else if (prototypeKeys.has(id)) {
    faults.add(path, `A node must not be called ${quoted(id)}.`, 'Give it another name.')
    return undefined
  } else if (!idPattern.test(id)) {
    faults.add(path, `The id ${quoted(id)} has other characters.`, 'An id is made of letters, digits, _ and -.')
  } else if (reservedIds.has(id)) {
    faults.add(path, `The name ${quoted(id)} is reserved.`, `Reserved are: ${[...reservedIds].join(', ')}.`)
  }
  return id
}

function typeOf(reader: FieldReader, faults: FaultList): NodeType | undefined {
  const type = reader.any('type')
  if (type === undefined) faults.add(reader.at('type'), 'It is missing.', `Types are: ${nodeTypes.join(', ')}.`)
  else if (typeof type !== 'string')
    faults.add(reader.at('type'), `It is ${kindOf(type)}.`, `Types are: ${nodeTypes.join(', ')}.`)
  else if ((nodeTypes as readonly string[]).includes(type)) return type as NodeType
  else faults.unknown(reader.at('type'), 'The node type', type, nodeTypes, '')
  return undefined
}

/** A number alone is that of the attempts. */
function readRetry(reader: FieldReader, faults: FaultList): WorkflowRetry | undefined {
  const json = reader.any('retry')
  if (json === undefined) return undefined
  if (typeof json !== 'number' && !isObject(json)) {
    faults.add(reader.at('retry'), `It is ${kindOf(json)}.`, 'It has to be a number of attempts, or an object.')
    return undefined
  }
  const object = typeof json === 'number' ? { max_retries: json } : json
  const path = reader.at('retry')
  const fields = new FieldReader(object, path, faults, retryKeys)
  fields.refuseOthers(retryKeys)
  return {
    ...given('max_retries', fields.count('max_retries', 1, 100)),
    ...given('backoff_type', fields.choice('backoff_type', ['fixed', 'linear', 'exponential'])),
    ...given(
      'initial_delay',
      fields.number('initial_delay', 'seconds, at least 0', value => value >= 0),
    ),
    ...given(
      'max_delay',
      fields.number('max_delay', 'seconds above 0', value => value > 0),
    ),
    ...given(
      'backoff_multiplier',
      fields.number('backoff_multiplier', 'a number of at least 1', value => value >= 1),
    ),
  } as WorkflowRetry
}

function refuseMisplaced(node: WorkflowNodeDefinition, reader: FieldReader, faults: FaultList): void {
  const { type } = node
  const refuse = (name: string, advice: string): void => {
    if (reader.any(name, true) !== undefined) {
      faults.add(reader.at(name), `A node of type "${type}" has no \`${name}\`.`, advice)
    }
  }
  if (type !== 'agent_call') {
    const inside = 'Only agent_call nodes have it; where this one has nodes inside, put it on those.'
    refuse('retry', inside)
    refuse('fallback', inside)
    refuse('agent_id', 'Only agent_call nodes have it.')
  }
  if (type === 'condition') refuse('timeout', 'A condition takes no time.')
}

function dependencies(reader: FieldReader, id: string, faults: FaultList): readonly EdgeSource[] {
  const json = reader.any('depends_on')
  if (json === undefined) return []
  const path = reader.at('depends_on')
  const names: readonly unknown[] = Array.isArray(json) ? json : [json]
  return names.flatMap((from, index) => {
    const at = Array.isArray(json) ? `${path}[${index}]` : path
    if (typeof from === 'string' && from !== '') {
      return [{ from, to: id, when: undefined, path: at, fromPath: at, toPath: reader.at('id') }]
    }
    faults.add(at, `It is ${kindOf(from)}.`, 'It has to be the id of a node, or an array of ids.')
    return []
  })
}

/** An object with one key, or none. */
function given<K extends string, V>(key: K, value: V | undefined): Readonly<Record<K, V>> | Readonly<Record<never, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}
