import { contentStems, contentWords } from '../words.js'
import { coverageOf } from './coverage.js'
import { weightOf } from './key-phrases.js'
import { cited, notCoveredSentence } from './report-writer.js'
import type { NumberedLine } from './sentences.js'
import { sentencesOf } from './sentences.js'
import { relevantSentences } from './summarizer.js'
import type { FoundPassage } from './tool-roles.js'
import { passagesIn, readArguments, readTarget, readToolOf, searchToolOf } from './tool-roles.js'
import type { UserMessage } from './user-message.js'
import type { ChatMessage, FunctionTool } from './wire.js'
import { textOf } from './wire.js'

/** A call to make, before it has an id. */
export interface PlannedCall {
  readonly name: string
  readonly arguments: Record<string, unknown>
}

/** A call of this conversation and what it returned. */
interface FinishedCall extends PlannedCall {
  readonly result: string
}

const readsPerTurn = 4
/** What follows a passage often completes it: the rest of a list, the consequence. */
const linesAfter = 8
const linesPerRead = 30
const sentencesInAnswer = 5

/**
 * What to call next for the last user message: first the search, then, in one turn, reads of the best passages; `[]` when
 * there is nothing more to learn from the tools.
 */
export function nextCalls(
  message: UserMessage,
  messages: readonly ChatMessage[],
  tools: readonly FunctionTool[],
): PlannedCall[] {
  const done = finishedCalls(messages)
  const search = searchToolOf(tools)
  if (!search) return []
  const searches = done.filter(call => call.name === search.name)
  if (searches.length === 0) return [{ name: search.name, arguments: { [search.parameter]: message.query } }]
  const read = readToolOf(tools)
  const passages = searches.flatMap(call => passagesIn(call.result))
  if (!read || done.some(call => call.name === read.name) || !isCovered(message, passages)) return []
  return rangesWorthReading(message.query, passages).map(({ file, from, to }) => ({
    name: read.name,
    arguments: readArguments(read, file, from, to),
  }))
}

/**
 * Answers the last user message from what the tools returned: the most relevant sentences as a Markdown list, each with
 * `[file:line]`, or plainly that nothing was found. Returns undefined when no tool was called.
 */
export function answerFromTools(message: UserMessage, messages: readonly ChatMessage[]): string | undefined {
  const done = finishedCalls(messages)
  if (done.length === 0) return undefined
  const passages = done.flatMap(call => passagesIn(call.result))
  const texts = passages.map(({ heading, text }) => `${heading} ${text}`)
  const { covered, missing } = coverageOf(message.query, texts)
  if (!covered) return notCoveredSentence(missing)
  const read = done.flatMap(call => linesRead(call))
  const sources =
    read.length > 0 ? read : passages.map(({ file, startLine, text }) => ({ file, lines: numbered(text, startLine) }))
  const sentences = runsOf(sources).flatMap(({ file, lines }) =>
    sentencesOf(file, lines, headingAt(passages, file, lines[0]?.number ?? 1)),
  )
  const chosen = relevantSentences(message.query, sentences, sentencesInAnswer)
  return chosen.length === 0 ? notCoveredSentence(missing) : chosen.map(one => `- ${cited(one)}`).join('\n')
}

function isCovered(message: UserMessage, passages: readonly FoundPassage[]): boolean {
  return coverageOf(
    message.query,
    passages.map(({ heading, text }) => `${heading} ${text}`),
  ).covered
}

/** The calls after the last user message, with their results. */
function finishedCalls(messages: readonly ChatMessage[]): FinishedCall[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
  const results = new Map(since.filter(({ role }) => role === 'tool').map(one => [one.tool_call_id, textOf(one)]))
  return since.flatMap(({ tool_calls: calls }) =>
    (calls ?? []).map(call => ({
      name: call.function.name,
      arguments: argumentsOf(call.function.arguments),
      result: results.get(call.id) ?? '',
    })),
  )
}

function argumentsOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** The best passages by how much of the query they hold, widened to whole paragraphs and merged where they touch. */
function rangesWorthReading(
  query: string,
  passages: readonly FoundPassage[],
): { file: string; from: number; to: number }[] {
  const words = contentWords(query)
  const ranked = passages
    .map((passage, rank) => {
      const stems = contentStems(`${passage.heading} ${passage.text}`)
      const matched = words.reduce((sum, word) => sum + (stems.has(word.stem) ? weightOf(word) : 0), 0)
      return { passage, value: matched - rank * 0.1 }
    })
    .sort((a, b) => b.value - a.value)
  const ranges: { file: string; from: number; to: number }[] = []
  for (const { passage } of ranked) {
    const from = passage.startLine
    const to = passage.endLine + linesAfter
    const near = ranges.find(range => range.file === passage.file && from <= range.to + 3 && to >= range.from - 3)
    if (near && Math.max(near.to, to) - Math.min(near.from, from) < linesPerRead) {
      near.from = Math.min(near.from, from)
      near.to = Math.max(near.to, to)
    } else if (ranges.length < readsPerTurn) ranges.push({ file: passage.file, from, to })
  }
  return ranges
}

function linesRead(call: FinishedCall): { file: string; lines: NumberedLine[] }[] {
  const target = readTarget(call.arguments)
  const lines = call.result.split('\n').flatMap(line => {
    const match = /^\s*(\d+)(?::|\t|\s\|)\s?(.*)$/.exec(line)
    return match ? { number: Number(match[1]), text: match[2] ?? '' } : []
  })
  return target && lines.length > 0 ? [{ file: target.file, lines }] : []
}

function numbered(text: string, first: number): NumberedLine[] {
  return text.split('\n').map((line, index) => ({ number: first + index, text: line }))
}

/** What a search result said about the place of a line. */
function headingAt(passages: readonly FoundPassage[], file: string, line: number): string {
  return passages.find(one => one.file === file && one.startLine <= line && line <= one.endLine)?.heading ?? ''
}

/** Joins what was read of each file, so that overlapping reads do not give a sentence twice. */
function runsOf(
  sources: readonly { file: string; lines: readonly NumberedLine[] }[],
): { file: string; lines: NumberedLine[] }[] {
  const files = new Map<string, Map<number, string>>()
  for (const { file, lines } of sources) {
    const known = files.get(file) ?? new Map<number, string>()
    for (const line of lines) known.set(line.number, line.text)
    files.set(file, known)
  }
  const runs: { file: string; lines: NumberedLine[] }[] = []
  for (const [file, known] of files) {
    let last = Number.NaN
    for (const [number, text] of [...known].sort(([a], [b]) => a - b)) {
      if (number !== last + 1) runs.push({ file, lines: [] })
      runs.at(-1)?.lines.push({ number, text })
      last = number
    }
  }
  return runs
}
