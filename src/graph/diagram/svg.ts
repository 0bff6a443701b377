import { OptionError } from '../../errors/index.js'
import { duration } from './amounts.js'
import { type DiagramOptions, type DiagramSource, resolveDiagramOptions } from './diagram-options.js'
import { draw } from './draw.js'
import { type Drawing, type DrawnEdge, detailsOf } from './drawing.js'
import { darkPalette, lightPalette, type Palette } from './palette.js'
import { printable } from './printable.js'
import type { RunTrace } from './run-trace.js'
import type { Point } from './state-outline.js'
import { arrow, colourOf } from './svg-edge.js'
import { type Attributes, element, escapeXml, rounded } from './svg-element.js'
import { markRadius, type PlacedDrawing, type PlacedState, placed, statePadding } from './svg-layout.js'
import { shape } from './svg-shape.js'
import { baselines, type TextBox } from './text-box.js'

/** What `toSvg` takes. */
export interface SvgOptions extends DiagramOptions {
  /** Colours on a white or on a dark background; the background is part of the picture, so both can be read anywhere. @default 'light' */
  readonly theme?: 'light' | 'dark'
  /** What the ids in the picture begin with; pictures in one page need different ones. @default 'diagram' */
  readonly id?: string
}

/**
 * An orchestration, or a run of it, as a picture: an SVG element that can stand in HTML or in a file of its own. It has a title
 * and a description for screen readers, no script, and neither style sheets nor style attributes, so that it shows under the
 * strictest content security policy. Sub-orchestrations are drawn inside their states. The same input gives the same text.
 *
 * A page can mark what happens in it: the group of a state has its name as `data-state`, and those of a way on, for the arrow and for
 * its label, have `data-from`, `data-to`, `data-advancer` and, if it is a route for failures, `data-on-error`. Those of a
 * sub-orchestration are inside the group of its state.
 *
 * @throws WiringError if the definition is wrong, OPTION_INVALID
 */
