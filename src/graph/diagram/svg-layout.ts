import { Graph, layout } from '@dagrejs/dagre'
import { type Drawing, type DrawnEdge, type DrawnState, detailsOf, edgeLines, startEdges } from './drawing.js'
import { loop, loopRoom, trimmed } from './edge-route.js'
import { printable } from './printable.js'
import type { Place, Point } from './state-outline.js'
import { type TextBox, textBox } from './text-box.js'

/** A state with its place. */
export interface PlacedState {
  readonly state: DrawnState
  readonly place: Place
  readonly text: TextBox
  /** What is drawn inside, and where its upper left corner is. */
  readonly inner: { readonly drawing: PlacedDrawing; readonly at: Point } | undefined
}

/** A way on with its route. */
export interface PlacedEdge {
  readonly edge: DrawnEdge
  readonly points: readonly Point[]
  readonly label: { readonly text: TextBox; readonly centre: Point } | undefined
}

/** A drawing whose parts have their places. */
export interface PlacedDrawing {
  readonly width: number
  readonly height: number
  readonly start: Point
  readonly unknowns: readonly Point[]
  readonly states: readonly PlacedState[]
  readonly edges: readonly PlacedEdge[]
}

/** Radius of the marks for the start and for what is not declared. */
export const markRadius = { start: 7, unknown: 11 } as const

export const statePadding = 14
const margin = 12
const nameSize = 14
const detailSize = 11

/**
 * Gives every part its place. An orchestration inside another one is placed on its own and is then one box of the outer one: no
 * edge leads from the inside to the outside.
 */
export function placed(drawing: Drawing, direction: 'down' | 'right'): PlacedDrawing {
  const sized = drawing.states.map(state => sizedState(state, direction))
  const graph = new Graph({ multigraph: true })
  const rankdir = direction === 'right' ? 'LR' : 'TB'
  graph.setGraph({ rankdir, marginx: margin, marginy: margin, nodesep: 36, ranksep: 40, edgesep: 18 })
  graph.setNode(drawing.startId, squareOf(markRadius.start))
  for (const { state, width, height } of sized) graph.setNode(state.id, { width, height })
  for (const { id } of drawing.unknowns) graph.setNode(id, squareOf(markRadius.unknown))
  const edges = [...startEdges(drawing), ...drawing.edges].map((edge, index) => ({ edge, name: `e${index}` }))
  const labels = edges.map(({ edge }) => (edge.from === drawing.startId ? undefined : labelOf(edge)))
  for (const [index, { edge, name }] of edges.entries()) {
    const text = labels[index]
    const size = text ?? { width: 0, height: 0 }
    const room = edge.from === edge.to ? loopRoom(size) : { width: size.width + 8, height: size.height + 6 }
    graph.setEdge(
      edge.from,
      edge.to,
      text === undefined && edge.from !== edge.to ? {} : { ...room, labelpos: 'c' },
      name,
    )
  }
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  const states = sized.map(each => placedState(each, pointOf(graph, each.state.id)))
  const byId = new Map(states.map(each => [each.state.id, each]))
  return {
    width,
    height,
    start: pointOf(graph, drawing.startId),
    unknowns: drawing.unknowns.map(({ id }) => pointOf(graph, id)),
    states,
    edges: edges.map(({ edge, name }, index) => {
      const { x = 0, y = 0, points = [] } = graph.edge({ v: edge.from, w: edge.to, name }) as Route
      const text = labels[index]
      const from = byId.get(edge.from)
      const to = byId.get(edge.to)
      const label = text === undefined ? undefined : { text, centre: { x, y } }
      if (from !== undefined && from === to) {
        return { edge, points: loop(from.place, { x, y }, text ?? { width: 0, height: 0 }), label }
      }
      return { edge, points: trimmed(points, from, to), label }
    }),
  }
}

/** What dagre writes on an edge. */
interface Route extends Partial<Point> {
  readonly points?: readonly Point[]
}

interface SizedState {
  readonly state: DrawnState
  readonly text: TextBox
  readonly drawing: PlacedDrawing | undefined
  readonly width: number
  readonly height: number
}

function sizedState(state: DrawnState, direction: 'down' | 'right'): SizedState {
  const text = textBox([
    { text: printable(state.name), size: nameSize, bold: true, faint: false },
    ...detailsOf(state).map(detail => ({ text: printable(detail), size: detailSize, bold: false, faint: true })),
  ])
  const drawing = state.inner === undefined ? undefined : placed(state.inner, direction)
  const width = Math.max(text.width + 2 * statePadding, drawing?.width ?? 0, 64)
  return { state, text, drawing, width, height: text.height + 2 * statePadding + (drawing?.height ?? 0) }
}

function placedState({ state, text, drawing, width, height }: SizedState, centre: Point): PlacedState {
  const place = { x: centre.x - width / 2, y: centre.y - height / 2, width, height }
  if (drawing === undefined) return { state, place, text, inner: undefined }
  const at = { x: centre.x - drawing.width / 2, y: place.y + text.height + statePadding }
  return { state, place, text, inner: { drawing, at } }
}

function labelOf(edge: DrawnEdge): TextBox | undefined {
  const lines = edgeLines(edge)
  if (lines.length === 0) return undefined
  return textBox(lines.map(line => ({ text: printable(line), size: detailSize, bold: false, faint: false })))
}

function squareOf(radius: number): { readonly width: number; readonly height: number } {
  return { width: 2 * radius, height: 2 * radius }
}

function pointOf(graph: Graph, id: string): Point {
  const { x, y } = graph.node(id) as Point
  return { x, y }
}
