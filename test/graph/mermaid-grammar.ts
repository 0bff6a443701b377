const id = '[nsu](?:\\d+(?:_\\d+)*_?)?_?'
const text = '"(?:[^"<>&;#%`\\n]|#\\d+;|<br/>)*"'
const shapes = [
  ['\\[', '\\]'],
  ['\\[\\[', '\\]\\]'],
  ['\\(', '\\)'],
  ['\\(\\[', '\\]\\)'],
  ['\\(\\(', '\\)\\)'],
  ['\\{\\{', '\\}\\}'],
  ['\\[/', '\\\\\\]'],
  ['>', '\\]'],
]

/** The part of Mermaid's flowcharts that diagrams are written in, so narrow that Mermaid has nothing to guess. */
const statements = [
  'flowchart (?:TB|LR)',
  'accTitle: [\\p{L}\\p{N} ]+',
  ...shapes.map(([open, close]) => `${id}${open}${text}${close}`),
  `subgraph ${id}\\[${text}\\]`,
  'direction (?:TB|LR)',
  'end',
  `${id} (?:-->|-\\.->)(?:\\|${text}\\|)? ${id}`,
  'classDef \\w+ [\\w:#,-]+',
  `class ${id}(?:,${id})* \\w+`,
  'linkStyle \\d+(?:,\\d+)* [\\w:#,-]+',
].map(pattern => new RegExp(`^ *${pattern}$`, 'u'))

/** The lines that are no statement. */
export function strayLines(diagram: string): readonly string[] {
  return diagram
    .trimEnd()
    .split('\n')
    .filter(line => !statements.some(statement => statement.test(line)))
}

/** The labels as a reader sees them, in lines. */
export function labelsOf(diagram: string): readonly string[] {
  return [...diagram.matchAll(new RegExp(text, 'gu'))].flatMap(([label]) =>
    label
      .slice(1, -1)
      .split('<br/>')
      .map(line => line.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))),
  )
}
