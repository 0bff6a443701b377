import type { NodeKind } from '../../core/index.js'

/** A position in a drawing. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A box with its upper left corner. */
export interface Place extends Point {
  readonly width: number
  readonly height: number
}

/** How far the slanted sides of a shape lean; the padding of the text makes room for it. */
const slant = 9

/** The corners of a state that is no rectangle, by what it is; `undefined` for rectangles. */
export function cornersOf(kind: NodeKind, { x: left, y: top, width, height }: Place): readonly Point[] | undefined {
  const right = left + width
  const bottom = top + height
  const middle = top + height / 2
  switch (kind) {
    case 'join':
      return [
        { x: left + slant, y: top },
        { x: right - slant, y: top },
        { x: right, y: middle },
        { x: right - slant, y: bottom },
        { x: left + slant, y: bottom },
        { x: left, y: middle },
      ]
    case 'approval':
      return [
        { x: left + slant, y: top },
        { x: right - slant, y: top },
        { x: right, y: bottom },
        { x: left, y: bottom },
      ]
    case 'signal':
      return [
        { x: left, y: top },
        { x: right, y: top },
        { x: right, y: bottom },
        { x: left, y: bottom },
        { x: left + slant, y: middle },
      ]
    default:
      return undefined
  }
}

/** Where the way from a point outside to the middle of a shape comes to its outline. */
export function meetingPoint(corners: readonly Point[], from: Point, middle: Point): Point | undefined {
  let nearest: number | undefined
  for (const [index, start] of corners.entries()) {
    const end = corners[(index + 1) % corners.length] as Point
    const share = crossing(from, middle, start, end)
    if (share !== undefined && (nearest === undefined || share < nearest)) nearest = share
  }
  if (nearest === undefined) return undefined
  return { x: from.x + (middle.x - from.x) * nearest, y: from.y + (middle.y - from.y) * nearest }
}

/** How far along the line from `a` to `b` it crosses the one from `c` to `d`, as a share of its length. */
function crossing(a: Point, b: Point, c: Point, d: Point): number | undefined {
  const determinant = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x)
  if (determinant === 0) return undefined
  const share = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / determinant
  const other = ((c.x - a.x) * (b.y - a.y) - (c.y - a.y) * (b.x - a.x)) / determinant
  return share >= 0 && share <= 1 && other >= 0 && other <= 1 ? share : undefined
}
