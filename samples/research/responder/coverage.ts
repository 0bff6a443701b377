import { contentStems, contentWords } from '../words.js'
import { weightOf } from './key-phrases.js'

/** How far some texts speak about the subject of a question. */
export interface Coverage {
  readonly covered: boolean
  /** The question's specific words that occur in none of the texts, as the question spells them. */
  readonly missing: readonly string[]
}

/** Below this share of the question's weight the texts are about something else. */
const enough = 0.4

/**
 * Judges whether `texts` can answer `question`. A word that stands in most of the texts tells little, one that stands in
 * none tells most, so a question about another subject is not covered by texts that share only its common words.
 */
export function coverageOf(question: string, texts: readonly string[]): Coverage {
  const words = contentWords(question)
  if (words.length === 0) return { covered: texts.length > 0, missing: [] }
  const stems = texts.map(contentStems)
  let found = 0
  let total = 0
  const missing: string[] = []
  for (const word of words) {
    const share = stems.filter(set => set.has(word.stem)).length / Math.max(1, texts.length)
    const weight = weightOf(word) * (1.5 - share)
    total += weight
    if (share > 0) found += weight
    else if (weightOf(word) === 1) missing.push(word.text)
  }
  return { covered: found / total >= enough, missing }
}

/** `“a”, “b” and “c”` */
export function quotedList(words: readonly string[]): string {
  const quoted = words.map(word => `“${word}”`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}
