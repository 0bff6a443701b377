import 'reflect-metadata'
import { stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { OrchestrationCancelledError, OrchestrationError } from 'advancer'
import { DocumentLibrary } from './document-library.js'
import { DocumentLibraryError } from './document-library-error.js'
import { openModelServer } from './model-server.js'
import type { Report } from './payloads.js'
import { Progress } from './progress.js'
import { ResearchOrchestration } from './research-orchestration.js'

const usage = `Usage: npm start -- "question" [--documents <folder>] [--output <file.md>]

  --documents <folder>  Markdown and text files to search (default: the documents that come with this sample)
  --output <file.md>    write the report to a file as well

With OPENAI_API_KEY set (and, if wanted, OPENAI_BASE_URL and OPENAI_MODEL) that model is used.`

/** Something the person at the terminal can mend; printed as one line. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { question, documents, output } = readArguments()
  if (output !== undefined) await checkOutput(output)
  const library = await DocumentLibrary.open(documents)
  const server = await openModelServer(process.env)
  const progress = new Progress(process.stderr)
  const abort = new AbortController()
  const onInterrupt = (): void => abort.abort(new Error('interrupted'))
  process.once('SIGINT', onInterrupt)
  try {
    process.stderr.write(
      `${server.description}\nDocuments: ${library.files.length} files in ${documents}\n${leftOut(library)}`,
    )
    const { client, model } = server
    const orchestration = new ResearchOrchestration({ client, model, library })
    const run = orchestration.start(question, { signal: abort.signal })
    run.events$.subscribe(event => progress.show(event))
    const text = markdown(await run.result)
    progress.close()
    process.stdout.write(`\n${text}`)
    if (output !== undefined) await write(output, text)
  } finally {
    progress.close()
    process.off('SIGINT', onInterrupt)
    await server.close()
  }
}

function readArguments(): {
  readonly question: string
  readonly documents: string
  readonly output: string | undefined
} {
  const options = { documents: { type: 'string' }, output: { type: 'string' }, help: { type: 'boolean' } } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`)
  }
  const { values, positionals } = parsed
  if (values.help === true) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  const question = positionals.join(' ').trim()
  if (question === '') throw new UsageError(`Ask a question.\n\n${usage}`)
  const documents = values.documents ?? fileURLToPath(new URL('documents', import.meta.url))
  return { question, documents, output: values.output }
}

function markdown({ title, summary, content }: Report): string {
  return `# ${title}\n\n${summary}\n\n${content.trim()}\n`
}

/** Says early what would be found out only after the work: a model may cost money. */
async function checkOutput(file: string): Promise<void> {
  const isFolder = async (path: string): Promise<boolean> =>
    (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  if (file.trim() === '') throw new UsageError('--output needs the name of a file')
  if (await isFolder(file)) throw new UsageError(`The report could not be written to ${file}: it is a folder`)
  const folder = dirname(file)
  if (!(await isFolder(folder))) {
    throw new UsageError(`The report could not be written to ${file}: there is no folder ${folder}`)
  }
}

function leftOut({ skipped }: DocumentLibrary): string {
  if (skipped.length === 0) return ''
  const shown = skipped.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`)
  const more = skipped.length > shown.length ? `, and ${skipped.length - shown.length} more` : ''
  return `Left out: ${shown.join(', ')}${more}\n`
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new UsageError(`The report could not be written to ${file}: ${(error as Error).message}`)
  }
  process.stderr.write(`Report written to ${file}\n`)
}

/** One line that says what is wrong; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof DocumentLibraryError) return error.message
  if (error instanceof OrchestrationCancelledError) return error.message
  if (OrchestrationError.isInstance(error)) {
    const cause = error.cause instanceof Error ? error.cause : error
    return cause.message
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = error instanceof OrchestrationCancelledError ? 130 : 1
})
