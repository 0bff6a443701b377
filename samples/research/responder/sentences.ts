/** A line of a document as a tool returned it. */
export interface NumberedLine {
  readonly number: number
  readonly text: string
}

/** A sentence of a document and where it begins. */
export interface SourceSentence {
  readonly text: string
  readonly file: string
  readonly line: number
  /** The heading above it within the lines that were read, or ''. */
  readonly heading: string
  /** For a sentence of a list: the words that introduce the list, else ''. */
  readonly leadIn: string
  /** Position in its paragraph, from 0. */
  readonly position: number
  /** Which paragraph of the lines that were read, from 0. */
  readonly paragraph: number
}

interface Paragraph {
  readonly lines: NumberedLine[]
  readonly heading: string
  readonly leadIn: string
}

/**
 * Splits consecutive lines of a Markdown or text document into sentences. Headings, code, tables and sentences that the
 * range cuts off at either end are left out; list marks and line breaks are removed, the words stay as they are.
 * @param headingAbove the heading that stands above the first line
 */
export function sentencesOf(file: string, lines: readonly NumberedLine[], headingAbove = ''): SourceSentence[] {
  return paragraphsOf(lines, headingAbove).flatMap(({ lines: own, heading, leadIn }, paragraph) => {
    const cutAtStart = own[0] === lines[0] && (own[0]?.number ?? 1) > 1
    return split(own)
      .filter(({ text }, index) => !(cutAtStart && index === 0 && /^[^A-Z"'“(`*]/.test(text)))
      .filter(({ text }) => /[.!?]["'”’)\]*`]*$/.test(text))
      .map(({ text, line }, position) => ({ text, line, file, heading, leadIn, position, paragraph }))
  })
}

function paragraphsOf(lines: readonly NumberedLine[], headingAbove: string): Paragraph[] {
  const paragraphs: Paragraph[] = []
  let heading = headingAbove
  let leadIn = ''
  let open: NumberedLine[] = []
  let fenced = false
  const close = () => {
    const listed = listMark.test(open[0]?.text ?? '')
    if (open.length > 0) paragraphs.push({ lines: open, heading, leadIn: listed ? leadIn : '' })
    if (open.length > 0 && !listed) leadIn = lastSentence(open)
    open = []
  }
  for (const line of lines) {
    const title = /^#{1,6}\s+(.+)$/.exec(line.text)?.[1]
    if (/^\s*(?:```|~~~)/.test(line.text)) {
      close()
      fenced = !fenced
    } else if (fenced || /^\s*(?:\|.*)?$/.test(line.text)) close()
    else if (title !== undefined) {
      close()
      leadIn = ''
      heading = title
    } else {
      if (listMark.test(line.text)) close()
      open.push(line)
    }
  }
  close()
  return paragraphs
}

const listMark = /^\s*(?:[-*+]|\d+[.)])\s+/
const abbreviation = /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Mr|Mrs|Dr|St|No|Fig|a\.k\.a)|\b[A-Z])\.$/

/** Sentence ends are a stop before a blank and a capital, digit or opening mark, unless an abbreviation ends there. */
function split(lines: readonly NumberedLine[]): { text: string; line: number }[] {
  const sentences: { text: string; line: number }[] = []
  let words: string[] = []
  let start = 0
  const close = () => {
    if (words.length > 0) sentences.push({ text: balanced(words.join(' ')), line: start })
    words = []
  }
  for (const [index, line] of lines.entries()) {
    const text = index === 0 ? line.text.replace(listMark, '') : line.text
    for (const word of text
      .replace(/^\s*>\s?/, '')
      .split(/\s+/)
      .filter(Boolean)) {
      const last = words.at(-1)
      const ended = last !== undefined && /[.!?]["'”’)\]*`]*$/.test(last) && !abbreviation.test(last)
      if (ended && /^["'“‘([`*]*[A-Z0-9]/.test(word)) close()
      if (words.length === 0) start = line.number
      words.push(word)
    }
  }
  close()
  return sentences
}

/** The end of a paragraph when it introduces what follows, else ''. */
function lastSentence(lines: readonly NumberedLine[]): string {
  const last = split(lines).at(-1)?.text ?? ''
  return last.endsWith(':') ? last : ''
}

/** An emphasis whose other mark is in another sentence would format the rest of the page. */
function balanced(text: string): string {
  return text.split('**').length % 2 === 0 ? text.replaceAll('**', '') : text
}
