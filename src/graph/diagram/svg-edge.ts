import type { Palette } from './palette.js'
import type { Point } from './state-outline.js'
import { element, rounded } from './svg-element.js'
import type { PlacedEdge } from './svg-layout.js'

const cornerRadius = 28

/** An arrow: a soft line through the points of its route, and a head in the direction in which it arrives. */
export function arrow({ edge, points }: PlacedEdge, palette: Palette): readonly string[] {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (tip === undefined || before === undefined) return []
  const colour = colourOf(edge.taken, edge.onError, palette)
  const head = headOf(before, tip)
  const line = {
    d: pathOf([...points.slice(0, -1), head.base]),
    fill: 'none',
    stroke: colour,
    'stroke-width': edge.taken !== undefined && edge.taken > 0 ? 2 : 1.3,
    'stroke-dasharray': edge.onError ? '5 4' : undefined,
  }
  return [element('path', line), element('polygon', { points: head.corners, fill: colour })]
}

/** The colour of an edge; grey if a run did not take it. */
export function colourOf(taken: number | undefined, onError: boolean, palette: Palette): string {
  if (taken === 0) return palette.untaken
  if (onError) return palette.onError
  return taken === undefined ? palette.edge : palette.marks.visited.stroke
}

/** Straight from point to point, where the labels are, with round corners. */
function pathOf(points: readonly Point[]): string {
  const last = points.length - 1
  const steps = points.map((point, index) => {
    const before = points[index - 1]
    const after = points[index + 1]
    if (before === undefined) return `M ${at(point)}`
    if (after === undefined) return `L ${at(point)}`
    const into = towards(point, before, index === 1 ? cornerRadius : cornerRadius / 2)
    const out = towards(point, after, index === last - 1 ? cornerRadius : cornerRadius / 2)
    return `L ${at(into)} Q ${at(point)} ${at(out)}`
  })
  return steps.join(' ')
}

/** The point at a distance from `from` on the way to `to`, at most half way. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(0.5, distance / length)
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

function headOf(before: Point, tip: Point): { readonly base: Point; readonly corners: string } {
  const length = 9
  const halfWidth = 4.5
  const distance = Math.hypot(tip.x - before.x, tip.y - before.y)
  // Two points in one place give no direction; down is as good as any.
  const along = distance === 0 ? { x: 0, y: 1 } : { x: (tip.x - before.x) / distance, y: (tip.y - before.y) / distance }
  const base = { x: tip.x - along.x * length, y: tip.y - along.y * length }
  const left = { x: base.x - along.y * halfWidth, y: base.y + along.x * halfWidth }
  const right = { x: base.x + along.y * halfWidth, y: base.y - along.x * halfWidth }
  return { base, corners: [tip, left, right].map(({ x, y }) => `${rounded(x)},${rounded(y)}`).join(' ') }
}

function at({ x, y }: Point): string {
  return `${rounded(x)} ${rounded(y)}`
}
