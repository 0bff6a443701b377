/** A few consecutive lines of a document that belong together. Line numbers count from 1, both ends included. */
export interface Passage {
  readonly startLine: number
  readonly endLine: number
  /** The nearest heading above, without its marks; the document's first heading or '' when there is none. */
  readonly heading: string
  readonly text: string
}

interface Block {
  readonly start: number
  readonly end: number
}

/** A passage grows by whole paragraphs up to this many lines, and longer paragraphs are cut there. */
const maxLines = 10

/**
 * Splits the lines of a Markdown or plain text document into passages. Paragraphs stay whole where they can, a heading
 * is never in the middle of a passage, and a long paragraph is cut where a line begins a sentence.
 */
export function splitIntoPassages(lines: readonly string[]): Passage[] {
  const passages: Passage[] = []
  let heading = ''
  let open: Block | undefined
  const close = () => {
    if (open) passages.push(passageOf(lines, open, heading))
    open = undefined
  }
  for (const block of blocksOf(lines)) {
    const title = headingOf(lines[block.start] ?? '')
    if (title !== undefined) {
      close()
      heading = title
      continue
    }
    for (const piece of cut(lines, block)) {
      if (open && piece.end - open.start >= maxLines) close()
      open = { start: open?.start ?? piece.start, end: piece.end }
    }
  }
  close()
  return passages
}

/** The text of a Markdown heading line, `undefined` for any other line. */
export function headingOf(line: string): string | undefined {
  return /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1]
}

function passageOf(lines: readonly string[], block: Block, heading: string): Passage {
  const text = lines.slice(block.start, block.end + 1).join('\n')
  return { startLine: block.start + 1, endLine: block.end + 1, heading, text }
}

/** Paragraphs, headings and fenced code, each as a range of line indexes. */
function* blocksOf(lines: readonly string[]): Generator<Block> {
  let start = -1
  let fence: string | undefined
  for (const [index, line] of lines.entries()) {
    const mark = /^\s*(```|~~~)/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || fence === mark)) fence = fence === undefined ? mark : undefined
    const heading = fence === undefined && headingOf(line) !== undefined
    const blank = fence === undefined && line.trim() === ''
    if ((blank || heading) && start >= 0) {
      yield { start, end: index - 1 }
      start = -1
    }
    if (heading) yield { start: index, end: index }
    else if (!blank && start < 0) start = index
  }
  if (start >= 0) yield { start, end: lines.length - 1 }
}

function* cut(lines: readonly string[], block: Block): Generator<Block> {
  let start = block.start
  while (block.end - start >= maxLines) {
    let end = start + maxLines - 1
    for (let at = end; at > start + 2; at--) {
      const next = lines[at + 1] ?? ''
      if (/[.!?:]["')\]]*\s*$/.test(lines[at] ?? '') || /^\s*(?:[-*+]|\d+[.)])\s/.test(next)) {
        end = at
        break
      }
    }
    yield { start, end }
    start = end + 1
  }
  yield { start, end: block.end }
}
