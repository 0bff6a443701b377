import { tool } from 'advancer'
import type { DocumentLibrary } from './document-library.js'
import { ReadArguments, SearchArguments } from './payloads.js'

/** Hits that the model is shown at once. */
const hitsPerSearch = 10

/** The two tools by which an agent uses a library: find passages, and read lines with their numbers. */
export function libraryTools(library: DocumentLibrary) {
  return [
    tool({
      name: 'search_documents',
      description: 'Finds the passages that fit a query best. Returns file, lines, heading and text of each.',
      parameters: SearchArguments,
      execute: ({ query }) => library.search(query, hitsPerSearch),
    }),
    tool({
      name: 'read_document',
      description: 'Reads lines of a file, each with its number in front.',
      parameters: ReadArguments,
      execute: ({ file, fromLine, toLine }) => library.read(file, fromLine, toLine),
    }),
  ]
}
