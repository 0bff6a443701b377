import { cornersOf, meetingPoint, type Place, type Point } from './state-outline.js'
import type { PlacedState } from './svg-layout.js'

/** Ends a route at the outlines of its states, which the layout takes for rectangles. */
export function trimmed(
  points: readonly Point[],
  from: PlacedState | undefined,
  to: PlacedState | undefined,
): readonly Point[] {
  const [first, second] = points
  const beforeLast = points.at(-2)
  const last = points.at(-1)
  if (first === undefined || second === undefined || beforeLast === undefined || last === undefined) return points
  return [endAt(from, second) ?? first, ...points.slice(1, -1), endAt(to, beforeLast) ?? last]
}

function endAt(placed: PlacedState | undefined, from: Point): Point | undefined {
  if (placed === undefined) return undefined
  const { state, place } = placed
  const corners = cornersOf(state.kind, place)
  return corners === undefined ? undefined : meetingPoint(corners, from, middleOf(place))
}

/** The room that a way from a state to itself takes beside it, with a label of this size. */
export function loopRoom(label: { readonly width: number; readonly height: number }) {
  return { width: Math.max(30, label.width + 24), height: Math.max(30, label.height + 16) }
}

/** A way from a state back to itself, around the middle of its label beside or below it. */
export function loop(place: Place, label: Point, size: { readonly width: number; readonly height: number }) {
  const { x, y } = middleOf(place)
  const beside = Math.abs(label.x - x) > Math.abs(label.y - y)
  if (beside) {
    const edge = place.x + place.width
    const far = Math.max(place.height / 4, size.height / 2 + 8)
    const near = Math.min(far, place.height / 2 - 4)
    return [
      { x: edge, y: y - near },
      { x: label.x, y: y - far },
      { x: label.x, y: y + far },
      { x: edge, y: y + near },
    ]
  }
  const edge = place.y + place.height
  const far = Math.max(place.width / 4, size.width / 2 + 8)
  const near = Math.min(far, place.width / 2 - 8)
  return [
    { x: x - near, y: edge },
    { x: x - far, y: label.y },
    { x: x + far, y: label.y },
    { x: x + near, y: edge },
  ]
}

function middleOf({ x, y, width, height }: Place): Point {
  return { x: x + width / 2, y: y + height / 2 }
}
