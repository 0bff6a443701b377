import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory, with those around it, if it is not there. Not with `recursive`, which goes on for ever where there can be no
 * directory and the system says that the one around it is missing, as it does below `/proc`.
 * @throws what the system answers
 */
export async function makeDirectory(path: string): Promise<void> {
  if (existsSync(path)) return
  const around = dirname(path)
  if (around !== path) await makeDirectory(around)
  await mkdir(path)
}
