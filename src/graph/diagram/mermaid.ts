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
 * An orchestration, or a run of it, as a Mermaid flowchart. Sub-orchestrations are subgraphs; routes for failures are dotted.
 * Whatever states are called, the text is a valid diagram. The same input gives the same text.
 *
 * ```ts
 * console.log(toMermaid(orchestration))
 * ```
 *
 * @throws WiringError if the definition is wrong, OPTION_INVALID
 */
export function toMermaid(source: DiagramSource, options: DiagramOptions = {}): string {
  const resolved = resolveDiagramOptions(options)
  return new MermaidWriter(resolved.direction === 'right' ? 'LR' : 'TB').write(draw(source, resolved))
}

class MermaidWriter {
  readonly #direction: string
  readonly #lines: string[] = []
  readonly #marked = new Map<Mark, string[]>()
  readonly #results: string[] = []
  readonly #edgeStyles = new Map<string, number[]>()
  #edges = 0

  constructor(direction: string) {
    this.#direction = direction
  }

  write(drawing: Drawing): string {
    const title = drawing.name.replaceAll(/[^\p{L}\p{N} ]+/gu, ' ').trim()
    this.#lines.push(`flowchart ${this.#direction}`)
    if (title !== '') this.#lines.push(`  accTitle: ${title}`)
    this.#level(drawing, '  ')
    for (const [mark, ids] of this.#marked) {
      const { fill, stroke, text } = lightPalette.marks[mark]
      this.#lines.push(`  classDef ${mark} fill:${fill},stroke:${stroke},color:${text}`)
      this.#lines.push(`  class ${ids.join(',')} ${mark}`)
    }
    if (this.#results.length > 0) {
      this.#lines.push('  classDef result stroke-width:3px', `  class ${this.#results.join(',')} result`)
    }
    for (const [style, edges] of this.#edgeStyles) this.#lines.push(`  linkStyle ${edges.join(',')} ${style}`)
    return `${this.#lines.join('\n')}\n`
  }

  #level(drawing: Drawing, indent: string): void {
    this.#lines.push(`${indent}${drawing.startId}((" "))`)
    for (const state of drawing.states) this.#state(state, indent)
    for (const { id } of drawing.unknowns) this.#lines.push(`${indent}${id}(("?"))`)
    for (const edge of startEdges(drawing)) this.#edge(edge, [], indent)
    for (const edge of drawing.edges) this.#edge(edge, edgeLines(edge), indent)
  }

  #state(state: DrawnState, indent: string): void {
    const { id, mark, inner, isResult } = state
    this.#marked.set(mark, [...(this.#marked.get(mark) ?? []), id])
    if (isResult) this.#results.push(id)
    const label = [state.name, ...detailsOf(state)].map(mermaidText).join('<br/>')
    if (inner === undefined) {
      const [open, close] = shapeOf(state)
      this.#lines.push(`${indent}${id}${open}"${label}"${close}`)
      return
    }
    this.#lines.push(`${indent}subgraph ${id}["${label}"]`, `${indent}  direction ${this.#direction}`)
    this.#level(inner, `${indent}  `)
    this.#lines.push(`${indent}end`)
  }

  #edge({ from, to, onError, taken }: DrawnEdge, label: readonly string[], indent: string): void {
    const text = label.length === 0 ? '' : `|"${label.map(mermaidText).join('<br/>')}"|`
    this.#lines.push(`${indent}${from} ${onError ? '-.->' : '-->'}${text} ${to}`)
    const index = this.#edges++
    const style = edgeStyle(onError, taken)
    if (style !== undefined) this.#edgeStyles.set(style, [...(this.#edgeStyles.get(style) ?? []), index])
  }
}

function edgeStyle(onError: boolean, taken: number | undefined): string | undefined {
  if (taken === 0) return `stroke:${lightPalette.untaken},color:${lightPalette.faint}`
  if (onError) return `stroke:${lightPalette.onError}`
  return taken === undefined ? undefined : `stroke:${lightPalette.marks.visited.stroke},stroke-width:2px`
}

function shapeOf({ kind, isResult }: DrawnState): readonly [string, string] {
  switch (kind) {
    case 'join':
      return ['{{', '}}']
    case 'approval':
      return ['[/', '\\]']
    case 'signal':
      return ['>', ']']
    case 'delay':
      return ['(', ')']
    case 'orchestration':
      return ['[[', ']]']
    default:
      return isResult ? ['([', '])'] : ['[', ']']
  }
}

/**
 * Text inside of quotes. Mermaid reads directives, entities, HTML and Markdown there too, so that everything but letters,
 * digits and harmless punctuation is written as an entity.
 */
function mermaidText(text: string): string {
  return printable(text)
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Emoji}\u200d →×«»·?,:'()[\]=/.-]|[#*ßﬂ]/gu, entity)
    .replaceAll('--', '-#45;')
    .replace(/^(\d*)([.)-])/, (_, digits: string, mark: string) => digits + entity(mark))
}

function entity(character: string): string {
  return `#${character.codePointAt(0)};`
}
