import { contentStems, contentWords, stemOf } from '../words.js'
import { coverageOf, quotedList } from './coverage.js'
import { weightOf } from './key-phrases.js'
import type { Statement } from './summarizer.js'
import { isAlike, rankStatements } from './summarizer.js'
import type { UserMessage } from './user-message.js'

/** A report made of statements that the message brought, with their sources. */
export interface WrittenReport {
  readonly title: string
  readonly summary: string
  /** Markdown, one `##` section for each section of the message that adds something. */
  readonly content: string
  /** `file:line` of every statement used, in order of appearance. */
  readonly citations: readonly string[]
  /** Whether the material speaks about the question at all. */
  readonly covered: boolean
}

const statementsPerSection = 6
const statementsInSummary = 3

/**
 * Organises the statements of a message into a report on its question: sections keep their order, statements are
 * ordered by relevance and said once. Material about something else is not printed; the report then says what is missing.
 */
export function writeReport(message: UserMessage): WrittenReport {
  const { question, sections, notFound } = message
  const title = titleOf(question)
  const all = sections.flatMap(section => section.statements)
  const { covered, missing } = coverageOf(
    question,
    all.map(({ text }) => text),
  )
  if (all.length === 0 || !covered) {
    // without statements every word would count as missing, although a search may have found it
    const absent = all.length > 0 ? missing : notFound.filter(word => contentStems(question).has(stemOf(word)))
    return { ...notCovered(absent), title, citations: [], covered: false }
  }

  const used: Statement[] = []
  const parts: string[] = []
  for (const { heading, statements } of sections) {
    const fresh = rankStatements(`${question} ${heading}`, statements)
      .filter(one => !used.some(other => isAlike(one.text, other.text)))
      .slice(0, statementsPerSection)
    if (fresh.length === 0) continue
    used.push(...fresh)
    parts.push([`## ${headingFor(heading, question)}`, '', ...fresh.map(one => `- ${cited(one)}`)].join('\n'))
  }
  const gap = missing.length > 0 ? `The passages found say nothing about ${quotedList(missing)}.` : ''
  if (gap !== '') parts.push(gap)
  return {
    title,
    summary: [...rankStatements(question, used).slice(0, statementsInSummary).map(cited), gap].join(' ').trim(),
    content: parts.join('\n\n'),
    citations: used.flatMap(({ citation }) => citation ?? []),
    covered: true,
  }
}

/** A statement followed by its source in brackets. */
export function cited({ text, citation }: Statement): string {
  return citation === undefined ? text : `${text} [${citation}]`
}

/** What is said when the documents do not speak about the words that were asked for. */
export function notCoveredSentence(missing: readonly string[]): string {
  const about = missing.length > 0 ? `nothing about ${quotedList(missing)}` : 'nothing on it'
  return `The documents do not cover this; they say ${about}.`
}

function notCovered(missing: readonly string[]): { summary: string; content: string } {
  const summary = notCoveredSentence(missing)
  return { summary, content: `## Not covered by the documents\n\n${summary}` }
}

function titleOf(question: string): string {
  const text = question.replace(/\s+/g, ' ').replace(/[.:]$/, '').trim()
  return capitalised(text.length > 100 ? `${text.slice(0, 100).replace(/\s+\S*$/, '')} …` : text) || 'Report'
}

function headingFor(heading: string, question: string): string {
  const key = (text: string) =>
    contentWords(text)
      .map(word => word.stem)
      .sort()
      .join(' ')
  if (heading === '' || key(heading) === key(question)) return 'Answer'
  const asked = contentStems(question)
  const added = contentWords(heading).filter(word => !asked.has(word.stem))
  // a search for the question and an aspect of it finds more than that aspect
  const onlyAspects = added.length > 0 && added.every(word => weightOf(word) < 1)
  return onlyAspects ? `Further findings (${added.map(word => word.text).join(', ')})` : capitalised(heading)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
