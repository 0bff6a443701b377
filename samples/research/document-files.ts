import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { DocumentLibraryError } from './document-library-error.js'

/** A document as read from disk. */
export interface DocumentFile {
  /** Path below the folder, with `/` on every system. */
  readonly file: string
  readonly lines: readonly string[]
}

/** A file that was left out, and why. */
export interface SkippedFile {
  readonly file: string
  readonly reason: string
}

const largestFile = 5 * 1024 * 1024

/**
 * Reads every `.md`, `.markdown` and `.txt` file below `folder`, sorted by path. Hidden folders and `node_modules` are
 * not entered, links that lead out of the folder are not followed; files that cannot be read as text are reported in
 * `skipped` instead of failing the whole load.
 */
export async function readDocuments(
  folder: string,
  exclude: readonly string[],
): Promise<{ documents: DocumentFile[]; skipped: SkippedFile[] }> {
  const root = await rootOf(folder)
  const documents: DocumentFile[] = []
  const skipped: SkippedFile[] = []
  const visit = async (directory: string) => {
    const entries = await readdir(directory, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name)
      const file = relative(root, path).split(sep).join('/')
      if (entry.isDirectory()) {
        if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
        await visit(path).catch(error => skipped.push({ file: `${file}/`, reason: reasonOf(error) }))
      } else if (entry.isSymbolicLink() && !(await staysInside(path, root))) {
        skipped.push({ file, reason: 'a link that leads out of the folder or to a folder' })
      } else if (/\.(?:md|markdown|txt)$/i.test(entry.name) && !exclude.includes(entry.name)) {
        const result = await readText(path)
        if ('lines' in result) documents.push({ file, lines: result.lines })
        else skipped.push({ file, reason: result.reason })
      }
    }
  }
  await visit(root).catch(error => {
    throw new DocumentLibraryError('folder-unreadable', `Cannot read the folder ${folder}: ${reasonOf(error)}`, {
      cause: error,
    })
  })
  return { documents, skipped }
}

async function rootOf(folder: string): Promise<string> {
  const found = await stat(folder).catch(error => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new DocumentLibraryError(
      missing ? 'folder-missing' : 'folder-unreadable',
      missing ? `There is no folder ${folder}` : `Cannot read the folder ${folder}: ${reasonOf(error)}`,
      { cause: error },
    )
  })
  if (!found.isDirectory()) {
    throw new DocumentLibraryError('not-a-folder', `${folder} is a file; give the folder that holds the documents`)
  }
  return realpath(folder)
}

async function staysInside(path: string, root: string): Promise<boolean> {
  try {
    const target = await realpath(path)
    return target.startsWith(root + sep) && (await stat(target)).isFile()
  } catch {
    return false
  }
}

async function readText(path: string): Promise<{ lines: string[] } | { reason: string }> {
  try {
    const found = await stat(path)
    // Reading a pipe would wait for ever.
    if (!found.isFile()) return { reason: 'not a regular file' }
    const { size } = found
    if (size > largestFile) return { reason: `larger than ${largestFile / 1024 / 1024} MB` }
    const bytes = await readFile(path)
    if (bytes.includes(0)) return { reason: 'binary content' }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const lines = text.split(/\r?\n/)
    if (lines.at(-1) === '') lines.pop()
    return lines.some(line => line.trim() !== '') ? { lines } : { reason: 'empty' }
  } catch (error) {
    return { reason: error instanceof TypeError ? 'not UTF-8 text' : reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  return error instanceof Error ? error.message : String(error)
}
