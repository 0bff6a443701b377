import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ensureError } from '../../errors/index.js'
import { quoted } from '../arguments/quoted.js'
import type { CommandCall } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { UsageError } from '../usage-error.js'
import { makeDirectory } from './make-directory.js'
import { projectManifest } from './project-manifest.js'

/** The files of a new project, and the template of each. */
const templates: Readonly<Record<string, string>> = {
  'tsconfig.json': 'tsconfig.json.txt',
  // npm leaves files of this name out of packages.
  '.gitignore': 'gitignore.txt',
  'README.md': 'README.md.txt',
  'src/article.ts': 'src/article.ts.txt',
  'src/model.ts': 'src/model.ts.txt',
  'test/article.test.ts': 'test/article.test.ts.txt',
}

/** `advancer init`. */
export async function initProject({ args, io, terminal }: CommandCall): Promise<ExitCode> {
  const directory = resolve(io.cwd, args.positionals[0] ?? '.')
  const name = packageName(args.value('name'), directory)
  const files = new Map([['package.json', `${JSON.stringify(projectManifest(name), undefined, 2)}\n`]])
  for (const [file, template] of Object.entries(templates)) {
    const text = await readFile(new URL(`./template/${template}`, import.meta.url), 'utf8')
    files.set(file, text.replaceAll('{{name}}', name))
  }
  const there = [...files.keys()].filter(file => existsSync(join(directory, file)))
  if (there.length > 0 && !args.has('force')) {
    throw new UsageError(
      `Nothing was written, because there is already: ${there.join(', ')}. Choose another directory, or write over them with --force.`,
    )
  }
  for (const [file, text] of files) await write(join(directory, file), text, args.has('force'))
  const shown = relative(io.cwd, directory)
  for (const file of files.keys()) terminal.out.line(join(shown, file))
  const { cyan } = terminal.err.styles
  terminal.note('')
  terminal.note('Next:')
  const steps = ['npm install', 'npm test', 'npm start -- --input-text Tides']
  for (const step of shown === '' ? steps : [`cd ${quoted(shown)}`, ...steps]) terminal.note(`  ${cyan(step)}`)
  return ExitCode.Ok
}

async function write(path: string, text: string, overwrites: boolean): Promise<void> {
  try {
    await makeDirectory(dirname(path))
    // Through a link that leads to no file, something would be written elsewhere.
    await writeFile(path, text, { flag: overwrites ? 'w' : 'wx' })
  } catch (thrown) {
    throw new UsageError(`${path} cannot be written: ${ensureError(thrown).message}.`, thrown)
  }
}

/** @throws UsageError for a name that npm would refuse */
function packageName(given: string | undefined, directory: string): string {
  if (given !== undefined) {
    if (/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(given) && given.length <= 214) return given
    throw new UsageError(
      `--name ${JSON.stringify(given)} is no name for a package: lower case letters, digits, "-", "." and "_".`,
    )
  }
  const name = basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
  return name === '' || name === 'advancer' ? 'article' : name
}
