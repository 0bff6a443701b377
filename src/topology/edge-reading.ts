import { Edge, type EdgeOptions, type EdgeType } from './edge.js'
import { acceptedArrows, edgesOf } from './edge-notation.js'
import { isPlainObject, kindOf } from './field-checks.js'
import { TopologyError } from './topology-error.js'

const edgeForms = `Accepted are a text, [source, target], [source, target, type], an Edge, and { source, target, type?, kind? }.`

/** Reads edges in any notation; a chain is several. @throws TOPOLOGY_INVALID */
export function readEdges(input: unknown): readonly Edge[] {
  if (input instanceof Edge) return [input]
  if (typeof input === 'string') return edgesOf(input)
  if (Array.isArray(input)) return [edgeOfTuple(input)]
  if (isPlainObject(input)) return [new Edge(input as unknown as EdgeOptions)]
  throw new TopologyError([
    { place: '', message: `Is ${kindOf(input)}.`, advice: `${edgeForms} In a text: ${acceptedArrows}` },
  ])
}

function edgeOfTuple(input: readonly unknown[]): Edge {
  if (input.length < 2 || input.length > 3) {
    throw new TopologyError([{ place: '', message: `Is ${kindOf(input)}.`, advice: edgeForms }])
  }
  const [source, target, type] = input as [string, string, EdgeType?]
  return new Edge(type === undefined ? { source, target } : { source, target, type })
}
