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
  for (const file of files.filter(name => name.endsWith('.json')).sort()) {
    const shown = relative(cwd, join(path, file))
    const json = await readJson(join(path, file), shown)
    try {
      found.set(workflowId(file), parseWorkflow(json))
    } catch (thrown) {
      throw inFile(shown, thrown)
    }
  }
  return found
}

/** The id under which the workflow of a file is kept. */
export function workflowId(file: string): string {
  return nameOf(file).replaceAll(/[^\w.-]+/g, '-')
}
