/** English words that carry no subject of their own; they are neither indexed nor searched for. */
const stopWords = new Set(
  `a about above after again all also am an and any anything are as at be because been before being below between both
  but by can cannot could did do does doing done down during each either else etc even ever every few for from further
  had has have having he her here hers him his how however i if in instead into is it its itself just let like many may
  me might more most much must my neither no nor not now of off often on once one only onto or other others otherwise
  our out over own per please rather same shall she should since so some something still such than that the their them
  then there these they this those though through thus to too under until up upon us very via was we were what whatever
  when where whether which while who whom whose why will with within without would yet you your tell don doesn isn
  aren didn won t s re ve ll d m`.split(/\s+/),
)

/** Forms which no suffix rule reaches. */
const irregular = new Map([
  ['indices', 'index'],
  ['indexes', 'index'],
  ['lost', 'loss'],
  ['lose', 'loss'],
  ['loses', 'loss'],
  ['losing', 'loss'],
  ['faster', 'fast'],
  ['fastest', 'fast'],
  ['slower', 'slow'],
  ['written', 'writ'],
  ['wrote', 'writ'],
  ['chosen', 'choos'],
  ['chose', 'choos'],
  ['broken', 'break'],
  ['survival', 'surviv'],
  ['data', 'data'],
])

/** A word of a text: as it stands there, lower-cased and stemmed. */
export interface Word {
  readonly text: string
  readonly stem: string
}

/** The words of `text` in order, stop words included. A name such as `sqlite3_open` is one word. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+/gu) ?? []
}

/** Whether a word (any case) says nothing about the subject of a sentence. */
export function isStopWord(word: string): boolean {
  return stopWords.has(word.toLowerCase())
}

/** The words that carry meaning, each stem once, in order of appearance. */
export function contentWords(text: string): Word[] {
  const seen = new Map<string, Word>()
  for (const text_ of wordsOf(text)) {
    if (isStopWord(text_) || (text_.length < 2 && !/\d/.test(text_))) continue
    const stem = stemOf(text_)
    if (!seen.has(stem)) seen.set(stem, { text: text_, stem })
  }
  return [...seen.values()]
}

/** The stems of the words that carry meaning. */
export function contentStems(text: string): Set<string> {
  return new Set(contentWords(text).map(word => word.stem))
}

/**
 * The short forms that runs of three and more words of `text` have, each with the stems of its words: `WAL` for
 * "write-ahead log". Short forms are upper case.
 */
export function acronymsOf(text: string): Map<string, string[]> {
  const words = wordsOf(text)
  const acronyms = new Map<string, string[]>()
  for (let start = 0; start < words.length; start++) {
    for (let length = 3; length <= 5 && start + length <= words.length; length++) {
      const run = words.slice(start, start + length)
      if (run.some(isStopWord)) break
      acronyms.set(
        run
          .map(word => word.charAt(0))
          .join('')
          .toUpperCase(),
        run.map(stemOf),
      )
    }
  }
  return acronyms
}

/**
 * Cuts English inflection so that `locks`, `locked` and `locking` meet; lower-cases. Light on purpose: it only has to
 * map the forms of one word to one key, not to produce a dictionary form.
 */
export function stemOf(word: string): string {
  const lower = word.toLowerCase()
  const fixed = irregular.get(lower)
  if (fixed !== undefined) return fixed
  // identifiers and numbers have no inflection
  if (lower.length < 4 || /[\d_]/.test(lower)) return lower
  return withoutFinalE(withoutDerivation(withoutVerbEnding(withoutPlural(lower))))
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2)
  if (word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1)
  return word
}

function withoutVerbEnding(word: string): string {
  const stem = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(word)?.[1]
  if (stem === undefined || stem.length < 3) return word
  // committed, running: the doubled consonant belongs to the ending
  return /([bdgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem
}

function withoutDerivation(word: string): string {
  if (word.length < 6) return word
  return word
    .replace(/ability$/, 'able')
    .replace(/ibility$/, 'ible')
    .replace(/ency$/, 'ent')
    .replace(/ance$/, 'ant')
    .replace(/ery$/, 'er')
    .replace(/lure$/, 'l')
    .replace(/([st])ion$/, '$1')
    .replace(/ly$/, '')
    .replace(/or$/, 'e')
}

function withoutFinalE(word: string): string {
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word
}
