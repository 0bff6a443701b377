import { type DiagramOptions, type DiagramSource, resolveDiagramOptions } from './diagram-options.js'
import { draw } from './draw.js'
import { type Drawing, type DrawnEdge, type DrawnState, detailsOf, edgeLines, startEdges } from './drawing.js'
import { lightPalette } from './palette.js'
import { printable } from './printable.js'

/**
 * An orchestration, or a run of it, in the DOT language of Graphviz. Sub-orchestrations are clusters; routes for failures are
 * dashed. Whatever states are called, the text is a valid graph. The same input gives the same text.
 *
 * @throws WiringError if the definition is wrong, OPTION_INVALID
 */
export function toDot(source: DiagramSource, options: DiagramOptions = {}): string {
  const resolved = resolveDiagramOptions(options)
  const drawing = draw(source, resolved)
  const ends = new Map<string, ClusterEnds>()
  const body = level(drawing, '  ', ends)
  return [
    `digraph ${quoted(printable(drawing.name))} {`,
    `  graph [rankdir=${resolved.direction === 'right' ? 'LR' : 'TB'}, compound=true, fontname="Helvetica"]`,
    '  node [shape=box, style="rounded,filled", fontname="Helvetica"]',
    '  edge [fontname="Helvetica", fontsize=10]',
    ...body,
    '}',
    '',
  ].join('\n')
}

/** Edges cannot end at a cluster, only at a state in it, and are cut off at its border. */
interface ClusterEnds {
  readonly cluster: string
  readonly entry: string
  readonly exit: string
}

function level(drawing: Drawing, indent: string, ends: Map<string, ClusterEnds>): readonly string[] {
  const states = drawing.states.flatMap(state => stateLines(state, indent, ends))
  return [
    `${indent}${drawing.startId} [shape=circle, style=filled, fillcolor="${lightPalette.edge}", label="", width=0.15]`,
    ...states,
    ...drawing.unknowns.map(({ id }) => `${indent}${id} [shape=circle, style=dashed, label="?"]`),
    ...startEdges(drawing).map(edge => edgeLine(edge, [], indent, ends)),
    ...drawing.edges.map(edge => edgeLine(edge, edgeLines(edge), indent, ends)),
  ]
}

function stateLines(state: DrawnState, indent: string, ends: Map<string, ClusterEnds>): readonly string[] {
  const { id, name, inner, mark, isResult } = state
  const { fill, stroke, text } = lightPalette.marks[mark]
  const label = quoted([name, ...detailsOf(state)].map(printable).join('\n'))
  const colours = `fillcolor="${fill}", color="${stroke}", fontcolor="${text}"${isResult ? ', penwidth=3' : ''}`
  if (inner === undefined) return [`${indent}${id} [label=${label}, ${shapeOf(state)}, ${colours}]`]
  const body = level(inner, `${indent}  `, ends)
  const entry = inner.entryIds[0] as string
  const exit = inner.states.findLast(each => each.isResult)?.id ?? entry
  ends.set(id, {
    cluster: `cluster_${id}`,
    entry: ends.get(entry)?.entry ?? entry,
    exit: ends.get(exit)?.exit ?? exit,
  })
  return [
    `${indent}subgraph cluster_${id} {`,
    `${indent}  label=${label}; style="rounded,filled"; ${colours.replaceAll(', ', '; ')}`,
    ...body,
    `${indent}}`,
  ]
}

function edgeLine(
  { from, to, onError, taken }: DrawnEdge,
  label: readonly string[],
  indent: string,
  ends: ReadonlyMap<string, ClusterEnds>,
): string {
  const tail = ends.get(from)
  const head = ends.get(to)
  const colour = edgeColour(onError, taken)
  const attributes = [
    ...(label.length === 0 ? [] : [`label=${quoted(label.map(printable).join('\n'))}`]),
    ...(onError ? ['style=dashed'] : []),
    ...(colour === undefined ? [] : [`color="${colour}"`, `fontcolor="${colour}"`]),
    ...(taken !== undefined && taken > 0 ? ['penwidth=2'] : []),
    // An edge within a cluster, or from a cluster to itself, has no border to be cut off at.
    ...(tail === undefined || from === to ? [] : [`ltail=${tail.cluster}`]),
    ...(head === undefined || from === to ? [] : [`lhead=${head.cluster}`]),
  ]
  const list = attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`
  return `${indent}${tail?.exit ?? from} -> ${head?.entry ?? to}${list}`
}

function edgeColour(onError: boolean, taken: number | undefined): string | undefined {
  if (taken === 0) return lightPalette.faint
  if (onError) return lightPalette.onError
  return taken === undefined ? undefined : lightPalette.marks.visited.stroke
}

function shapeOf({ kind, isResult }: DrawnState): string {
  switch (kind) {
    case 'join':
      return 'shape=hexagon, style=filled'
    case 'approval':
      return 'shape=trapezium, style=filled'
    case 'signal':
      return 'shape=cds, style=filled'
    case 'delay':
      return 'shape=ellipse, style=filled'
    case 'orchestration':
      return 'shape=box3d, style=filled'
    default:
      return isResult ? 'shape=box, peripheries=2' : 'shape=box'
  }
}

/** Graphviz reads escapes and HTML entities in quoted text. */
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
  return `"${escaped.replaceAll('\n', '\\n')}"`
}
