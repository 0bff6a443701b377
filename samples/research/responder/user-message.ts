import { sentencesOf } from './sentences.js'
import type { Statement } from './summarizer.js'

/** What a user message asks, and the material that it brings along. */
export interface UserMessage {
  readonly question: string
  /** What to search for: the text after a `Query:` label, else the question. */
  readonly query: string
  /** Statements found in the message, grouped under its `##` headings; a group without heading has ''. */
  readonly sections: readonly MessageSection[]
  /** Words that the material itself reports as not found. */
  readonly notFound: readonly string[]
}

/** The statements below one heading. */
export interface MessageSection {
  readonly heading: string
  readonly statements: readonly Statement[]
}

const label =
  /^[\s"*]*(?:(?:the|user|research|search|original)\s+)*(question|topic|query|search for)\b["*]*\s*:\s*["*]*\s*(.+?)["*,]*$/i
const bullet = /^\s*[-*+]\s+(.+)$/
const citations = /\s*((?:\[[^[\]]+:\d+(?:-\d+)?\][\s,;]*)+)\.?$/

/**
 * Reads a message as a person would: a labelled line, the title or the first paragraph is the question; `##` headings
 * with list items are material to work on. A JSON object is read as its members, one labelled line each.
 */
export function readUserMessage(text: string): UserMessage {
  const lines = (flattened(text) ?? text).split(/\r?\n/)
  const labelled = (...names: string[]) =>
    lines
      .map(line => label.exec(line))
      .find(match => match !== null && names.includes((match[1] ?? '').toLowerCase()))?.[2]
  const title = lines.map(line => /^#\s+(.+)$/.exec(line)?.[1]).find(Boolean)
  const question = labelled('question', 'topic') ?? title ?? labelled('query', 'search for') ?? firstParagraph(lines)
  const query = labelled('query', 'search for') ?? question
  const reported = lines.filter(line => /\bnothing about “/.test(line) && !/^\s*#/.test(line)).join('\n')
  const notFound = [...new Set([...reported.matchAll(/“([^”]+)”/g)].map(match => match[1] ?? ''))]
  return { question, query, sections: sectionsOf(lines), notFound }
}

function firstParagraph(lines: readonly string[]): string {
  const start = lines.findIndex(line => line.trim() !== '')
  if (start < 0) return ''
  const end = lines.findIndex((line, index) => index > start && (line.trim() === '' || bullet.test(line)))
  return lines
    .slice(start, end < 0 ? undefined : end)
    .join(' ')
    .trim()
}

function sectionsOf(lines: readonly string[]): MessageSection[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }]
  for (const line of lines) {
    const heading = /^#{2,6}\s+(.+)$/.exec(line)?.[1]
    if (heading !== undefined) sections.push({ heading, lines: [] })
    else sections.at(-1)?.lines.push(line)
  }
  const listed = sections.map(({ heading, lines: own }) => ({ heading, statements: listItems(own) }))
  const cited = listed.map(({ heading, statements }) => ({
    heading,
    statements: statements.filter(one => one.citation),
  }))
  // material without any source, such as a text to summarise, is used as it is
  const chosen = cited.some(({ statements }) => statements.length > 0)
    ? cited
    : listed.some(hasItems)
      ? listed
      : sections.map(plain)
  return chosen.filter(hasItems)
}

function hasItems(section: MessageSection): boolean {
  return section.statements.length > 0
}

function listItems(lines: readonly string[]): Statement[] {
  const items: string[] = []
  let open = false
  for (const line of lines) {
    const start = bullet.exec(line)?.[1]
    if (start !== undefined) items.push(start)
    else if (open && /^\s+\S/.test(line)) items.push(`${items.pop() ?? ''} ${line.trim()}`)
    open = start !== undefined || (open && /^\s+\S/.test(line))
  }
  return items.map(item => {
    const source = citations.exec(item)
    if (!source) return { text: item.trim() }
    return { text: item.slice(0, source.index).trim(), citation: (source[1] ?? '').trim().replace(/^\[|\]$/g, '') }
  })
}

function plain({ heading, lines }: { heading: string; lines: readonly string[] }): MessageSection {
  const numbered = lines.map((text, index) => ({ number: index + 1, text }))
  const sentences = sentencesOf('', numbered).map(({ text }) => ({ text }))
  return { heading, statements: sentences.length > 2 ? sentences : [] }
}

/** A JSON object or array as labelled lines, or undefined for any other text. */
function flattened(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    const lines: string[] = []
    collect(JSON.parse(text), '', lines)
    return lines.join('\n')
  } catch {
    return undefined
  }
}

function collect(value: unknown, name: string, lines: string[]): void {
  if (Array.isArray(value)) value.forEach(item => collect(item, name, lines))
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) collect(member, key, lines)
  } else if (typeof value === 'string' && value.includes('\n')) lines.push('', `## ${name}`, value, '')
  else lines.push(name === '' ? String(value) : `${name}: ${String(value)}`)
}
