import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory, with those around it, if it is not there. Not with `recursive`, which goes on for ever where there can be no
 * directory and the system says that the one around it is missing, as it does below `/proc`.
 * @throws what the system answers
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return
  const around = dirname(path)
  if (around !== path) makeDirectory(around)
  try {
    mkdirSync(path)
  } catch (thrown) {
    // Another process was quicker.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  }
}
