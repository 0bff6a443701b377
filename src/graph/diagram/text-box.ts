/** Lines of text as they are drawn, and the room they need at least. */
export interface TextBox {
  readonly lines: readonly TextLine[]
  readonly width: number
  readonly height: number
}

/** How a line is written. */
export interface TextLine {
  readonly text: string
  readonly size: number
  readonly bold: boolean
  readonly faint: boolean
}

const lineHeight = 1.3
const mostColumns = 44
const mostLines = 5

/** Breaks texts that are too wide into lines, cuts off what is too long, and measures the rest. */
export function textBox(texts: readonly TextLine[]): TextBox {
  const lines = texts.flatMap(line => wrapped(line.text).map(text => ({ ...line, text })))
  return {
    lines,
    width: Math.max(0, ...lines.map(widthOf)),
    height: lines.reduce((height, { size }) => height + size * lineHeight, 0),
  }
}

/** Where the lines of a box stand, from its top. */
export function baselines({ lines }: TextBox): readonly number[] {
  let top = 0
  return lines.map(({ size }) => {
    const baseline = top + size
    top += size * lineHeight
    return baseline
  })
}

/**
 * An upper estimate for the usual sans-serif fonts: nothing here can ask a browser, and the reader's font may be a wider one
 * than the writer's.
 */
function widthOf({ text, size, bold }: TextLine): number {
  let ems = 0
  for (const character of text) ems += emsOf(character)
  return Math.ceil(ems * size * (bold ? 1.08 : 1))
}

function emsOf(character: string): number {
  if (/[\p{M}\p{Cf}]/u.test(character)) return 0
  if (/[ijl.,:;'|!]/.test(character)) return 0.34
  if (/[ ftrI()[\]\-/\\"`·]/.test(character)) return 0.42
  if (/[mwMW@%]/.test(character)) return 1.0
  if (/[A-Z&_+=<>~#$»«×0-9]/.test(character)) return 0.76 - (/[0-9_$#]/.test(character) ? 0.12 : 0)
  if (/[\u0020-\u024f]/.test(character)) return 0.63
  if (/[\u0370-\u05ff]/.test(character)) return 0.78
  return 1.1
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of piecesOf(text)) {
    if (line !== '' && columns(line) + columns(piece.trimEnd()) > mostColumns) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += piece
  }
  lines.push(line.trimEnd())
  return lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), `${lines[mostLines - 1]}…`]
}

/** Where a line may be broken: after spaces, at a hump of camelCase, and anywhere in what is too long for a line. */
function piecesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[ /,_.-])|(?<=[a-z0-9])(?=[A-Z])/)
    .flatMap(piece => (columns(piece) <= mostColumns ? [piece] : chunks(Array.from(piece))))
}

function chunks(characters: readonly string[]): readonly string[] {
  const result: string[] = []
  for (let i = 0; i < characters.length; i += mostColumns / 2) {
    result.push(characters.slice(i, i + mostColumns / 2).join(''))
  }
  return result
}

/** East Asian characters and pictures are about two wide. */
function columns(text: string): number {
  let count = 0
  for (const character of text) count += /[\u1100-\u{10ffff}]/u.test(character) ? 2 : 1
  return count
}
