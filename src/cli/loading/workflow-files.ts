import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { ensureError } from '../../errors/index.js'
import { parseWorkflow, type Workflow } from '../../workflow/index.js'
import { UsageError } from '../usage-error.js'
import { nameOf } from './compile-definition.js'
import { inFile } from './in-file.js'
import { readJson } from './load-definition.js'

/** The workflows in the `.json` files of a directory, by the names of the files. @throws what is wrong with them; UsageError */
export async function workflowsIn(directory: string, cwd: string): Promise<ReadonlyMap<string, Workflow>> {
  const path = resolve(cwd, directory)
  const files = await readdir(path).catch((thrown: unknown) => {
    throw new UsageError(`The directory ${directory} cannot be read: ${ensureError(thrown).message}.`, thrown)
  })
  const found = new Map<string, Workflow>()
  const names = new Map<string, string>()
  // What begins with a dot is no workflow of the user, but what an editor or a system keeps there.
  for (const file of files.filter(name => /^[^.].*\.json$/.test(name)).sort()) {
    const shown = relative(cwd, join(path, file))
    const id = workflowId(file)
    const same = names.get(id)
    if (same !== undefined) {
      throw new UsageError(`${shown} and ${same} would both be called "${id}". Give one of them another name.`)
    }
    names.set(id, shown)
    const json = await readJson(join(path, file), shown)
    try {
      found.set(id, parseWorkflow(json))
    } catch (thrown) {
      throw inFile(shown, thrown)
    }
  }
  return found
}

/** The id under which the workflow of a file is kept: letters and digits of any script, and what is none of them as hyphens. */
export function workflowId(file: string): string {
  // Some systems take the marks of letters apart in names of files.
  return nameOf(file)
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}_.-]+/gu, '-')
}