export function toSvg(source: DiagramSource, options: SvgOptions = {}): string {
  const resolved = resolveDiagramOptions(options)
  const { theme = 'light', id = 'diagram' } = options
  if (theme !== 'light' && theme !== 'dark') throw new OptionError('theme', "'light' or 'dark'", theme)
  if (typeof id !== 'string' || !/^[A-Za-z][\w-]*$/.test(id)) {
    throw new OptionError('id', 'a letter, then letters, digits, "-" and "_"', id)
  }
  const palette = theme === 'dark' ? darkPalette : lightPalette
  const drawing = draw(source, resolved)
  const picture = placed(drawing, resolved.direction)
  const { width, height } = picture
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-desc`,
    viewBox: `0 0 ${rounded(width)} ${rounded(height)}`,
    width,
    height,
    'font-family': 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif',
  }
  return `${element('svg', root, [
    element('title', { id: `${id}-title` }, [escapeXml(printable(drawing.name))]),
    element('desc', { id: `${id}-desc` }, [escapeXml(description(drawing, resolved.trace))]),
    element('rect', { width, height, fill: palette.background }),
    ...parts(picture, palette),
  ])}\n`
}

/** Edges lie under the states, labels over everything. */
function parts(picture: PlacedDrawing, palette: Palette): readonly string[] {
  const { start, unknowns, states, edges } = picture
  const names = new Map(states.map(({ state }) => [state.id, printable(state.name)]))
  return [
    ...edges.map(placedEdge => element('g', edgeData(placedEdge.edge, names), arrow(placedEdge, palette))),
    element('circle', { cx: start.x, cy: start.y, r: markRadius.start, fill: palette.edge }),
    ...unknowns.map(centre => unknownMark(centre, palette)),
    ...states.map(state => stateGroup(state, palette)),
    ...edges.flatMap(({ edge, label }) => {
      if (label === undefined) return []
      const { centre, text } = label
      const colour = edge.taken === 0 ? palette.faint : colourOf(edge.taken, edge.onError, palette)
      const box = { x: centre.x - text.width / 2 - 3, y: centre.y - text.height / 2 - 2 }
      const room = { width: text.width + 6, height: text.height + 4 }
      const background = { ...box, ...room, rx: 3, fill: palette.background, 'fill-opacity': 0.92 }
      return [
        element('g', edgeData(edge, names), [
          element('rect', background),
          ...textLines(text, { x: centre.x, y: centre.y - text.height / 2 }, colour, colour),
        ]),
      ]
    }),
  ]
}

/** By what a page finds the parts of a way on. */
function edgeData({ from, to, advancer, onError }: DrawnEdge, names: ReadonlyMap<string, string>): Attributes {
  return {
    'data-from': names.get(from) ?? '',
    'data-to': names.get(to) ?? '',
    'data-advancer': advancer === undefined ? undefined : printable(advancer),
    'data-on-error': onError ? 'true' : undefined,
  }
}

function stateGroup(placedState: PlacedState, palette: Palette): string {
  const { state, place, text } = placedState
  const colours = palette.marks[state.mark]
  const top = { x: place.x + place.width / 2, y: place.y + statePadding - 1 }
  const faint = state.mark === 'untouched' ? colours.text : palette.faint
  return element('g', { 'data-state': printable(state.name) }, [
    element('title', {}, [escapeXml([state.name, ...detailsOf(state)].map(printable).join(' — '))]),
    ...shape(placedState, colours),
    ...textLines(text, top, colours.text, faint),
    ...innerPicture(placedState, palette),
  ])
}

function innerPicture({ place, inner }: PlacedState, palette: Palette): readonly string[] {
  if (inner === undefined) return []
  const { drawing, at } = inner
  const inset = 8
  const frame = { x: place.x + inset, y: at.y, width: place.width - 2 * inset, height: drawing.height + 4, rx: 4 }
  const transform = `translate(${rounded(at.x)} ${rounded(at.y)})`
  return [
    element('rect', { ...frame, fill: palette.background, 'fill-opacity': 0.6 }),
    element('g', { transform }, parts(drawing, palette)),
  ]
}

function unknownMark(centre: Point, palette: Palette): string {
  const circle = { cx: centre.x, cy: centre.y, r: markRadius.unknown, fill: palette.background, stroke: palette.edge }
  return element('g', {}, [
    element('title', {}, ['This advancer does not declare where it may lead.']),
    element('circle', { ...circle, 'stroke-dasharray': '3 3' }),
    element('text', { x: centre.x, y: centre.y + 4, 'text-anchor': 'middle', 'font-size': 12, fill: palette.faint }, [
      '?',
    ]),
  ])
}

function textLines(text: TextBox, top: Point, colour: string, faint: string): readonly string[] {
  const offsets = baselines(text)
  return text.lines.map((line, index) =>
    element(
      'text',
      {
        x: top.x,
        y: top.y + (offsets[index] as number),
        'text-anchor': 'middle',
        'font-size': line.size,
        'font-weight': line.bold ? 600 : undefined,
        fill: line.faint ? faint : colour,
      },
      [escapeXml(line.text)],
    ),
  )
}

function description(drawing: Drawing, trace: RunTrace | undefined): string {
  const names = drawing.states.map(({ name }) => printable(name)).join(', ')
  const entries = drawing.states.filter(({ id }) => drawing.entryIds.includes(id))
  const start = entries.map(({ name }) => printable(name)).join(', ')
  const definition = `State machine that starts at ${start}. States: ${names}.`
  if (trace === undefined) return definition
  const failed = trace.states.filter(({ failures }) => failures > 0).map(({ stateName }) => printable(stateName))
  const troubles = failed.length === 0 ? '' : ` Failures in: ${failed.join(', ')}.`
  return `${definition} Run: ${trace.outcome}, ${duration(trace.durationMs)}.${troubles}`
}
