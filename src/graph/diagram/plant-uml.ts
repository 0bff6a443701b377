import { type DiagramOptions, type DiagramSource, resolveDiagramOptions } from './diagram-options.js'
import { draw } from './draw.js'
import {
  type Drawing,
  type DrawnEdge,
  type DrawnState,
  detailsOf,
  edgeLines,
  type Mark,
  startEdges,
} from './drawing.js'
import { lightPalette } from './palette.js'
import { printable } from './printable.js'

/**
 * An orchestration, or a run of it, as a PlantUML state diagram. Sub-orchestrations are composite states; routes for failures
 * are dashed. Whatever states are called, the text is a valid diagram. The same input gives the same text.
 *
 * @throws WiringError if the definition is wrong, OPTION_INVALID
 */
export function toPlantUml(source: DiagramSource, options: DiagramOptions = {}): string {
  const resolved = resolveDiagramOptions(options)
  const drawing = draw(source, resolved)
  return [
    '@startuml',
    'hide empty description',
    `${resolved.direction === 'right' ? 'left to right' : 'top to bottom'} direction`,
    ...styles(marksOf(drawing)),
    ...(drawing.name === '' ? [] : [`title ${plantUmlText(drawing.name)}`]),
    ...level(drawing, ''),
    '@enduml',
    '',
  ].join('\n')
}

function marksOf({ states }: Drawing): ReadonlySet<Mark> {
  return new Set(states.flatMap(({ mark, inner }) => [mark, ...(inner === undefined ? [] : marksOf(inner))]))
}

function styles(marks: ReadonlySet<Mark>): readonly string[] {
  const lines = [...marks].flatMap(mark => {
    const { fill, stroke, text } = lightPalette.marks[mark]
    return [
      `  BackgroundColor<<${mark}>> ${fill}`,
      `  BorderColor<<${mark}>> ${stroke}`,
      `  FontColor<<${mark}>> ${text}`,
    ]
  })
  return ['hide stereotype', 'skinparam state {', ...lines, '}']
}

function level(drawing: Drawing, indent: string): readonly string[] {
  const ends = drawing.states.filter(state => state.isResult)
  return [
    ...drawing.states.flatMap(state => stateLines(state, indent)),
    ...drawing.unknowns.map(({ id }) => `${indent}state "?" as ${id} #line.dashed`),
    ...startEdges(drawing).map(({ to, taken }) => `${indent}[*] ${arrow(false, taken)} ${to}`),
    ...drawing.edges.map(edge => edgeLine(edge, indent)),
    ...ends.map(
      ({ id, mark }) => `${indent}${id} ${arrow(false, mark === 'plain' ? undefined : Number(mark === 'visited'))} [*]`,
    ),
  ]
}

function stateLines(state: DrawnState, indent: string): readonly string[] {
  const { id, name, mark, inner } = state
  const label = [name, ...detailsOf(state)].map(plantUmlText).join('\\n')
  const line = `${indent}state "${label}" as ${id} <<${mark}>>`
  return inner === undefined ? [line] : [`${line} {`, ...level(inner, `${indent}  `), `${indent}}`]
}

function edgeLine(edge: DrawnEdge, indent: string): string {
  const label = edgeLines(edge).map(plantUmlText).join('\\n')
  return `${indent}${edge.from} ${arrow(edge.onError, edge.taken)} ${edge.to}${label === '' ? '' : ` : ${label}`}`
}

function arrow(onError: boolean, taken: number | undefined): string {
  const styles = [...colourOf(onError, taken), ...(onError ? ['dashed'] : [])]
  return styles.length === 0 ? '-->' : `-[${styles.join(',')}]->`
}

function colourOf(onError: boolean, taken: number | undefined): readonly string[] {
  if (taken === 0) return [lightPalette.untaken]
  if (onError) return [lightPalette.onError]
  return taken === undefined ? [] : [lightPalette.marks.visited.stroke]
}

/** PlantUML has quotes without escapes, macros and markup in text; what could be any of it is written by its code. */
function plantUmlText(text: string): string {
  return printable(text).replaceAll(/[^\p{L}\p{M}\p{N} →×·.,()[\]]|[[(](?=[[(*])/gu, character => {
    const code = character.codePointAt(0) as number
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}
