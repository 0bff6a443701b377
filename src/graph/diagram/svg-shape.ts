import type { DrawnState } from './drawing.js'
import type { Colours } from './palette.js'
import { cornersOf } from './state-outline.js'
import { element, rounded } from './svg-element.js'
import type { PlacedState } from './svg-layout.js'

/** The outline of a state, by what it is; a result has a second line inside. */
export function shape({ state, place }: PlacedState, { fill, stroke }: Colours): readonly string[] {
  const { x, y, width, height } = place
  const paint = { fill, stroke, 'stroke-width': state.isResult ? 2 : 1.5 }
  const corners = cornersOf(state.kind, place)
  if (corners !== undefined) {
    const points = corners.map(corner => `${rounded(corner.x)},${rounded(corner.y)}`).join(' ')
    return [element('polygon', { points, 'stroke-linejoin': 'round', ...paint })]
  }
  const radius = radiusOf(state, height)
  const outer = element('rect', { x, y, width, height, rx: radius, ...paint })
  if (!state.isResult) return [outer]
  const inset = 3.5
  const inside = { x: x + inset, y: y + inset, width: width - 2 * inset, height: height - 2 * inset }
  return [outer, element('rect', { ...inside, rx: Math.max(2, radius - inset), fill: 'none', stroke })]
}

function radiusOf({ kind }: DrawnState, height: number): number {
  if (kind === 'delay') return Math.min(24, height / 2)
  return kind === 'orchestration' ? 4 : 8
}
