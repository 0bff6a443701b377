import { posix } from 'node:path'
import MiniSearch from 'minisearch'
import type { SkippedFile } from './document-files.js'
import { readDocuments } from './document-files.js'
import { DocumentLibraryError } from './document-library-error.js'
import type { Passage } from './passages.js'
import { splitIntoPassages } from './passages.js'
import { acronymsOf, contentWords, isStopWord, stemOf, wordsOf } from './words.js'

/** How a folder is opened. */
export interface DocumentLibraryOptions {
  /** File names that are not documents. @default ['SOURCES.md'] */
  readonly exclude?: readonly string[]
}

/** A passage that answers a search, best first. */
export interface DocumentHit extends Passage {
  /** `file:startLine-endLine`, unique in the library. */
  readonly id: string
  /** Path below the library's folder, with `/`. */
  readonly file: string
  /** The document's title and the heading above the passage, `Title › Heading`, without the part that repeats. */
  readonly heading: string
  /** Comparable within one search only; higher is better. */
  readonly score: number
  /** The words of the query that the passage or its headings contain, as the query spells them. */
  readonly matchedTerms: readonly string[]
}

interface IndexedPassage extends Passage {
  readonly id: string
  readonly file: string
  readonly title: string
  /** Both in one, as a hit shows them. */
  readonly trail: string
}

/** One call of {@link DocumentLibrary.read} returns at most this many lines. */
const linesPerRead = 200

/** Passages that begin before this line introduce their document. */
const introduction = 40

/** A folder of Markdown and text files, held in memory and indexed by passage. */
export class DocumentLibrary {
  readonly #documents: ReadonlyMap<string, readonly string[]>
  readonly #index: MiniSearch<IndexedPassage>
  readonly #passages: ReadonlyMap<string, IndexedPassage>
  /** Files below the folder that could not be used, with the reason. */
  readonly skipped: readonly SkippedFile[]

  private constructor(documents: ReadonlyMap<string, readonly string[]>, skipped: readonly SkippedFile[]) {
    this.#documents = documents
    this.skipped = skipped
    const passages = [...documents].flatMap(([file, lines]) => indexedPassages(file, lines))
    this.#passages = new Map(passages.map(passage => [passage.id, passage]))
    this.#index = new MiniSearch<IndexedPassage>({
      fields: ['text', 'heading', 'title'],
      tokenize: searchableWords,
      processTerm: term => (isStopWord(term) ? null : stemOf(term)),
      // what a document says first is what it is about
      searchOptions: {
        boost: { heading: 1.5, title: 1.5 },
        boostDocument: (_id, _term, stored) => ((stored?.['startLine'] as number) <= introduction ? 1.3 : 1),
      },
      storeFields: ['startLine'],
    })
    this.#index.addAll(passages)
  }

  /**
   * Loads and indexes a folder.
   * @throws DocumentLibraryError `folder-missing`, `not-a-folder`, `folder-unreadable`, or `no-documents` when no file
   * below the folder is readable text.
   */
  static async open(folder: string, options: DocumentLibraryOptions = {}): Promise<DocumentLibrary> {
    const { documents, skipped } = await readDocuments(folder, options.exclude ?? ['SOURCES.md'])
    if (documents.length === 0) {
      const notes = skipped.map(({ file, reason }) => `${file}: ${reason}`).join('; ')
      throw new DocumentLibraryError(
        'no-documents',
        `There is no readable .md or .txt file below ${folder}${notes && ` (left out: ${notes})`}`,
      )
    }
    return new DocumentLibrary(new Map(documents.map(({ file, lines }) => [file, lines])), skipped)
  }

  /** The documents, by path below the folder. */
  get files(): string[] {
    return [...this.#documents.keys()]
  }

  /** How many passages are indexed. */
  get passageCount(): number {
    return this.#passages.size
  }

  /**
   * The passages that match best, most relevant first; `[]` when no word of the query occurs. Words are compared
   * without inflection and case, common English words are ignored, and `WAL` answers for "write-ahead log".
   * @param limit at most this many hits, default 8
   */
  search(query: string, limit = 8): DocumentHit[] {
    const spelling = new Map(contentWords(query).map(word => [word.stem, word.text]))
    const hits: DocumentHit[] = []
    const asked = [query, ...acronymsOf(query).keys()].join(' ')
    for (const { id, score, queryTerms } of this.#index.search(asked).slice(0, Math.max(0, limit))) {
      const passage = this.#passages.get(id as string)
      if (!passage) continue
      const { file, startLine, endLine, trail: heading, text } = passage
      const matchedTerms = [...new Set(queryTerms)].map(term => spelling.get(term) ?? term)
      hits.push({ id: passage.id, file, startLine, endLine, heading, text, score, matchedTerms })
    }
    return hits
  }

  /**
   * Lines `fromLine` to `toLine` (from 1, both included) of a document, each as `number: text`. A `toLine` beyond the
   * end stops at the end; at most 200 lines are returned.
   * @throws DocumentLibraryError `outside-library` for a path that leaves the folder, `unknown-file`, `invalid-range`
   */
  read(file: string, fromLine: number, toLine: number): string {
    const lines = this.#linesOf(file)
    if (!Number.isInteger(fromLine) || !Number.isInteger(toLine) || fromLine < 1 || toLine < fromLine) {
      throw new DocumentLibraryError(
        'invalid-range',
        `Lines ${fromLine} to ${toLine} is not a range of whole lines from 1`,
      )
    }
    if (fromLine > lines.length) {
      throw new DocumentLibraryError(
        'invalid-range',
        `${file} has ${lines.length} lines, line ${fromLine} does not exist`,
      )
    }
    return lines
      .slice(fromLine - 1, Math.min(toLine, fromLine + linesPerRead - 1))
      .map((line, index) => `${fromLine + index}: ${line}`)
      .join('\n')
  }

  #linesOf(file: string): readonly string[] {
    const path = posix.normalize(file.replaceAll('\\', '/'))
    if (posix.isAbsolute(path) || path === '..' || path.startsWith('../') || /^[a-z]:/i.test(path)) {
      throw new DocumentLibraryError(
        'outside-library',
        `${file} is not inside the library; use a path that a search returned`,
      )
    }
    const lines = this.#documents.get(path)
    if (!lines) {
      throw new DocumentLibraryError(
        'unknown-file',
        `The library has no file ${file}; use a path that a search returned`,
      )
    }
    return lines
  }
}

function indexedPassages(file: string, lines: readonly string[]): IndexedPassage[] {
  const passages = splitIntoPassages(lines)
  const title = passages[0]?.heading || posix.basename(file).replace(/\.\w+$/, '')
  const documentTitle = /^#\s+(.+)$/m.exec(lines.slice(0, 20).join('\n'))?.[1] ?? title
  return passages.map(passage => {
    const id = `${file}:${passage.startLine}-${passage.endLine}`
    const repeats = passage.heading === '' || passage.heading === documentTitle
    const trail = repeats ? documentTitle : `${documentTitle} › ${passage.heading}`
    return { ...passage, id, file, title: documentTitle, trail }
  })
}

/** An identifier such as `sqlite3_open` is found under its whole name and under its parts. */
function searchableWords(text: string): string[] {
  return wordsOf(text).flatMap(word => (word.includes('_') ? [word, ...word.split('_').filter(Boolean)] : [word]))
}
