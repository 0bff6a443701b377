import type { Word } from '../words.js'
import { contentWords, isStopWord, stemOf } from '../words.js'

/** A search that helps to answer a question, and what it is meant to find. */
export interface PlannedQuery {
  readonly query: string
  readonly informationType: string
}

/** Words that questions use without naming their subject; they count little when a subject is looked for. */
const unspecific = new Set(
  `achieve advantage advice affect allow avoid benefit best better big care case cause choose compare
  consider deal describe detail difference different difficult disadvantage easy effect ensure example exist explain
  explanation feature find get give go good guarantee handle happen help implement important improve information issue
  keep kind know lack large let limit limitation main make manage manner matter mean method multiple need number new offer overview part
  possible prevent problem protect provide put question reason recommend right risk run say several situation single small step
  stay store suitable summary support survive take tell thing think time tradeoff type various understand use useful user want way
  well work worry wrong`
    .split(/\s+/)
    .map(stemOf),
)

/** How much a word tells about the subject: 1, or 0.3 for words such as "use", "problem", "example". */
export function weightOf(word: Word): number {
  return unspecific.has(word.stem) ? 0.3 : 1
}

/**
 * The phrases of `text` in order of weight (RAKE): runs of words between stop words and punctuation, each word scored by
 * the company it keeps. A phrase without a specific word is left out.
 */
export function keyPhrases(text: string): string[] {
  const phrases = [...new Set(candidatesOf(text).map(words => words.join(' ')))].map(phrase => phrase.split(' '))
  const frequency = new Map<string, number>()
  const degree = new Map<string, number>()
  for (const word of phrases.flatMap(words => words.map(word => ({ stem: stemOf(word), length: words.length })))) {
    frequency.set(word.stem, (frequency.get(word.stem) ?? 0) + 1)
    degree.set(word.stem, (degree.get(word.stem) ?? 0) + word.length)
  }
  const scoreOf = (words: string[]) =>
    words.reduce((sum, text_) => {
      const stem = stemOf(text_)
      return sum + weightOf({ text: text_, stem }) * ((degree.get(stem) ?? 0) / (frequency.get(stem) ?? 1))
    }, 0)
  return phrases
    .filter(words => specificWordsIn(words.join(' ')) > 0)
    .map(words => ({ phrase: words.join(' '), score: scoreOf(words) }))
    .sort((a, b) => b.score - a.score)
    .map(({ phrase }) => phrase)
}

/**
 * Three to five searches for a question: all its content words, its strongest phrases, and the subject together with
 * what readers of a report want besides the plain answer.
 */
export function planQueries(question: string): PlannedQuery[] {
  const all = [...new Set(candidatesOf(question).flat())].join(' ')
  if (all === '') return []
  const phrases = keyPhrases(question)
  // every specific word stays, so that a search for an aspect cannot drift to another subject
  const specific = candidatesOf(question)
    .flat()
    .filter(word => specificWordsIn(word) > 0)
  const subject = [...new Set(specific)].slice(0, 5).join(' ') || all
  const candidates: PlannedQuery[] = [
    { query: all, informationType: 'direct answer' },
    ...phrases
      .filter(phrase => specificWordsIn(phrase) > 1)
      .slice(0, 2)
      .map(query => ({ query, informationType: 'background' })),
    { query: `${subject} problems`, informationType: 'problems and limits' },
    { query: `${subject} example`, informationType: 'examples' },
    { query: `${subject} advantages`, informationType: 'advantages' },
  ]
  const seen = new Set<string>()
  const distinct = candidates.filter(({ query }) => {
    const key = contentWords(query)
      .map(word => word.stem)
      .sort()
      .join(' ')
    return !seen.has(key) && seen.add(key)
  })
  return distinct.slice(0, 4)
}

function specificWordsIn(text: string): number {
  return contentWords(text).filter(word => !unspecific.has(word.stem)).length
}

function candidatesOf(text: string): string[][] {
  const phrases: string[][] = []
  for (const part of text.split(/[.,;:!?()[\]"“”\n]+|\s[-–—]\s/)) {
    let open: string[] = []
    for (const word of part.match(/[\p{L}\p{N}_]+(?:-[\p{L}\p{N}_]+)*/gu) ?? []) {
      if (!isStopWord(word)) open.push(word)
      else if (open.length > 0) {
        phrases.push(open)
        open = []
      }
    }
    if (open.length > 0) phrases.push(open)
  }
  return phrases
}
