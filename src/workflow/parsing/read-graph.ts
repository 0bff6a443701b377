import { placeOf } from '../templates/template.js'
import { type FaultList, kindOf } from './fault-list.js'
import { FieldReader, isObject, type JsonObject } from './field-reader.js'
import type { EdgeSource, GraphSource, NodeSource } from './graph-source.js'
import { readNode } from './read-node.js'

const edgeKeys = ['from', 'to', 'when', 'branch']

/** Reads nodes, as an array or by their ids, and edges. Nodes that are texts are members by id, where `mayHaveMembers`. */
export function readGraph(
  nodes: unknown,
  edges: unknown,
  paths: { readonly nodes: string; readonly edges: string },
  faults: FaultList,
  mayHaveMembers: boolean,
): GraphSource {
  const read: NodeSource[] = []
  const members: { id: string; path: string }[] = []
  const found: EdgeSource[] = []
  const entries = entriesOf(nodes, paths.nodes, faults)
  for (const [path, id, json] of entries) {
    if (typeof json === 'string' && mayHaveMembers) members.push({ id: json, path })
    else if (isObject(json)) {
      const node = readNode(json, id, path, faults, (body, at) => {
        const graph = readBody(body, at, faults)
        return { body: graph, json: bodyJson(graph) }
      })
      if (node === undefined) continue
      read.push(node.source)
      found.push(...node.edges)
    } else faults.add(path, `A node is ${kindOf(json)}.`, 'It has to be an object with `id` and `type`.')
  }
  found.push(...readEdges(edges, paths.edges, faults))
  const isEmpty = entries.length === 0 && typeof nodes === 'object' && nodes !== null
  return { path: paths.nodes, isEmpty, nodes: read, members, edges: found }
}

function entriesOf(
  nodes: unknown,
  path: string,
  faults: FaultList,
): readonly (readonly [path: string, id: string | undefined, json: unknown])[] {
  if (Array.isArray(nodes)) return nodes.map((json: unknown, index) => [`${path}[${index}]`, undefined, json] as const)
  if (isObject(nodes)) return Object.entries(nodes).map(([id, json]) => [placeOf(path, id), id, json] as const)
  const what = nodes === undefined ? 'There are no nodes.' : `They are ${kindOf(nodes)}.`
  faults.add(path, what, 'Nodes are an array, or an object by their ids.')
  return []
}

function readEdges(edges: unknown, path: string, faults: FaultList): readonly EdgeSource[] {
  if (edges === undefined || edges === null) return []
  if (!Array.isArray(edges)) {
    faults.add(path, `They are ${kindOf(edges)}.`, 'Edges are an array of { from, to }.')
    return []
  }
  return edges.flatMap((json: unknown, index) => {
    const at = `${path}[${index}]`
    if (isObject(json)) return readEdge(json, at, faults) ?? []
    faults.add(at, `An edge is ${kindOf(json)}.`, 'It has to be an object with `from` and `to`.')
    return []
  })
}

function readEdge(json: JsonObject, path: string, faults: FaultList): EdgeSource | undefined {
  const reader = new FieldReader(json, path, faults, edgeKeys)
  reader.refuseOthers(edgeKeys)
  const [from, to] = [endOf(reader, 'from', faults), endOf(reader, 'to', faults)]
  const when = reader.flag('when') ?? branchOf(reader, faults)
  if (from === undefined || to === undefined) return undefined
  return { from, to, when, path, fromPath: reader.at('from'), toPath: reader.at('to') }
}

function endOf(reader: FieldReader, name: string, faults: FaultList): string | undefined {
  if (reader.any(name) === undefined) faults.add(reader.at(name), 'It is missing.', 'Name a node by its id.')
  return reader.text(name)
}

const branches: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
  ['then', true],
  ['else', false],
])

/** `branch` says the same as `when` in other words. */
function branchOf(reader: FieldReader, faults: FaultList): boolean | undefined {
  const branch = reader.any('branch')
  if (branch === undefined) return undefined
  if (reader.has('when')) faults.add(reader.at('branch'), '`when` says it already.', 'Keep one of both.')
  const when = branches.get(branch)
  if (when === undefined) faults.add(reader.at('branch'), `It is ${kindOf(branch)}.`, 'It has to be "then" or "else".')
  return when
}

function readBody(json: unknown, path: string, faults: FaultList): GraphSource {
  if (typeof json === 'string') return { path, isEmpty: false, nodes: [], members: [{ id: json, path }], edges: [] }
  if (Array.isArray(json)) return readGraph(json, undefined, { nodes: path, edges: path }, faults, true)
  if (!isObject(json)) {
    faults.add(path, `It is ${kindOf(json)}.`, 'It has to be ids of nodes, or an object with `nodes` and `edges`.')
    return { path, isEmpty: false, nodes: [], members: [], edges: [] }
  }
  if (!('nodes' in json)) return readGraph(json, undefined, { nodes: path, edges: path }, faults, true)
  const reader = new FieldReader(json, path, faults, ['nodes', 'edges'])
  reader.refuseOthers(['nodes', 'edges'])
  const paths = { nodes: reader.at('nodes'), edges: reader.at('edges') }
  return readGraph(reader.any('nodes'), reader.any('edges'), paths, faults, true)
}

function bodyJson({ nodes, members, edges }: GraphSource): unknown {
  const ids = members.map(({ id }) => id)
  if (nodes.length === 0 && edges.length === 0) return ids
  return { nodes: [...ids, ...nodes.map(({ definition }) => definition)], edges: edgesJson(edges) }
}

/** Edges in the form in which they are written out: each once. */
export function edgesJson(edges: GraphSource['edges']): { from: string; to: string; when?: boolean }[] {
  const once = new Map(
    edges.map(({ from, to, when }) => [
      `${from}\n${to}\n${when}`,
      { from, to, ...(when === undefined ? {} : { when }) },
    ]),
  )
  return [...once.values()]
}
