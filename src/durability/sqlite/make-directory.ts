import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, with those around it, if it is not there. Not with `recursive`, which goes on for ever where there can be no
 * directory and the system says that the one around it is missing, as it does below `/proc`.
 * @throws what the system answers
 */
export function makeDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return
  if (found !== undefined) throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: 'ENOTDIR' })
  const around = dirname(path)
  if (around !== path) makeDirectory(around)
  try {
    mkdirSync(path)
  } catch (thrown) {
    // Another process was quicker.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  }
}
