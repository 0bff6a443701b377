import { acronymsOf, contentStems, contentWords } from '../words.js'
import { weightOf } from './key-phrases.js'
import type { SourceSentence } from './sentences.js'

/** A statement with its source, ready to be listed. */
export interface Statement {
  readonly text: string
  /** `file:line`, or undefined for text without a source. */
  readonly citation?: string
}

/** A statement and how well it answers the question it was ranked for. */
export interface RankedStatement extends Statement {
  readonly score: number
}

/**
 * The sentences that answer `question` best, best first, no two of them alike. A sentence that leans on the one before it
 * ("This is …") takes it along. Sentences that share too little with the question are left out, so the result may be [].
 */
export function relevantSentences(question: string, sentences: readonly SourceSentence[], limit: number): Statement[] {
  const scoreOf = relevanceTo(
    question,
    sentences.map(({ text }) => text),
  )
  const ranked: RankedStatement[] = []
  for (const [index, sentence] of sentences.entries()) {
    const score = scoreOf(sentence.text, sentence.heading, sentence.leadIn)
    if (score === 0) continue
    const before = sentences[index - 1]
    const joined = leansOnPrevious(sentence.text) && before !== undefined && follows(before, sentence)
    if (leansOnPrevious(sentence.text) && !joined) continue
    const text = joined ? `${before.text} ${sentence.text}` : sentence.text
    if (text.length > 420) continue
    const citation = `${sentence.file}:${joined ? before.line : sentence.line}`
    ranked.push({ text, citation, score: score * (sentence.position === 0 ? 1.15 : 1) })
  }
  return withoutRepetition(ranked.sort((a, b) => b.score - a.score)).slice(0, limit)
}

/**
 * Ranks statements that were already chosen: all are kept, in order of relevance to `question`, except those that repeat
 * one before them.
 */
export function rankStatements(question: string, statements: readonly Statement[]): RankedStatement[] {
  const scoreOf = relevanceTo(
    question,
    statements.map(({ text }) => text),
  )
  const ranked = statements.map(statement => ({ ...statement, score: scoreOf(statement.text) }))
  return withoutRepetition(ranked.sort((a, b) => b.score - a.score))
}

/** Whether two texts say the same: most of the shorter one's words are in the other. */
export function isAlike(a: string, b: string): boolean {
  const one = contentStems(a)
  const other = contentStems(b)
  const common = [...one].filter(stem => other.has(stem)).length
  return common / Math.max(1, Math.min(one.size, other.size)) > 0.7
}

/**
 * A score from 0 (shares too little) upwards for texts of one collection: the weight of the question's words in it, rare
 * ones counting more. Words that only the introduction of the list or the heading has count in part.
 */
function relevanceTo(
  question: string,
  collection: readonly string[],
): (text: string, heading?: string, leadIn?: string) => number {
  const acronyms = acronymsOf(question)
  const stemsIn = (text: string) => {
    const stems = contentStems(text)
    for (const [acronym, meant] of acronyms) {
      if (stems.has(acronym.toLowerCase())) meant.forEach(stem => stems.add(stem))
    }
    return stems
  }
  const sets = collection.map(stemsIn)
  const words = contentWords(question).map(word => {
    const frequency = sets.filter(set => set.has(word.stem)).length
    const rarity = Math.log(1 + (sets.length + 1) / (frequency + 1))
    const specific = weightOf(word) === 1
    return { stem: word.stem, specific, weight: (specific ? 1 : 0.6) * rarity, present: frequency > 0 }
  })
  const total = sumOf(words.filter(({ present }) => present))
  const specificTotal = sumOf(words.filter(({ present, specific }) => present && specific))
  return (text, heading = '', leadIn = '') => {
    const places = [
      { stems: stemsIn(text), share: 1 },
      { stems: stemsIn(leadIn), share: 0.7 },
      { stems: stemsIn(heading), share: 0.4 },
    ]
    const shareOf = (stem: string) => places.find(({ stems }) => stems.has(stem))?.share ?? 0
    const found = words.map(word => ({ ...word, weight: word.weight * shareOf(word.stem) }))
    const matched = sumOf(found) / Math.max(total, Number.MIN_VALUE)
    // a sentence that only shares "problem" or "example" with the question is about something else
    const onSubject = sumOf(found.filter(({ specific }) => specific)) >= 0.4 * specificTotal
    return matched < 0.45 || !onSubject ? 0 : matched * fluency(text)
  }
}

function sumOf(words: readonly { weight: number }[]): number {
  return words.reduce((sum, { weight }) => sum + weight, 0)
}

/** Long, very short and pointing sentences read badly outside their text. */
function fluency(text: string): number {
  const length = text.split(' ').length
  const size = length < 6 ? 0 : length < 10 ? 0.8 : length > 45 ? 0.7 : 1
  const points =
    /\?$|^\(|\b(?:figure|diagram|section|chapter|above|below|this article|this document|see the|see also)\b/i.test(text)
  return size * (points ? 0.5 : 1)
}

function leansOnPrevious(text: string): boolean {
  return /^["'(]*(?:This|These|That|Those|It|They|He|She|Such|But|And|Or|So|Also|Hence|Thus|However|Therefore|Otherwise|Instead|Then|Because of this|In (?:this|that|these|those|other)|For (?:this|that|these)|The (?:latter|former|same|previous|second|third|other)|Another|Similarly|Nevertheless|Even so|As a result|Note that)\b/.test(
    text,
  )
}

function follows(before: SourceSentence, sentence: SourceSentence): boolean {
  return (
    before.file === sentence.file &&
    before.paragraph === sentence.paragraph &&
    before.position === sentence.position - 1 &&
    sentence.line - before.line < 8 &&
    !leansOnPrevious(before.text) &&
    !before.text.endsWith('?')
  )
}

function withoutRepetition(ranked: readonly RankedStatement[]): RankedStatement[] {
  const kept: RankedStatement[] = []
  for (const one of ranked) {
    if (!kept.some(other => isAlike(one.text, other.text))) kept.push(one)
  }
  return kept
}
